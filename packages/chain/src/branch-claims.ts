// What a header's claims, taken as true, would do to the tip (CON-24): only that decides whether anything more is fetched for it.

import { compareBranches, type Comparison, reachOf } from '@resonancenet/consensus/fork-choice';
import { nats } from '@resonancenet/consensus/explain';
import type { BlockNode } from './block-node.ts';
import type { MachineContext } from './machine-context.ts';

/** Compares a block as if it and everything below it were verified with the highest verified block of the active chain. */
export function compareClaims({ active, index }: MachineContext, node: BlockNode): Comparison {
  return compareBranches(active.anchor, node, Math.max(reachOf([...index.verified()]), node.height));
}

/** Whether neither the rules nor the operator forbid the block or one below it, down to the active chain. */
export function isBranchAllowed({ active }: MachineContext, node: BlockNode): boolean {
  for (let at: BlockNode | null = node; at !== null && !active.contains(at); at = at.parent)
    if (!at.isAllowed) return false;
  return true;
}

/** Why the challenger stays behind, with both numbers. */
export function explainLoss(comparison: Comparison, activeHeight: number, challengerHeight: number): string {
  const { active, challenger, fork, reach, reason } = comparison;
  const scores = `after the fork at height ${fork.height} the losses up to height ${reach} add up to ${nats(Number(active.score))} on the active branch and to ${nats(Number(challenger.score))} on this one (less wins)`;
  const falls = `the active branch falls by ${nats(Number(active.fall))}, this one by ${nats(Number(challenger.fall))}`;
  switch (reason) {
    case 'score':
      return `a rival won: ${scores}; ${falls}`;
    case 'height':
      return `scores are equal and the active branch is higher: ${activeHeight} against ${challengerHeight}; ${scores}`;
    case 'incumbent':
      return `scores and heights are equal, and the active branch was there first; ${scores}`;
    case 'late':
      return `late at height ${comparison.lateHeight}: its header came after all chunks of the active block, so it must fall by a quarter more, ${nats(Math.ceil((Number(active.fall) * 5) / 4))}; ${falls}`;
  }
}
