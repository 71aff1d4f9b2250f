// Exact evaluation for whoever decides: fast code is believed only where plain code agrees. Nothing condemns a checkpoint that the plain code does not condemn; of accepted
// windows some are computed twice. The first disagreement ends the fast code's use, and the evaluation begins anew without it.

import { randomInt } from 'node:crypto';
import type { Backend, Bf16Weights, EvalWindow, ExactEvaluator, WindowResult } from './backend.ts';
import { KernelError } from './kernel-error.ts';

/**
 * Evaluations of this many windows or more have one of them computed twice. The plain code takes three times as long: 2 % of the time at most. Shorter ones have it as often
 * as keeps that share, but one in `SELDOM` at least.
 */
const WINDOWS_PER_SAMPLE = 128;
const SELDOM = 16;

export interface GuardedEvaluator {
  /**
   * Evaluates the windows in order and stops after the first that condemns the checkpoint: one that is not finite, or whose sum is not the one `claimed`; what it returns
   * is confirmed. `onWindow(index, result)` is called as each is known, before any confirmation; returning false stops early.
   */
  evaluate(
    windows: readonly EvalWindow[],
    claimed?: readonly number[] | null,
    onWindow?: (index: number, result: WindowResult) => boolean,
  ): Promise<WindowResult[]>;
  /** By the plain code alone, three times as slowly, up to the first window that is not finite: for sums by which the claims of others will be judged. */
  evaluatePlain(windows: readonly EvalWindow[]): Promise<WindowResult[]>;
}

export interface EvaluationPlan {
  /** Windows of the whole evaluation. */
  readonly windows: number;
  /** Uniform in [0, 1); nobody else may foresee it (default: the system's entropy). */
  readonly random?: () => number;
}

/** Ends an attempt: the fast code and the plain code gave different results, or the fast code gave none. */
class Distrusted extends Error {}

const entropy = (): number => randomInt(2 ** 32) / 2 ** 32;

/**
 * Opens an evaluator of the weights for `work` and closes it. Where the backend's codes disagree, `work` is run again from its beginning, on the plain code alone, and only
 * what it returns then counts; the operator is told. Throws what the backend and `work` throw.
 */
export async function evaluateGuarded<T>(
  backend: Backend,
  weights: Bf16Weights,
  plan: EvaluationPlan,
  work: (evaluator: GuardedEvaluator) => Promise<T>,
): Promise<T> {
  if (backend.usesFastCode) {
    try {
      const value = await attempt(new Guard(backend, weights, sampledWindow(plan)), work);
      // Another thread may have found the code out meanwhile.
      if (backend.usesFastCode) return value;
    } catch (error) {
      if (!(error instanceof Distrusted)) throw error;
      backend.distrust(error.message);
    }
  }
  return await attempt(new Guard(backend, weights, null), work);
}

async function attempt<T>(guard: Guard, work: (evaluator: GuardedEvaluator) => Promise<T>): Promise<T> {
  try {
    return await work(guard);
  } finally {
    await guard.close();
  }
}

/** Number of the window to compute twice, in the order of evaluation, or -1. */
export function sampledWindow({ windows, random = entropy }: EvaluationPlan): number {
  const chance = Math.max(1 / SELDOM, windows / WINDOWS_PER_SAMPLE);
  return random() < chance ? Math.floor(random() * windows) : -1;
}

class Guard implements GuardedEvaluator {
  readonly #backend: Backend;
  readonly #weights: Bf16Weights;
  /** The window to compute twice, as `sampledWindow` gives it; null on the plain code, which needs no confirmation. */
  readonly #sampled: number | null;
  #evaluator: ExactEvaluator | null = null;
  #done = 0;

  constructor(backend: Backend, weights: Bf16Weights, sampled: number | null) {
    this.#backend = backend;
    this.#weights = weights;
    this.#sampled = sampled;
  }

  async evaluate(
    windows: readonly EvalWindow[],
    claimed: readonly number[] | null = null,
    onWindow?: (index: number, result: WindowResult) => boolean,
  ): Promise<WindowResult[]> {
    const condemns = (index: number, result: WindowResult): boolean =>
      !result.ok || (claimed !== null && claimed[index] !== result.sum);
    const results = await this.#firstOpinion(windows, (index, result) => {
      const goOn = onWindow?.(index, result) ?? true;
      return goOn && !condemns(index, result);
    });
    if (this.#sampled !== null) await this.#check(this.#sampled - this.#done, windows, results, condemns);
    this.#done += results.length;
    return results;
  }

  async evaluatePlain(windows: readonly EvalWindow[]): Promise<WindowResult[]> {
    const evaluator = await this.#open();
    const results: WindowResult[] = [];
    for (const window of windows) {
      const result = await evaluator.secondOpinion(window);
      results.push(result);
      if (!result.ok) break;
    }
    return results;
  }

  async #check(
    sampled: number,
    windows: readonly EvalWindow[],
    results: readonly WindowResult[],
    condemns: (index: number, result: WindowResult) => boolean,
  ): Promise<void> {
    const last = results.length - 1;
    if (last >= 0 && condemns(last, results[last]!)) {
      // The weights are loaded anew: what the fast code may have written over them must not confirm it.
      await this.close();
      await this.#compare(windows[last]!, results[last]!);
    } else if (sampled >= 0 && sampled <= last) await this.#compare(windows[sampled]!, results[sampled]!);
  }

  async close(): Promise<void> {
    const evaluator = this.#evaluator;
    this.#evaluator = null;
    await evaluator?.close();
  }

  async #firstOpinion(
    windows: readonly EvalWindow[],
    onWindow: (index: number, result: WindowResult) => boolean,
  ): Promise<WindowResult[]> {
    const evaluator = await this.#open();
    try {
      return await evaluator.evaluate(windows, onWindow);
    } catch (error) {
      // A miscompiled kernel may as well trap. Should the threads have failed for another reason, the plain code meets it too and the error stands.
      if (!(error instanceof KernelError) || error.code !== 'WORKER_FAILED' || this.#sampled === null) throw error;
      throw new Distrusted(
        `The fast code failed (${error.message}). From now on everything is computed by the plain code, more slowly; report this.`,
      );
    }
  }

  async #compare(window: EvalWindow, result: WindowResult): Promise<void> {
    const evaluator = await this.#open();
    const second = await evaluator.secondOpinion(window);
    if (resultText(result) === resultText(second)) return;
    throw new Distrusted(
      `The fast code computes ${resultText(result)} where the plain code computes ${resultText(second)}. From now on everything is computed by the plain code, more slowly; report this.`,
    );
  }

  async #open(): Promise<ExactEvaluator> {
    this.#evaluator ??= await this.#backend.evaluator(this.#weights);
    return this.#evaluator;
  }
}

function resultText(result: WindowResult): string {
  return result.ok ? `the sum ${result.sum}` : 'a NaN or an infinity';
}
