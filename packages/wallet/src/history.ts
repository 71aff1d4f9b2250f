// The history of an account as people read it (WAL-35): what waits first, then what blocks hold, newest first.

import type { TxId } from '@resonancenet/primitives/ids';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { readCoin } from './coin-table.ts';
import { type HistoryEntry, walkHistory } from './history-table.ts';
import { readPending, walkPending } from './pending-table.ts';
import type { WalletAccount } from './wallet-account.ts';
import type { WalletReader } from './wallet-view.ts';

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
  const entries = [...walkHistory(view, account.number)].reverse().slice(skip, skip + limit);
  return { pending: skip === 0 ? pendingOf(view, account) : [], entries };
}

function pendingOf(view: WalletReader, account: WalletAccount): PendingEntry[] {
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
