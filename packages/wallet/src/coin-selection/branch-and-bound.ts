// Branch and bound (Murch, Bitcoin Core): a set of coins that reaches the target without change, of the least waste that is found in a bounded
// number of steps. A depth-first search over taking and leaving each coin, the largest first.

import type { Work } from '../work.ts';
import { type Candidate, type Selection, type SelectionGoal, selectionOf } from './selection-goal.ts';

/** Steps after which the best set so far is taken. */
export const MAX_STEPS = 100_000;

const STEPS_PER_PART = 5_000;

/** `sorted`: most first. null: no such set was found. What is above the target is less than making and spending change costs. */
export function* branchAndBound<T>(sorted: readonly Candidate<T>[], goal: SelectionGoal): Work<Selection<T> | null> {
  const search = new Search(sorted, goal);
  yield;
  return (yield* search.run()) ? selectionOf(search.best!, goal) : null;
}

class Search<T> {
  best: readonly Candidate<T>[] | null = null;
  readonly #candidates: readonly Candidate<T>[];
  readonly #goal: SelectionGoal;
  /** The most that may be reached: with more, change is cheaper. */
  readonly #most: bigint;
  readonly #wastePerInput: bigint;
  #chosen: number[] = [];
  #next = 0;
  #reached = 0n;
  /** What is left to take from `#next` on. */
  #left: bigint;
  #bestWaste: bigint | null = null;

  constructor(sorted: readonly Candidate<T>[], goal: SelectionGoal) {
    this.#goal = goal;
    this.#most = goal.target + smaller(goal.changeFee + goal.changeSpendFee, goal.changeFee + goal.leastChange - 1n);
    this.#candidates = sorted.filter(({ effective }) => effective <= this.#most);
    this.#wastePerInput = goal.inputFee - goal.usualInputFee;
    this.#left = this.#candidates.reduce((sum, { effective }) => sum + effective, 0n);
  }

  *run(): Work<boolean> {
    for (let step = 0; step < MAX_STEPS; step++) {
      if (step % STEPS_PER_PART === 0) yield;
      if (this.#isOver()) {
        if (this.#chosen.length === 0) break;
        this.#goBack();
      } else this.#takeOrLeave();
      this.#next++;
    }
    return this.best !== null;
  }

  /** Whether this branch is done with: it cannot reach the target, has gone beyond it, is wasteful already, or is a solution. */
  #isOver(): boolean {
    const { target, maxInputs } = this.#goal;
    if (this.#reached + this.#left < target || this.#reached > this.#most) return true;
    const inputs = BigInt(this.#chosen.length) * this.#wastePerInput;
    if (this.#bestWaste !== null && this.#wastePerInput > 0n && inputs > this.#bestWaste) return true;
    if (this.#reached >= target) {
      this.#keep(inputs + this.#reached - target);
      return true;
    }
    return this.#chosen.length >= maxInputs;
  }

  #keep(waste: bigint): void {
    if (this.#chosen.length === 0 || (this.#bestWaste !== null && waste >= this.#bestWaste)) return;
    this.#bestWaste = waste;
    this.best = this.#chosen.map((index) => this.#candidates[index]!);
  }

  /** Leaves the coin that was taken last, and all that were looked at after it are to be looked at again. */
  #goBack(): void {
    const last = this.#chosen.pop()!;
    for (this.#next--; this.#next > last; this.#next--) this.#left += this.#candidates[this.#next]!.effective;
    this.#reached -= this.#candidates[last]!.effective;
  }

  /** Takes the next coin, unless one of the same value has just been left: the sets would be worth the same. */
  #takeOrLeave(): void {
    const { effective } = this.#candidates[this.#next]!;
    this.#left -= effective;
    const before = this.#next - 1;
    if (this.#chosen.length > 0 && this.#chosen.at(-1) !== before && this.#candidates[before]!.effective === effective)
      return;
    this.#chosen.push(this.#next);
    this.#reached += effective;
  }
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
