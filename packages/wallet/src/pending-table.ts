// Transactions of the wallet that are in no block: table `pending`, key txid; and which outputs they spend: table `claims`, key outpoint as in
// `coins`, value txid.

import { bool, type Codec, struct, u64 } from '@resonancenet/bytes/codec';
import { equalBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { coinKey } from '@resonancenet/ledger/coin';
import type { TxId } from '@resonancenet/primitives/ids';
import { type Outpoint, type Transaction, transactionCodec, txid } from '@resonancenet/primitives/transaction';
import { readCoin } from './coin-table.ts';
import { decodeStored } from './wallet-changes.ts';
import type { WalletAccounts } from './wallet-accounts.ts';
import type { WalletReader, WalletView } from './wallet-view.ts';

export interface PendingTransaction {
  readonly txid: TxId;
  /** When the wallet first saw it, Unix milliseconds. */
  readonly addedMs: bigint;
  /** Whether all its inputs are the wallet's, so that nobody else can replace it: what it pays to the wallet may be spent. */
  readonly own: boolean;
  readonly transaction: Transaction;
}

type StoredPending = Omit<PendingTransaction, 'txid'>;

const pendingCodec: Codec<StoredPending> = struct<StoredPending>({
  addedMs: u64,
  own: bool,
  transaction: transactionCodec,
});

export function readPending(view: WalletReader, id: TxId): PendingTransaction | null {
  const bytes = view.get('pending', id);
  return bytes === null ? null : pendingOf(id, bytes);
}

export function* walkPending(view: WalletReader): Iterable<PendingTransaction> {
  for (const [id, bytes] of view.range('pending', new Uint8Array(0), null)) yield pendingOf(id, bytes);
}

/** Id of the unconfirmed transaction that spends an output, or null. */
export function pendingSpender(view: WalletReader, { txid, index }: Outpoint): TxId | null {
  return view.get('claims', coinKey(txid, index));
}

/**
 * A transaction that was sent, or that came into the node's pool. One that neither pays nor spends the wallet's is left out (false). Those that spend
 * what it spends are replaced by it, with all that spend their outputs.
 */
export function addPending(
  view: WalletView,
  accounts: WalletAccounts,
  transaction: Transaction,
  addedMs: bigint,
): boolean {
  const id = txid(transaction);
  const owned = transaction.inputs.filter(({ outpoint }) => isOurs(view, accounts, outpoint)).length;
  if (owned === 0 && transaction.outputs.every((output) => accounts.placeOf(output) === null)) return false;
  for (const { outpoint } of transaction.inputs) removeSpenderOf(view, outpoint, id);
  const own = owned === transaction.inputs.length;
  view.put('pending', id, encode(pendingCodec, { addedMs, own, transaction }));
  for (const { outpoint } of transaction.inputs) view.put('claims', coinKey(outpoint.txid, outpoint.index), id);
  return true;
}

/** Takes out an unconfirmed transaction that was dropped or given up, with all that spend its outputs. */
export function removePending(view: WalletView, id: TxId): void {
  const pending = readPending(view, id);
  if (pending === null) return;
  for (const index of pending.transaction.outputs.keys()) {
    const child = pendingSpender(view, { txid: id, index });
    if (child !== null) removePending(view, child);
  }
  forgetPending(view, pending);
}

/** A block has the transaction: what spends its outputs goes on waiting. Whatever else spends its inputs never comes. */
export function settlePending(view: WalletView, id: TxId, transaction: Transaction): void {
  for (const { outpoint } of transaction.inputs) removeSpenderOf(view, outpoint, id);
  const pending = readPending(view, id);
  if (pending !== null) forgetPending(view, pending);
}

/** Whether an output, in a block or of a waiting transaction, is the wallet's. */
function isOurs(view: WalletReader, accounts: WalletAccounts, outpoint: Outpoint): boolean {
  if (readCoin(view, outpoint) !== null) return true;
  const output = readPending(view, outpoint.txid)?.transaction.outputs[outpoint.index];
  return output !== undefined && accounts.placeOf(output) !== null;
}

function removeSpenderOf(view: WalletView, outpoint: Outpoint, but: TxId): void {
  const spender = pendingSpender(view, outpoint);
  if (spender !== null && !equalBytes(spender, but)) removePending(view, spender);
}

function forgetPending(view: WalletView, { txid: id, transaction }: PendingTransaction): void {
  view.delete('pending', id);
  for (const { outpoint } of transaction.inputs) view.delete('claims', coinKey(outpoint.txid, outpoint.index));
}

function pendingOf(id: TxId, bytes: Uint8Array): PendingTransaction {
  const { addedMs, own, transaction } = decodeStored(pendingCodec, bytes);
  return { txid: id, addedMs, own, transaction };
}
