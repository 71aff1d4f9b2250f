// What of the chain's state decides whether a transaction may be in the next block, beside the outputs that it spends: when the tip moves, only
// those are judged anew for which it matters.

import { toHex } from '@resonancenet/bytes/hex';
import { returnDeadline } from '@resonancenet/ledger/deadlines';
import type { CheckedTransaction } from '@resonancenet/ledger/check-transaction';
import type { SpentCoin } from '@resonancenet/ledger/check-inputs';
import type { Leaf } from '@resonancenet/primitives/condition';
import { POLICY_TYPE } from '@resonancenet/primitives/policy';
import { NO_LOCK } from '@resonancenet/primitives/transaction';
import { decodeLockWitness } from '@resonancenet/primitives/witness';

export interface Sensitivity {
  /** It may be in blocks of this height and above, as far as locks in time say. */
  readonly validFrom: number;
  /** It may not be in blocks of this height and above: an output that it spends returns (LED-20). Infinity: none does. */
  readonly validBelow: number;
  /** The greatest height of a block that made an output that it spends; -1 if all of these are unconfirmed. */
  readonly highestCoin: number;
  /** Policies, as hex, whose signs of life and announcements decide about it. */
  readonly policies: readonly string[];
  /** What it may do and what it pays depends on what blocks do: it is judged anew after each. */
  readonly isVolatile: boolean;
}

/** What a checked transaction depends on, and the policies whose announced recovery it carries out. */
export interface Dependence {
  readonly sensitivity: Sensitivity;
  readonly recoveries: readonly string[];
}

/** `height`: of the next block, at which it was checked. */
export function dependenceOf(checked: CheckedTransaction, height: number, coinbaseMaturity: number): Dependence {
  const { transaction, spent, actions } = checked;
  let validFrom = transaction.lockTime < NO_LOCK ? transaction.lockTime + 1 : 0;
  let validBelow = Number.POSITIVE_INFINITY;
  let highestCoin = -1;
  const policies = new Set<string>();
  const recoveries = new Set<string>();
  for (const [index, { coin, policy }] of spent.entries()) {
    const { sequence } = transaction.inputs[index]!;
    const leaf = leafOfInput(checked, index);
    validFrom = Math.max(validFrom, coin.coinbase ? coin.height + coinbaseMaturity : 0, leafFrom(leaf, coin.height));
    if (sequence < NO_LOCK) validFrom = Math.max(validFrom, coin.height + sequence);
    validBelow = Math.min(validBelow, returnDeadline(coin, policy.lastSign) ?? Number.POSITIVE_INFINITY);
    if (coin.height < height) highestCoin = Math.max(highestCoin, coin.height);
    const id = toHex(coin.policyId);
    if (leaf.some(({ kind }) => kind === 'idle' || kind === 'announced')) policies.add(id);
    if (leaf.some(({ kind }) => kind === 'announced')) recoveries.add(id);
  }
  const isVolatile = actions.length > 0 || recoveries.size > 0;
  return {
    sensitivity: { validFrom, validBelow, highestCoin, policies: [...policies], isVolatile },
    recoveries: [...recoveries],
  };
}

function leafOfInput({ transaction, spent }: CheckedTransaction, index: number): Leaf {
  const { coin } = spent[index] as SpentCoin;
  if (coin.policyId[0] === POLICY_TYPE.base58) return [];
  const decoded = decodeLockWitness(transaction.inputs[index]!.witness);
  return decoded.ok ? decoded.witness.leaf : [];
}

/** The first height at which the leaf's locks in time are open. */
function leafFrom(leaf: Leaf, created: number): number {
  let from = 0;
  for (const condition of leaf) {
    if (condition.kind === 'after') from = Math.max(from, condition.height + 1);
    if (condition.kind === 'older') from = Math.max(from, created + condition.blocks);
  }
  return from;
}
