// What the exact evaluation says about a block's claims (CON-22, CON-23).

import type { BlockHeader } from '@resonancenet/primitives/header';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { MAX_VAL_LOSS } from '@resonancenet/params/protocol-constants';
import { aggregateLoss, valLossOf } from './loss.ts';
import { ACCEPTED, reject, type Verdict } from './verdict.ts';

/** One evaluated window: its index in the D_val and its exact sum, or null if a value was not finite (EVAL-3). */
export interface EvaluatedWindow {
  readonly window: number;
  readonly sum: number | null;
}

/**
 * Compares evaluated windows, in any order and as many as there are, with the claimed sums of a body that passed `checkWindowSums`. The first
 * that differs decides; the facts then say what val_loss is at least. Accepted means: nothing evaluated so far differs.
 */
export function checkEvaluation(
  header: Pick<BlockHeader, 'valLoss'>,
  claimedSums: readonly number[],
  evaluated: readonly EvaluatedWindow[],
  params: NetworkParams,
): Verdict {
  let total = 0n;
  for (const [count, { window, sum: computed }] of evaluated.entries()) {
    if (computed === null) return reject('evaluation-non-finite', { window });
    total += BigInt(computed);
    const claimed = claimedSums[window]!;
    if (computed !== claimed) {
      const windows = params.dval.windows;
      return reject('evaluation-window-sum', {
        window,
        claimed,
        computed,
        claimedLoss: header.valLoss,
        lossAtLeast: valLossOf(total, windows * params.dval.windowSize),
        evaluatedWindows: count + 1,
        windows,
      });
    }
  }
  return ACCEPTED;
}

/**
 * What a block that changes the D_val is compared with, micro-nats: its parent's loss there, from all window sums; null: a value is not finite,
 * so that there is none (CON-23).
 */
export function parentLossOn(
  parentSums: readonly number[] | null,
  parentValLoss: number,
  params: NetworkParams,
): number {
  return parentSums === null
    ? Math.min(2 * parentValLoss, MAX_VAL_LOSS)
    : aggregateLoss(parentSums, params.dval.windowSize).valLoss;
}

/** `parent_loss` of a block that changes the D_val against the evaluation of its parent's checkpoint on the new one (CON-23). */
export function checkParentEvaluation(
  header: Pick<BlockHeader, 'parentLoss'>,
  parentSums: readonly number[] | null,
  parentValLoss: number,
  params: NetworkParams,
): Verdict {
  const computed = parentLossOn(parentSums, parentValLoss, params);
  return computed === header.parentLoss
    ? ACCEPTED
    : reject('evaluation-parent-loss', { claimed: header.parentLoss, computed });
}
