// Emission return (LED-20): the queue of outputs that go back to the pool, table `deadlines` (LED-29).
// Key: deadline u32 big-endian || txid || index u32 big-endian; the value is empty. The deadline is the one known when the output was entered; its
// coin says which, so that a spend takes the entry away.

import { writeBigEndian } from '@resonancenet/bytes/big-endian';
import { assert } from '@resonancenet/bytes/assert';
import type { PolicyId } from '@resonancenet/primitives/ids';
import { hasOutputSince, leaveAge } from './ages.ts';
import { type Coin, decodeCoin, encodeCoin } from './coin.ts';
import type { LedgerReader, LedgerView } from './ledger-view.ts';
import { canSign, policyBlocks, returns } from './policy-id.ts';
import { readPolicy } from './policy-registry.ts';
import type { MutableTotals } from './totals.ts';

/** Entries of the queue that one block looks at. */
export const RETURNS_PER_BLOCK = 4096;

const nothing = new Uint8Array(0);
const COIN_KEY_AT = 4;

/** Height from which on the output cannot be spent; null: its policy does not return. `lastSign`: the policy's. */
export function returnDeadline(coin: Pick<Coin, 'policyId' | 'height'>, lastSign: number): number | null {
  return returns(coin.policyId) ? Math.max(coin.height, lastSign) + policyBlocks(coin.policyId) : null;
}

/** Enters an output, by the key of its coin, which is in the queue under no other deadline. */
export function enterQueue(view: LedgerView, key: Uint8Array, deadline: number): void {
  view.create('deadlines', queueKey(deadline, key), nothing);
}

/** Takes an entry away; `queued` is the coin's. */
export function leaveQueue(view: LedgerView, key: Uint8Array, queued: number): void {
  view.remove('deadlines', queueKey(queued, key), nothing);
}

/**
 * Before the transactions of the block at `height`: of the entries that are due the first `limit` are settled. Outputs whose policy gave a sign of
 * life since they were entered are entered anew, the others return.
 */
export function settleReturns(view: LedgerView, totals: MutableTotals, height: number, limit: number): void {
  const due: Uint8Array[] = [];
  for (const [key] of view.range('deadlines', nothing, queueKey(height + 1, nothing))) {
    if (due.length === limit) break;
    due.push(key);
  }
  for (const key of due) settle(view, totals, key, height);
}

/** Whether an output of this emission-return policy must return by `height` and has not yet (LED-13). `lastSign`: the policy's. */
export function isReturnDue(view: LedgerReader, id: PolicyId, lastSign: number, height: number): boolean {
  const blocks = policyBlocks(id);
  return lastSign + blocks <= height && hasOutputSince(view, id, height - blocks);
}

function settle(view: LedgerView, totals: MutableTotals, entry: Uint8Array, height: number): void {
  const key = entry.slice(COIN_KEY_AT);
  const bytes = view.get('coins', key);
  assert(bytes !== null, 'what waits to return is unspent');
  const coin = decodeCoin(bytes);
  const signable = canSign(coin.policyId);
  const lastSign = signable ? readPolicy(view, coin.policyId).lastSign : 0;
  const deadline = returnDeadline(coin, lastSign);
  assert(deadline !== null && deadline >= coin.queued, 'what waits to return has a deadline that only moves forward');
  view.delete('deadlines', entry);
  if (deadline > coin.queued) {
    view.put('coins', key, encodeCoin({ ...coin, queued: deadline }));
    enterQueue(view, key, deadline);
    return;
  }
  view.delete('coins', key);
  if (signable) leaveAge(view, totals, coin.policyId, coin.amount, coin.height, lastSign, height);
  totals.unspent -= coin.amount;
  totals.returned += coin.amount;
}

function queueKey(deadline: number, coinKey: Uint8Array): Uint8Array {
  const key = new Uint8Array(COIN_KEY_AT + coinKey.length);
  writeBigEndian(key, 0, deadline);
  key.set(coinKey, COIN_KEY_AT);
  return key;
}
