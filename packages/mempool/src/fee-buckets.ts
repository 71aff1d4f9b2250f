// Fee rates in classes, each a fifth wider than the one below.

import { assert } from '@resonancenet/bytes/assert';
import type { FeeRate } from './fee-rate.ts';

/** Classes: the highest begins at about 10^5 times the least rate. */
export const BUCKETS = 64;

/** Lower bounds, ascending; the first is `least`. */
export function bucketBounds(least: FeeRate): readonly FeeRate[] {
  assert(least >= 5n, `classes of rates begin at 5 resonances per 1,000 bytes, not at ${least}`);
  const bounds: FeeRate[] = [];
  for (let bound = least; bounds.length < BUCKETS; bound = (bound * 6n) / 5n) bounds.push(bound);
  return bounds;
}

/** The class of a rate; what is below all belongs to the first. */
export function bucketOf(rate: FeeRate, bounds: readonly FeeRate[]): number {
  let low = 0;
  for (let high = bounds.length; high - low > 1; ) {
    const middle = (low + high) >> 1;
    if (bounds[middle]! <= rate) low = middle;
    else high = middle;
  }
  return low;
}
