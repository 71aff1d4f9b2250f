// The history of an account as people read it (WAL-35): what waits first, then what blocks hold, newest first.

import type { TxId } from '@resonancenet/primitives/ids';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { readTip } from './account-state.ts';
import { readCoin } from './coin-table.ts';
import { type HistoryEntry, walkHistoryBack } from './history-table.ts';
import { readPending, walkPending } from './pending-table.ts';
import type { WalletAccount } from './wallet-account.ts';
import type { WalletReader } from './wallet-view.ts';
import { atOnce, PER_PART, type Work } from './work.ts';

/** What a waiting transaction would do to an account. Amounts in resonances. */
export interface PendingEntry {
  readonly txid: TxId;
  readonly addedMs: bigint;
  readonly credit: bigint;
  readonly debit: bigint;
}

export interface HistoryPage {
  readonly pending: readonly PendingEntry[];
  /** Newest first. */
  readonly entries: readonly HistoryEntry[];
}

/** The newest `limit` entries after leaving out `skip` of them. */
export function historyOf(view: WalletReader, account: WalletAccount, limit: number, skip = 0): HistoryPage {
  return atOnce(historyInParts(view, account, limit, skip));
}

/** The same; what is left out takes time too. */
export function* historyInParts(
  view: WalletReader,
  account: WalletAccount,
  limit: number,
  skip = 0,
): Work<HistoryPage> {
  const entries: HistoryEntry[] = [];
  let seen = 0;
  for (const entry of walkHistoryBack(view, account.number, readTip(view)?.height ?? 0)) {
    if (seen >= skip + limit) break;
    if (seen >= skip) entries.push(entry);
    seen += 1;
    if (seen % PER_PART === 0) yield;
  }
  return { pending: skip === 0 ? pendingOf(view, account) : [], entries };
}

export function pendingOf(view: WalletReader, account: WalletAccount): PendingEntry[] {
  const found: PendingEntry[] = [];
  for (const { txid, addedMs, transaction } of walkPending(view)) {
    const credit = creditOf(account, transaction);
    const debit = debitOf(view, account, transaction);
    if (credit > 0n || debit > 0n) found.push({ txid, addedMs, credit, debit });
  }
  return found.sort((a, b) => (a.addedMs < b.addedMs ? 1 : a.addedMs > b.addedMs ? -1 : 0));
}

function creditOf(account: WalletAccount, { outputs }: Transaction): bigint {
  let credit = 0n;
  for (const output of outputs) if (account.placeOfOutput(output) !== null) credit += output.amount;
  return credit;
}

function debitOf(view: WalletReader, account: WalletAccount, { inputs }: Transaction): bigint {
  let debit = 0n;
  for (const { outpoint } of inputs) {
    const coin = readCoin(view, outpoint);
    if (coin?.account === account.number) debit += coin.amount;
    const output = coin === null ? readPending(view, outpoint.txid)?.transaction.outputs[outpoint.index] : undefined;
    if (output !== undefined && account.placeOfOutput(output) !== null) debit += output.amount;
  }
  return debit;
}
