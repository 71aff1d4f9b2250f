// Growth of the model along the chain (CON-5; white paper 4.1). Everything follows from the parent's header and the block's timestamp,
// so a miner knows the shape before it trains.

import type { ModelShape } from '@resonancenet/model/shape';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { BASE_GROWTH, LAYER_THRESHOLD } from '@resonancenet/params/protocol-constants';
import { stallInterval } from './timing.ts';

/** What growth needs of the parent's header. */
export interface GrowthParent {
  readonly height: number;
  /** Unix seconds. */
  readonly timestamp: bigint;
  /** Cumulative, uncapped. */
  readonly growth: bigint;
}

export interface NextGrowth {
  /** `growth` of the block. */
  readonly growth: bigint;
  /** `stagnation` of the block: stall rounds that it counts. */
  readonly stagnation: number;
  /** The shape that the block's checkpoint must have. */
  readonly shape: ModelShape;
}

/** The network's shape at a cumulative growth (MOD-2). */
export function shapeAt(growth: bigint, params: NetworkParams): ModelShape {
  const { baseShape, capShape, vocabulary } = params;
  return {
    vocab: vocabulary.size,
    baseWidth: baseShape.width,
    width: Math.min(
      baseShape.width + BASE_GROWTH * atMost(growth / BigInt(BASE_GROWTH), capShape.width),
      capShape.width,
    ),
    layers: Math.min(baseShape.layers + atMost(growth / BigInt(LAYER_THRESHOLD), capShape.layers), capShape.layers),
  };
}

/** Growth of `rounds` stall rounds: the sum over s = 1 .. rounds of floor(2 (patience + s) / patience). */
export function stallGrowth(rounds: number, patience: number): number {
  let sum = 0;
  for (let s = 1; s <= rounds; s += 1) sum += Math.floor((BASE_GROWTH * (patience + s)) / patience);
  return sum;
}

/** Growth, stagnation and shape of a block with this parent and timestamp (CON-5). */
export function nextGrowth(parent: GrowthParent, timestamp: bigint, params: NetworkParams): NextGrowth {
  const stagnation = stallRounds(parent, timestamp, params);
  const growth = parent.growth + BigInt(stallGrowth(stagnation, params.patience) + BASE_GROWTH);
  return { growth, stagnation, shape: shapeAt(growth, params) };
}

/** Whole stall intervals between parent and block, at most `patience`; none for block 1, whose parent was never mined. */
function stallRounds(parent: GrowthParent, timestamp: bigint, params: NetworkParams): number {
  if (parent.height === 0 || timestamp <= parent.timestamp) return 0;
  const interval = BigInt(stallInterval(shapeAt(parent.growth, params), params));
  return atMost((timestamp - parent.timestamp) / interval, params.patience);
}

/** A bigint as a number, cut at a bound, because growth and timestamps may exceed 2^53. */
function atMost(value: bigint, bound: number): number {
  return value > BigInt(bound) ? bound : Number(value);
}
