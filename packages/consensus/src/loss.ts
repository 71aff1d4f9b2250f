// From window sums to val_loss, in integers (EVAL-12).

import { assert } from '@resonancenet/bytes/assert';
import { LOSS_QUANTA_PER_NAT, MAX_TARGET_LOSS, MICRO_NATS_PER_NAT } from '@resonancenet/params/protocol-constants';

export interface AggregateLoss {
  /** Sum of the window sums, quanta of 2^-16 nats. */
  readonly total: bigint;
  /** ceil(total * 10^6 / (tokens * 65536)): micro-nats per target, u32. */
  readonly valLoss: number;
}

/** Largest sum that a window of so many targets can have. */
export function maxWindowSum(windowSize: number): number {
  return windowSize * MAX_TARGET_LOSS;
}

/**
 * val_loss of a validation set of whole windows, `windowSize` targets each, in any order.
 * @throws AssertionFailure on an empty list or a sum that no window can have; check claimed sums before (CON-15).
 */
export function aggregateLoss(windowSums: ArrayLike<number>, windowSize: number): AggregateLoss {
  assert(windowSums.length > 0 && windowSize > 0, 'a validation set has at least one window of at least one target');
  const limit = maxWindowSum(windowSize);
  let total = 0n;
  for (let i = 0; i < windowSums.length; i += 1) {
    const sum = windowSums[i]!;
    assert(Number.isInteger(sum) && sum >= 0 && sum <= limit, `window sum ${sum} is not an integer from 0 to ${limit}`);
    total += BigInt(sum);
  }
  return { total, valLoss: valLossOf(total, windowSums.length * windowSize) };
}

/** val_loss of a total over so many targets; also a lower bound of it where `total` is a part of the whole. */
export function valLossOf(total: bigint, tokens: number): number {
  const divisor = BigInt(tokens) * BigInt(LOSS_QUANTA_PER_NAT);
  return Number((total * BigInt(MICRO_NATS_PER_NAT) + divisor - 1n) / divisor);
}
