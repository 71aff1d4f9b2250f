// The view of verified blocks above the last final one that fork choice works on. The chain's index implements it; nothing here stores anything.

import { assert } from '@resonancenet/bytes/assert';

/**
 * A candidate: a fully verified block with all its chunks at hand (CON-24). Times are milliseconds of one clock that the node persists.
 */
export interface ForkBlock {
  /** Lower-case hex; for reports only. */
  readonly id: string;
  readonly height: number;
  /** The block it builds on; null for the root of the view, which is the last final block. */
  readonly parent: ForkBlock | null;
  /** Micro-nats, from the header. */
  readonly valLoss: number;
  readonly parentLoss: number;
  /** From when on its header counts as seen (`countedSeenAt` of late.ts). */
  readonly seenAt: number;
  /** From when on a rival's header at this height is late (`revealedAt` of late.ts); Infinity: never. */
  readonly revealedAt: number;
}

/** The last block that both branches have in common. */
export function forkPoint(a: ForkBlock, b: ForkBlock): ForkBlock {
  let left = a;
  let right = b;
  while (left !== right) {
    const deeper = left.height >= right.height ? left : right;
    const next = deeper.parent;
    assert(next !== null, `blocks ${a.id} and ${b.id} have no common ancestor above the final block`);
    if (deeper === left) left = next;
    else right = next;
  }
  return left;
}

/** The blocks of a branch above `fork`, lowest first. */
export function branchAbove(tip: ForkBlock, fork: ForkBlock): ForkBlock[] {
  const branch: ForkBlock[] = [];
  for (let block: ForkBlock | null = tip; block !== fork; block = block.parent) {
    assert(block !== null, `block ${tip.id} does not descend from ${fork.id}`);
    branch.push(block);
  }
  return branch.reverse();
}
