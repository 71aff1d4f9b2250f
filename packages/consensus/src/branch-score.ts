// A branch's loss line and its score (CON-25).

import type { ForkBlock } from './fork-tree.ts';

export interface BranchScore {
  /** Sum of the line over heights fork + 1 .. N; lower is better. Negative where D_vals changed often. */
  readonly score: bigint;
  /** How far the line falls in all: the sum of parent_loss - val_loss. */
  readonly fall: bigint;
}

/**
 * Score of a branch given by its blocks above the fork, lowest first. The line starts at the fork block's val_loss, falls at each block by
 * parent_loss - val_loss, so that losses on different D_vals are never compared, and is held after the tip up to height `reach` (N).
 */
export function branchScore(fork: ForkBlock, branch: readonly ForkBlock[], reach: number): BranchScore {
  let fall = 0n;
  let score = 0n;
  for (const block of branch) {
    fall += BigInt(block.parentLoss - block.valLoss);
    score += BigInt(fork.valLoss) - fall;
  }
  const held = reach - fork.height - branch.length;
  score += BigInt(held) * (BigInt(fork.valLoss) - fall);
  return { score, fall };
}
