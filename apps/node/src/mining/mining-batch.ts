// How many windows a miner takes into one update.

import { shapeAt } from '@resonancenet/consensus/growth';
import { parameterCount } from '@resonancenet/model/shape';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { defaultBatch } from '@resonancenet/training/recipe';

/**
 * A run whose rates fall to zero learns most from updates of two windows; a miner is looked at every few seconds at full rates, where those
 * of two are too noisy and those of eight too few (docs/adr/0012-rivals-progress.md).
 */
const smallest = 4;

/** Windows per update on this network. */
export function miningBatch(params: NetworkParams): number {
  return Math.max(smallest, defaultBatch(parameterCount(shapeAt(0n, params))));
}
