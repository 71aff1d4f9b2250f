// What coins are selected for, and what a selection wastes (Bitcoin Core's metric: doc of `GetSelectionWaste`). Amounts in resonances.

/** A coin by what it adds after its own input's fee. */
export interface Candidate<T> {
  readonly coin: T;
  /** Amount less the fee of its input; above zero. */
  readonly effective: bigint;
}

export interface SelectionGoal {
  /** Payments, bonds and the fee of everything but inputs and change. */
  readonly target: bigint;
  /** Fee of one input at the rate that is paid now, and at the rate that is usual. */
  readonly inputFee: bigint;
  readonly usualInputFee: bigint;
  /** Fee of a change output now. */
  readonly changeFee: bigint;
  /** Fee of spending it later. */
  readonly changeSpendFee: bigint;
  /** Change below this is not made: it would be dust. */
  readonly leastChange: bigint;
  readonly maxInputs: number;
}

export interface Selection<T> {
  readonly coins: readonly T[];
  readonly hasChange: boolean;
  /** What this way costs more than an ideal one: inputs spent at an unusual rate, and change or what is given away for lack of it. */
  readonly waste: bigint;
}

/** Coins that reach the target, with change where it is worth its fees. */
export function selectionOf<T>(candidates: readonly Candidate<T>[], goal: SelectionGoal): Selection<T> {
  const excess = candidates.reduce((sum, { effective }) => sum + effective, 0n) - goal.target;
  const hasChange = excess >= goal.changeFee + goal.leastChange;
  const inputs = BigInt(candidates.length) * (goal.inputFee - goal.usualInputFee);
  const rest = hasChange ? goal.changeFee + goal.changeSpendFee : excess;
  return { coins: candidates.map(({ coin }) => coin), hasChange, waste: inputs + rest };
}

/** Most first; equal ones stay in their order. */
export function byEffective<T>(a: Candidate<T>, b: Candidate<T>): number {
  return a.effective === b.effective ? 0 : a.effective > b.effective ? -1 : 1;
}
