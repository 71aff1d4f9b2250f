// A transaction that spends what is not there: its parents may be on their way, or it comes too late.

import { toHex } from '@resonancenet/bytes/hex';
import type { Hex32 } from '@resonancenet/chain/events';
import { coinKey } from '@resonancenet/ledger/coin';
import type { LedgerReader } from '@resonancenet/ledger/ledger-view';
import type { TxId } from '@resonancenet/primitives/ids';
import type { ParsedTransaction } from './parsed-transaction.ts';
import type { TransactionGraph } from './transaction-graph.ts';

/**
 * Transactions of which nothing is known, neither in the pool nor in the state, and whose outputs it spends. What is known but has no such
 * output, or none that is unspent, will not come.
 */
export function missingParents(
  { transaction }: ParsedTransaction,
  graph: Pick<TransactionGraph, 'get'>,
  view: LedgerReader,
): Hex32[] {
  const missing = new Set<Hex32>();
  for (const { outpoint } of transaction.inputs) {
    const id = toHex(outpoint.txid);
    if (missing.has(id) || view.get('coins', coinKey(outpoint.txid, outpoint.index)) !== null) continue;
    if (graph.get(id) !== null || hasOutputs(outpoint.txid, view)) return [];
    missing.add(id);
  }
  return [...missing];
}

/** Whether the state has an unspent output of a transaction. */
export function hasOutputs(txid: TxId, view: LedgerReader): boolean {
  for (const _ of view.range('coins', coinKey(txid, 0), coinKey(txid, 0xffff_ffff))) return true;
  return false;
}
