// What a transaction spends, and whether it may now (LED-8, LED-9, LED-20).

import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { rejectTransaction } from '@resonancenet/consensus/reject-transaction';
import type { Rejection } from '@resonancenet/consensus/verdict';
import { type Input, NO_LOCK, type Transaction } from '@resonancenet/primitives/transaction';
import { type Coin, coinKey, decodeCoin } from './coin.ts';
import { returnDeadline } from './deadlines.ts';
import type { LedgerContext } from './ledger-context.ts';
import type { LedgerReader } from './ledger-view.ts';
import { canSign } from './policy-id.ts';
import { type PolicyRecord, readPolicy, UNKNOWN_POLICY } from './policy-registry.ts';

/** An output that an input spends. */
export interface SpentCoin {
  /** In the table `coins`. */
  readonly key: Uint8Array;
  readonly coin: Coin;
  /** What is known of its policy. */
  readonly policy: PolicyRecord;
}

export type CheckedInputs = { readonly ok: true; readonly spent: readonly SpentCoin[] } | Rejection;

/** Height of a lock in time, or null if bit 31 says that there is none (BLK-10). */
function lockHeight(lock: number): number | null {
  return lock >= NO_LOCK ? null : lock;
}

/** The lock time (LED-8): in this form a lock time of `height - 1` is over. */
export function checkLockTime(transaction: Transaction, height: number): Rejection | null {
  const lockTime = lockHeight(transaction.lockTime);
  return lockTime === null || height > lockTime
    ? null
    : rejectTransaction(transaction, 'tx-lock-time', { lockTime, height });
}

/** The outputs that the inputs spend in a block at `height`, or the first that cannot be spent. */
export function checkInputs(
  transaction: Transaction,
  height: number,
  view: LedgerReader,
  { params }: LedgerContext,
): CheckedInputs {
  const spent: SpentCoin[] = [];
  for (let index = 0; index < transaction.inputs.length; index++) {
    const input = transaction.inputs[index]!;
    const key = coinKey(input.outpoint.txid, input.outpoint.index);
    const bytes = view.get('coins', key);
    if (bytes === null) return missing(transaction, index, input);
    const coin = decodeCoin(bytes);
    const policy = policyOf(coin, spent.at(-1), view);
    const refusal = checkTimes(transaction, index, coin, policy.lastSign, height, params.coinbaseMaturity);
    if (refusal !== null) return refusal;
    spent.push({ key, coin, policy });
  }
  return { ok: true, spent };
}

/** A wallet's inputs mostly have one policy: the record of the input before is used again. */
function policyOf(coin: Coin, before: SpentCoin | undefined, view: LedgerReader): PolicyRecord {
  if (before !== undefined && equalBytes(before.coin.policyId, coin.policyId)) return before.policy;
  return canSign(coin.policyId) ? readPolicy(view, coin.policyId) : UNKNOWN_POLICY;
}

function missing(transaction: Transaction, input: number, { outpoint }: Input): Rejection {
  const facts = { input, spends: toHex(outpoint.txid), index: outpoint.index };
  return rejectTransaction(transaction, 'tx-missing-input', facts);
}

function checkTimes(
  transaction: Transaction,
  input: number,
  coin: Coin,
  lastSign: number,
  height: number,
  maturity: number,
): Rejection | null {
  const age = height - coin.height;
  if (coin.coinbase && age < maturity) {
    return rejectTransaction(transaction, 'tx-immature-coinbase', { input, age, required: maturity });
  }
  const deadline = returnDeadline(coin, lastSign);
  if (deadline !== null && height >= deadline) {
    return rejectTransaction(transaction, 'tx-returned-input', { input, deadline, height });
  }
  const required = lockHeight(transaction.inputs[input]!.sequence);
  return required === null || age >= required
    ? null
    : rejectTransaction(transaction, 'tx-sequence', { input, age, required });
}
