// Which of the verified branches is active (CON-25 to CON-28). Pure: the same view gives the same answer.

import { assert } from '@resonancenet/bytes/assert';
import { type BranchScore, branchScore } from './branch-score.ts';
import { branchAbove, type ForkBlock, forkPoint } from './fork-tree.ts';
import { lateHeight, outweighsLateness } from './late.ts';

/** Why one of two branches is preferred. */
export type Reason =
  /** Its score is lower. */
  | 'score'
  /** Scores are equal and it is higher. */
  | 'height'
  /** Scores and heights are equal and it was there first. */
  | 'incumbent'
  /** The challenger has the better score or height, but is late and does not fall by a quarter more. */
  | 'late';

export interface Comparison {
  readonly prefer: 'active' | 'challenger';
  readonly reason: Reason;
  readonly fork: ForkBlock;
  readonly active: BranchScore;
  readonly challenger: BranchScore;
  /** The first height at which the challenger is late, or null. */
  readonly lateHeight: number | null;
  /** N: the height up to which both lines are summed. */
  readonly reach: number;
}

/**
 * Compares a challenger's tip with the active one. `reach` is N, the greatest height of any verified tip; an ancestor of the active tip is a
 * shorter branch like any other, and never wins.
 */
export function compareBranches(activeTip: ForkBlock, challengerTip: ForkBlock, reach: number): Comparison {
  const fork = forkPoint(activeTip, challengerTip);
  const activeBranch = branchAbove(activeTip, fork);
  const challengerBranch = branchAbove(challengerTip, fork);
  const active = branchScore(fork, activeBranch, reach);
  const challenger = branchScore(fork, challengerBranch, reach);
  const late = lateHeight(activeBranch, challengerBranch);
  const facts = { fork, active, challenger, lateHeight: late, reach };
  const by = order(active.score, activeTip.height, challenger.score, challengerTip.height);
  if (by.prefer === 'challenger' && late !== null && !outweighsLateness(challenger.fall, active.fall)) {
    return { prefer: 'active', reason: 'late', ...facts };
  }
  return { ...by, ...facts };
}

/** The order of CON-26: lower score, then greater height, then the one that is active. */
function order(
  activeScore: bigint,
  activeHeight: number,
  challengerScore: bigint,
  challengerHeight: number,
): Pick<Comparison, 'prefer' | 'reason'> {
  if (challengerScore !== activeScore) {
    return { prefer: challengerScore < activeScore ? 'challenger' : 'active', reason: 'score' };
  }
  if (challengerHeight !== activeHeight) {
    return { prefer: challengerHeight > activeHeight ? 'challenger' : 'active', reason: 'height' };
  }
  return { prefer: 'active', reason: 'incumbent' };
}

export interface Selection {
  readonly tip: ForkBlock;
  /** The comparisons that moved the tip, first to last; empty if it stays. */
  readonly moves: readonly Comparison[];
}

/** N of CON-25: the greatest height of any verified tip. */
export function reachOf(tips: readonly ForkBlock[]): number {
  return tips.reduce((reach, tip) => Math.max(reach, tip.height), 0);
}

/**
 * The tip to follow. `tips` are all verified blocks without verified children, the active one among them or not; `activeTip` is the present
 * tip. Of the challengers that beat it the best moves up, and again until none does; every move improves (score, height), so this ends.
 * Among equal challengers the one seen first wins.
 */
export function selectTip(tips: readonly ForkBlock[], activeTip: ForkBlock): Selection {
  const reach = reachOf([activeTip, ...tips]);
  const inOrder = tips.toSorted((a, b) => a.seenAt - b.seenAt);
  const moves: Comparison[] = [];
  let current = activeTip;
  for (;;) {
    const winners = inOrder.filter(
      (tip) => tip !== current && compareBranches(current, tip, reach).prefer === 'challenger',
    );
    const [first, ...others] = winners;
    if (first === undefined) return { tip: current, moves };
    assert(
      moves.length <= tips.length,
      'every move of the tip is an improvement, so there are no more moves than tips',
    );
    // Among those that may replace the tip, lateness is settled: plain order decides.
    const best = others.reduce((a, b) => (plainlyBetter(b, a, reach) ? b : a), first);
    moves.push(compareBranches(current, best, reach));
    current = best;
  }
}

/** Whether `a` comes before `b` in the order of CON-26 without regard to lateness; false if they tie. */
export function plainlyBetter(a: ForkBlock, b: ForkBlock, reach: number): boolean {
  const fork = forkPoint(a, b);
  const scores = [a, b].map((tip) => branchScore(fork, branchAbove(tip, fork), reach).score);
  return order(scores[1]!, b.height, scores[0]!, a.height).prefer === 'challenger';
}
