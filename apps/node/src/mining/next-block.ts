// What the next block must look like if it carries a given timestamp, and until when that holds.

import { dvalDeadline } from '@resonancenet/consensus/dval-rotation';
import { type NextGrowth, nextGrowth, shapeAt } from '@resonancenet/consensus/growth';
import { parentLossOn } from '@resonancenet/consensus/evaluation-checks';
import { aggregateLoss } from '@resonancenet/consensus/loss';
import { minSpacing, stallInterval } from '@resonancenet/consensus/timing';
import { toHex } from '@resonancenet/bytes/hex';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { LOSS_QUANTA_PER_NAT, MICRO_NATS_PER_NAT } from '@resonancenet/params/protocol-constants';
import type { BlockHeader } from '@resonancenet/primitives/header';

export interface NextBlock extends NextGrowth {
  readonly timestamp: bigint;
  /** Hex id of the D_val that it must use. */
  readonly dvalId: string;
  /** Whether it is another one than the parent's, so that the parent must be evaluated on it. */
  readonly dvalChanges: boolean;
  /** First second at which growth or D_val would be others; null if nothing changes any more. */
  readonly changesAt: bigint | null;
}

/** The earliest timestamp a child of this parent may carry. */
export function earliestTimestamp(parent: BlockHeader, params: NetworkParams): bigint {
  return parent.timestamp + BigInt(minSpacing(shapeAt(parent.growth, params), params));
}

/** Losses of the parent on other D_vals than its own, by hex id, micro-nats. */
export type ParentLosses = ReadonlyMap<string, number>;

/**
 * Hex id of the D_val that the chain asks of a child of the parent with this timestamp (LED-27). If that depends on a loss that neither the chain
 * nor `losses` know, it is the proposed set that the loss is needed on.
 */
export type DvalAt = (timestamp: bigint, losses: ParentLosses) => string;

/** Window sums of a checkpoint; `none`: it has no loss, because a value is not finite; null: it could not be evaluated now. */
export type EvaluatedSums = readonly number[] | 'none' | null;

/** A next block whose D_val is settled, with what its loss is compared with: the parent's window sums on it, or as good as them (CON-23). */
export interface SettledBlock {
  readonly next: NextBlock;
  readonly sums: readonly number[];
  readonly losses: ParentLosses;
}

/**
 * Works out the next block where its D_val may depend on the parent's loss on a proposed one: that loss is computed, and the question is put
 * again. null if a checkpoint cannot be evaluated now.
 */
export async function settleNextBlock(
  parent: BlockHeader,
  make: (losses: ParentLosses) => NextBlock,
  sumsOf: (dvalId: string) => Promise<EvaluatedSums>,
  params: NetworkParams,
): Promise<SettledBlock | null> {
  const losses = new Map<string, number>();
  for (let next = make(losses); ; ) {
    const sums = await sumsOf(next.dvalId);
    if (sums === null) return null;
    const loss = sums === 'none' ? Number.POSITIVE_INFINITY : aggregateLoss(sums, params.dval.windowSize).valLoss;
    losses.set(next.dvalId, loss);
    // Time has gone by.
    const again = make(losses);
    if (again.dvalId === next.dvalId)
      return { next: again, sums: sums === 'none' ? withoutLoss(parent, params) : sums, losses };
    next = again;
  }
}

/** Even window sums of what stands for the loss of a parent that has none. */
function withoutLoss(parent: BlockHeader, params: NetworkParams): number[] {
  const { windows } = params.dval;
  const total = Number(maxTotal(parentLossOn(null, parent.valLoss, params), params));
  return Array.from(
    { length: windows },
    (_, i) => Math.floor((total * (i + 1)) / windows) - Math.floor((total * i) / windows),
  );
}

/** The next block if it is made at `unixSeconds` (or as early as spacing allows, if that is later). */
export function nextBlock(
  parent: BlockHeader,
  unixSeconds: bigint,
  params: NetworkParams,
  dvalAt: (timestamp: bigint) => string,
): NextBlock {
  const earliest = earliestTimestamp(parent, params);
  const timestamp = unixSeconds > earliest ? unixSeconds : earliest;
  const dvalId = dvalAt(timestamp);
  return {
    ...nextGrowth(parent, timestamp, params),
    timestamp,
    dvalId,
    dvalChanges: dvalId !== toHex(parent.dvalId),
    changesAt: nextChange(parent, timestamp, params),
  };
}

function nextChange(parent: BlockHeader, timestamp: bigint, params: NetworkParams): bigint | null {
  if (parent.height === 0) return null;
  const interval = BigInt(stallInterval(shapeAt(parent.growth, params), params));
  const rounds = (timestamp - parent.timestamp) / interval;
  const nextRound = rounds < BigInt(params.patience) ? parent.timestamp + (rounds + 1n) * interval : null;
  const deadline = dvalDeadline(parent, params);
  const rotation = deadline !== null && timestamp < deadline ? deadline : null;
  if (nextRound === null || rotation === null) return nextRound ?? rotation;
  return nextRound < rotation ? nextRound : rotation;
}

/** The largest sum over all windows whose loss is at most `maxLoss` micro-nats (EVAL-12 turned around). */
export function maxTotal(maxLoss: number, params: NetworkParams): bigint {
  if (maxLoss < 0) return -1n;
  const tokens = params.dval.windows * params.dval.windowSize;
  return (BigInt(maxLoss) * BigInt(tokens) * BigInt(LOSS_QUANTA_PER_NAT)) / BigInt(MICRO_NATS_PER_NAT);
}
