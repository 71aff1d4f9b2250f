// One training run: batches in, updates done, progress out. Knows nothing of chains, files or terminals.

import { setImmediate } from 'node:timers/promises';
import type { StepReport, Trainer } from '@resonancenet/kernels/backend';
import { type Recipe, stepHyper } from './recipe.ts';
import { scheduleFactor } from './schedule.ts';
import type { WindowLoader } from './window-loader.ts';

export interface TrainRunOptions {
  readonly trainer: Trainer;
  readonly loader: WindowLoader;
  readonly recipe: Recipe;
  /** Updates of the whole run; Infinity for one that the caller ends. */
  readonly totalSteps: number;
  /** Updates already done (a resumed run). */
  readonly firstStep: number;
  /** Exponential moving average of the weights, updated after each step; null without. */
  readonly average: WeightAverage | null;
  readonly now: () => number;
}

export interface TrainProgress extends StepReport {
  /** Updates done. */
  readonly step: number;
  /** Ids seen by the run, this step included. */
  readonly tokens: number;
  /** Over the last few seconds. */
  readonly tokensPerSecond: number;
  /** Seconds until the end at the present speed; Infinity for an endless run. */
  readonly secondsLeft: number;
}

/** Weights averaged over the last steps: often lower in loss than the last weights. */
export class WeightAverage {
  readonly decay: number;
  readonly weights: Float32Array;
  #count: number;

  constructor(decay: number, weights: Float32Array, count = 0) {
    this.decay = decay;
    this.weights = weights;
    this.#count = count;
  }

  /** Takes the weights of one step in. Early steps weigh more, so that the start does not linger. */
  update(weights: Float32Array): void {
    this.#count += 1;
    const keep = Math.min(this.decay, this.#count / (this.#count + 10));
    const average = this.weights;
    for (let i = 0; i < average.length; i += 1) {
      const old = average[i] ?? 0;
      average[i] = old + (1 - keep) * ((weights[i] ?? 0) - old);
    }
  }

  get count(): number {
    return this.#count;
  }
}

/** The loss or its gradient became a NaN or an infinity: the weights are past saving. */
export class TrainingDivergedError extends Error {
  readonly code = 'diverged';
  /** Updates done before. */
  readonly step: number;
  constructor(step: number, what: string) {
    super(`Training diverged in update ${step + 1}: ${what} is no finite number.`);
    this.step = step;
  }
}

const speedWindowMs = 5000;

/**
 * Trains until `totalSteps`, yielding after every update; the caller may stop between two of them.
 * @throws TrainingDivergedError, the trainer being as it was after the last good update
 */
export async function* trainRun(options: TrainRunOptions): AsyncGenerator<TrainProgress, void, void> {
  const { trainer, loader, recipe, totalSteps, average, now } = options;
  const schedule = { warmup: recipe.warmup, total: totalSteps, decay: recipe.decay };
  const marks: { readonly at: number; readonly tokens: number }[] = [];
  let tokens = 0;
  for (let step = options.firstStep; step < totalSteps; step += 1) {
    const batch = loader.batchAt(step);
    const perStep = batch.batch * batch.window;
    if (marks.length === 0) {
      tokens = step * perStep;
      marks.push({ at: now(), tokens });
    }
    const report = await trainer.step(batch, stepHyper(recipe, scheduleFactor(schedule, step)));
    if (!Number.isFinite(report.loss)) throw new TrainingDivergedError(step, 'the loss');
    // The trainer has left out this update; to go on would be to go on from weights that are about to overflow.
    if (!Number.isFinite(report.gradNorm)) throw new TrainingDivergedError(step, 'the gradient');
    average?.update(trainer.parameters());
    // Signals and timers get their turn even where the backend computes on this thread.
    await setImmediate();
    tokens += perStep;
    const at = now();
    marks.push({ at, tokens });
    while (marks.length > 2 && at - (marks[0]?.at ?? at) > speedWindowMs) marks.shift();
    const first = marks[0] ?? { at, tokens };
    const tokensPerSecond = ((tokens - first.tokens) * 1000) / Math.max(at - first.at, 1e-3);
    yield {
      ...report,
      step: step + 1,
      tokens,
      tokensPerSecond,
      secondsLeft: ((totalSteps - step - 1) * perStep) / tokensPerSecond,
    };
  }
}
