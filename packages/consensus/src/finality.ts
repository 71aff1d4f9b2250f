// Finality and its alarm (CON-29, CON-30).

import type { NetworkParams } from '@resonancenet/params/network-params';

/** Depth of a fork from which on the operator is alarmed. */
export const ALARM_DEPTH = 3;

/** Spacings for which a node in sync must have had a block connected before it is final. */
export const FINALITY_SPACINGS = 3;

/** A block of the active branch, as finality sees it. */
export interface ConnectedBlock {
  readonly height: number;
  /** When it was connected, milliseconds of the node's monotonic clock; null if during catch-up or before a restart. */
  readonly connectedAt: number | null;
  /** The spacing that it kept from its parent, seconds. */
  readonly spacing: number;
}

/** The greatest height that can be final under a tip: `finalityDepth` blocks are on top of it. Never below genesis. */
export function finalityHeight(tipHeight: number, params: NetworkParams): number {
  return Math.max(0, tipHeight - params.finalityDepth);
}

/**
 * The final height after the tip moved or time passed. `blocks` are the active branch above `finalHeight`, lowest first; `now` is the
 * monotonic clock in milliseconds. Finality only moves forward, block by block.
 */
export function advanceFinality(
  finalHeight: number,
  blocks: readonly ConnectedBlock[],
  tipHeight: number,
  now: number,
  params: NetworkParams,
): number {
  const limit = finalityHeight(tipHeight, params);
  let final = finalHeight;
  for (const { height, connectedAt, spacing } of blocks) {
    if (height > limit) break;
    if (connectedAt !== null && now - connectedAt < 1000 * FINALITY_SPACINGS * spacing) break;
    final = height;
  }
  return final;
}

/** When `advanceFinality` should be asked again although no block came: the moment at which the next block's 3 spacings end, or null. */
export function nextFinalityMs(
  finalHeight: number,
  blocks: readonly ConnectedBlock[],
  tipHeight: number,
  params: NetworkParams,
): number | null {
  const next = blocks.find((block) => block.height > finalHeight);
  if (next === undefined || next.height > finalityHeight(tipHeight, params) || next.connectedAt === null) return null;
  return next.connectedAt + 1000 * FINALITY_SPACINGS * next.spacing;
}

/** Whether a fork this many blocks below the active tip is one for the operator to look at. */
export function isAlarming(activeTipHeight: number, forkHeight: number): boolean {
  return activeTipHeight - forkHeight >= ALARM_DEPTH;
}
