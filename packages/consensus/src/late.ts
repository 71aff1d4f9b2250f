// Theft of reveals: when a branch is late, and what a late one must bring (CON-27, CON-28).

import type { ForkBlock } from './fork-tree.ts';
import { FUTURE_MIN_SECONDS } from '@resonancenet/params/protocol-constants';

/** A late challenger's line must fall by at least 5/4 of the active one's. */
export const LATE_FALL_NUMERATOR = 4n;
export const LATE_FALL_DENOMINATOR = 5n;

/** A span in which the node was out of contact with a part of the network, milliseconds; `to` is null while it lasts. */
export interface Outage {
  readonly from: number;
  readonly to: number | null;
}

/** Time in which chunks must follow a header, and headers an outage: the block's spacing, at least 2 s. Milliseconds. */
export function followTimeMs(spacing: number): number {
  return 1000 * Math.max(FUTURE_MIN_SECONDS, spacing);
}

/**
 * From when on a header counts as seen: when it was first seen if all its chunks followed in time, else when the chunks were there. So headers
 * announced long before their weights reserve nothing.
 */
export function countedSeenAt(headerSeenAt: number, chunksAt: number, spacing: number): number {
  return chunksAt - headerSeenAt <= followTimeMs(spacing) ? headerSeenAt : chunksAt;
}

/**
 * From when on a rival's header at the height of a block is late: when the block's chunks were all at hand. If the node was out of contact
 * then, it cannot know what the others had announced: the moment moves to the follow time after contact, Infinity while the outage lasts.
 */
export function revealedAt(chunksAt: number, outages: readonly Outage[], spacing: number): number {
  let revealed = chunksAt;
  for (const { from, to } of outages) {
    if (chunksAt < from) continue;
    if (to === null) return Infinity;
    revealed = Math.max(revealed, to + followTimeMs(spacing));
  }
  return revealed;
}

/**
 * The lowest height at which the challenger's header was seen after the active branch's block was revealed, or null. Branches are blocks
 * above the fork, lowest first; heights that only one of them has decide nothing.
 */
export function lateHeight(active: readonly ForkBlock[], challenger: readonly ForkBlock[]): number | null {
  const rival = challenger.find((block, i) => active[i] !== undefined && block.seenAt > active[i].revealedAt);
  return rival?.height ?? null;
}

/** Whether a late challenger's fall is large enough: 4 x its fall >= 5 x the active one's. */
export function outweighsLateness(challengerFall: bigint, activeFall: bigint): boolean {
  return LATE_FALL_NUMERATOR * challengerFall >= LATE_FALL_DENOMINATOR * activeFall;
}
