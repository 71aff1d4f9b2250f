// Largest first: the fewest coins that suffice, with change if it can be had.

import { type Candidate, type Selection, type SelectionGoal, selectionOf } from './selection-goal.ts';

/** `sorted`: most first. null: so many coins as are allowed do not reach the target. */
export function largestFirst<T>(sorted: readonly Candidate<T>[], goal: SelectionGoal): Selection<T> | null {
  const wanted = goal.target + goal.changeFee + goal.leastChange;
  let reached = 0n;
  let sufficient: number | null = null;
  for (let count = 1; count <= sorted.length && count <= goal.maxInputs; count++) {
    reached += sorted[count - 1]!.effective;
    if (reached >= wanted) return selectionOf(sorted.slice(0, count), goal);
    if (reached >= goal.target) sufficient ??= count;
  }
  return sufficient === null ? null : selectionOf(sorted.slice(0, sufficient), goal);
}
