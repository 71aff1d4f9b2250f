// Single random draw: coins in a random order until they suffice with change. Nobody can tell from it which coins a wallet has.

import { type Candidate, type Selection, type SelectionGoal, selectionOf } from './selection-goal.ts';

/** An integer from 0 to below the limit, each as likely as any other. */
export type RandomBelow = (limit: number) => number;

/** null: so many coins are not allowed, or all of them are not enough. */
export function singleRandomDraw<T>(
  candidates: readonly Candidate<T>[],
  goal: SelectionGoal,
  random: RandomBelow,
): Selection<T> | null {
  const order = [...candidates];
  const wanted = goal.target + goal.changeFee + goal.leastChange;
  let reached = 0n;
  // Fisher and Yates' shuffle, only as far as it is used.
  for (let count = 0; count < order.length && count < goal.maxInputs; count++) {
    const drawn = count + random(order.length - count);
    [order[count], order[drawn]] = [order[drawn]!, order[count]!];
    reached += order[count]!.effective;
    if (reached >= wanted) return selectionOf(order.slice(0, count + 1), goal);
  }
  return null;
}
