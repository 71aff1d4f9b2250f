// Which coins a payment spends (WAL-41): three ways are tried, the least waste wins, with fewer inputs if that is the same.

import { branchAndBound } from './branch-and-bound.ts';
import { largestFirst } from './largest-first.ts';
import { byEffective, type Candidate, type Selection, type SelectionGoal } from './selection-goal.ts';
import { type RandomBelow, singleRandomDraw } from './single-random-draw.ts';
import { sorted, type Work } from '../work.ts';

export type SelectionResult<T> =
  | ({ readonly ok: true } & Selection<T>)
  /** `reachable`: what the allowed number of coins adds at most, their fees taken off; `all`: what all of them do. */
  | { readonly ok: false; readonly reachable: bigint; readonly all: bigint };

/** `coins` whose amount is at most the fee of their own input are left where they are. */
export function* selectCoins<T extends { readonly amount: bigint }>(
  coins: readonly T[],
  goal: SelectionGoal,
  random: RandomBelow,
): Work<SelectionResult<T>> {
  const worth: Candidate<T>[] = [];
  for (const coin of coins) {
    const effective = coin.amount - goal.inputFee;
    if (effective > 0n) worth.push({ coin, effective });
  }
  yield;
  const candidates = yield* sorted(worth, byEffective);
  const found = [
    yield* branchAndBound(candidates, goal),
    largestFirst(candidates, goal),
    singleRandomDraw(candidates, goal, random),
  ].filter((selection) => selection !== null);
  const [first, ...others] = found;
  if (first === undefined) {
    return { ok: false, reachable: sumOf(candidates.slice(0, goal.maxInputs)), all: sumOf(candidates) };
  }
  return { ok: true, ...others.reduce(lessWasteful, first) };
}

function lessWasteful<T>(a: Selection<T>, b: Selection<T>): Selection<T> {
  if (a.waste !== b.waste) return a.waste < b.waste ? a : b;
  return b.coins.length < a.coins.length ? b : a;
}

function sumOf(candidates: readonly Candidate<unknown>[]): bigint {
  return candidates.reduce((sum, { effective }) => sum + effective, 0n);
}
