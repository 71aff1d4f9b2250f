// What the next block must look like if it carries a given timestamp, and until when that holds.

import { dvalDeadline, expectedDval } from '@resonancenet/consensus/dval-rotation';
import { type NextGrowth, nextGrowth, shapeAt } from '@resonancenet/consensus/growth';
import { minSpacing, stallInterval } from '@resonancenet/consensus/timing';
import { toHex } from '@resonancenet/bytes/hex';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { LOSS_QUANTA_PER_NAT, MICRO_NATS_PER_NAT } from '@resonancenet/params/protocol-constants';
import type { BlockHeader } from '@resonancenet/primitives/header';

export interface NextBlock extends NextGrowth {
  readonly timestamp: bigint;
  /** Hex id of the D_val in force. */
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

/** The next block if it is made at `unixSeconds` (or as early as spacing allows, if that is later). */
export function nextBlock(parent: BlockHeader, unixSeconds: bigint, params: NetworkParams): NextBlock {
  const earliest = earliestTimestamp(parent, params);
  const timestamp = unixSeconds > earliest ? unixSeconds : earliest;
  const dvalId = toHex(expectedDval(parent, timestamp, params));
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
