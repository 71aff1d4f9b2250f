// Outputs come and go: the coin itself and everything that counts it, in one place for all rules.

import type { TxId } from '@resonancenet/primitives/ids';
import type { Output } from '@resonancenet/primitives/transaction';
import { enterAge, leaveAge } from './ages.ts';
import { type Coin, coinKey, encodeCoin } from './coin.ts';
import { enterQueue, leaveQueue, returnDeadline } from './deadlines.ts';
import type { LedgerView } from './ledger-view.ts';
import { canSign, lapses, returns } from './policy-id.ts';
import type { MutableTotals } from './totals.ts';

/** Output `index` of a transaction becomes spendable by the block at `height`. */
export function createOutput(
  view: LedgerView,
  totals: MutableTotals,
  txid: TxId,
  index: number,
  output: Output,
  height: number,
  coinbase = false,
): void {
  const { amount, lockId, policyId } = output;
  const key = coinKey(txid, index);
  // Its policy's last sign of life is not after its creation.
  const queued = returnDeadline({ policyId, height }, 0) ?? 0;
  // No transaction has the id of another one: it would have to spend the same outputs again, and coinbases have their heights.
  view.create('coins', key, encodeCoin({ amount, lockId, policyId, height, coinbase, queued }));
  if (queued > 0) enterQueue(view, key, queued);
  if (isAged(policyId)) enterAge(view, policyId, amount, height);
  totals.unspent += amount;
}

/** An unspent output is spent by the block at `height`. `lastSign`: its policy's. */
export function spendOutput(
  view: LedgerView,
  totals: MutableTotals,
  key: Uint8Array,
  coin: Coin,
  lastSign: number,
  height: number,
): void {
  view.delete('coins', key);
  if (coin.queued > 0) leaveQueue(view, key, coin.queued);
  if (isAged(coin.policyId)) leaveAge(view, totals, coin.policyId, coin.amount, coin.height, lastSign, height);
  totals.unspent -= coin.amount;
}

/** Whether the ages know outputs of this policy. A heartbeat policy without terms lapses too. */
function isAged(id: Output['policyId']): boolean {
  return lapses(id) || (returns(id) && canSign(id));
}
