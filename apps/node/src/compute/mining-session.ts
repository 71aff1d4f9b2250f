// Mining is training: one miner's model between two tips. Trains on its own text, evaluates exactly on the rounded weights, and hands
// over a candidate when the loss has fallen far enough. Knows nothing of threads, peers or blocks.

import type { Backend, EvalWindow, Trainer, TrainerState } from '@resonancenet/kernels/backend';
import { bf16FromF32, widenBf16 } from '@resonancenet/model/bf16';
import type { Checkpoint } from '@resonancenet/model/checkpoint';
import { growTrainerState } from '@resonancenet/model/growth';
import type { InitialAmplitudes } from '@resonancenet/model/random-weights';
import type { ModelShape } from '@resonancenet/model/shape';
import { type Recipe, stepHyper } from '@resonancenet/training/recipe';
import { WeightAverage } from '@resonancenet/training/train-run';
import type { WindowLoader } from '@resonancenet/training/window-loader';

/** What the next block must beat, and in which shape. */
export interface MiningTarget {
  /** Names the target; candidates carry it, so that one for an old tip is recognised. */
  readonly id: number;
  readonly shape: ModelShape;
  readonly growth: number;
  /** Seed of new weights: the parent's block id. */
  readonly growthSeed: Uint8Array;
  readonly windows: readonly EvalWindow[];
  /** Window sums of the parent's checkpoint on these windows. */
  readonly parentSums: readonly number[];
  /** A candidate's total must not exceed this (quanta): the parent's loss less LOSS_STEP. */
  readonly maxTotal: bigint;
}

export interface MiningOptions {
  readonly backend: Backend;
  readonly loader: WindowLoader;
  readonly recipe: Recipe;
  readonly batch: number;
  readonly window: number;
  readonly baseLayers: number;
  readonly amplitudes: InitialAmplitudes;
  readonly now: () => number;
}

export interface MiningStep {
  readonly loss: number;
  readonly tokens: number;
}

export interface Candidate {
  readonly checkpoint: Checkpoint;
  readonly sums: readonly number[];
  readonly total: bigint;
}

/** Weights averaged over about the last 1 / (1 - decay) steps have a lower loss than the last ones while the rate is high. */
const averageDecay = 0.9;
/** The average starts from the tip's own weights, which count like this many steps. */
const averageWarmth = 100;
/** After a look that found no improvement the rates shrink; after a success they recover. */
const slowDown = 0.85;
const speedUp = 1.25;
const slowest = 0.02;

export class MiningSession {
  readonly #options: MiningOptions;
  #trainer: Trainer | null = null;
  #average: WeightAverage | null = null;
  #target: MiningTarget | null = null;
  #batchIndex: number;
  #stepsSinceTip = 0;
  #rate = 1;

  constructor(options: MiningOptions, firstBatch: number) {
    this.#options = options;
    this.#batchIndex = firstBatch;
  }

  /**
   * Starts from a tip's checkpoint, grown to the target's shape. The optimiser's moments of an earlier tip are kept: rivals' tips are near
   * ours, and a miner that began with empty moments after each of their blocks would never catch up.
   */
  async startFrom(checkpoint: Checkpoint, target: MiningTarget): Promise<void> {
    const param = widenBf16(checkpoint.data);
    const state = this.#momentsFor(checkpoint.shape, target, param);
    if (state.step === 0) this.#stepsSinceTip = 0;
    await this.#enter(checkpoint.shape, state, param, target);
  }

  /** Goes on with the present weights in full precision: the tip is our own block, or only the target has changed. */
  async goOn(target: MiningTarget): Promise<void> {
    const trainer = this.#trainer;
    const average = this.#average;
    if (trainer === null || average === null) throw new Error('There is no model to go on with.');
    if (this.#stepsSinceTip > 0 && sameShape(trainer.shape, target.shape)) this.#target = target;
    else await this.#enter(trainer.shape, trainer.state(), average.weights, target);
  }

  /** One update. */
  async train(): Promise<MiningStep> {
    const { loader, recipe, batch, window } = this.#options;
    const trainer = this.#trainer;
    if (trainer === null) throw new Error('There is no model to train.');
    const warm = Math.min(1, (this.#stepsSinceTip + 1) / Math.max(1, recipe.warmup));
    const report = await trainer.step(loader.batchAt(this.#batchIndex), stepHyper(recipe, warm * this.#rate));
    this.#average?.update(trainer.parameters());
    this.#batchIndex += 1;
    this.#stepsSinceTip += 1;
    return { loss: report.loss, tokens: batch * window };
  }

  /**
   * Evaluates the rounded weights exactly; null if they do not reach the target. Windows are taken in portions of growing size and
   * compared with the parent's sums on the same windows, so that a hopeless look costs little.
   */
  async look(): Promise<Candidate | null> {
    const target = this.#target;
    const average = this.#average;
    const trainer = this.#trainer;
    if (target === null || average === null || trainer === null) return null;
    const checkpoint: Checkpoint = {
      shape: trainer.shape,
      baseLayers: this.#options.baseLayers,
      growth: target.growth,
      data: bf16FromF32(average.weights),
    };
    const evaluator = await this.#options.backend.evaluator(checkpoint);
    try {
      const sums: number[] = [];
      let total = 0n;
      let parent = 0n;
      while (sums.length < target.windows.length) {
        const count = sums.length === 0 ? Math.ceil(target.windows.length / 8) : target.windows.length - sums.length;
        const results = await evaluator.evaluate(target.windows.slice(sums.length, sums.length + count));
        for (const result of results) {
          if (!result.ok) return this.#failed();
          parent += BigInt(target.parentSums[sums.length] ?? 0);
          total += BigInt(result.sum);
          sums.push(result.sum);
        }
        if (total >= parent) return this.#failed();
      }
      if (total > target.maxTotal) return this.#failed();
      this.#rate = Math.min(1, this.#rate * speedUp);
      return { checkpoint, sums, total };
    } finally {
      await evaluator.close();
    }
  }

  /** Share of the recipe's learning rate in use. */
  get rate(): number {
    return this.#rate;
  }

  async close(): Promise<void> {
    await this.#trainer?.close();
    this.#trainer = null;
  }

  /** The present moments in the shape of the tip, with its weights; empty ones if there are none or the model has shrunk. */
  #momentsFor(shape: ModelShape, target: MiningTarget, param: Float32Array): TrainerState {
    const trainer = this.#trainer;
    const empty = { step: 0, param, m: new Float32Array(param.length), v: new Float32Array(param.length) };
    if (trainer === null || trainer.shape.width > shape.width || trainer.shape.layers > shape.layers) return empty;
    const { amplitudes } = this.#options;
    const own = trainer.state();
    const grown = sameShape(trainer.shape, shape)
      ? own
      : growTrainerState(trainer.shape, own, shape, target.growthSeed, amplitudes);
    return { ...grown, param };
  }

  #failed(): null {
    this.#rate = Math.max(slowest, this.#rate * slowDown);
    return null;
  }

  async #enter(from: ModelShape, state: TrainerState, average: Float32Array, target: MiningTarget): Promise<void> {
    const { amplitudes, backend, batch, window } = this.#options;
    const grow = (given: TrainerState): TrainerState =>
      sameShape(from, target.shape)
        ? given
        : growTrainerState(from, given, target.shape, target.growthSeed, amplitudes);
    const grown = grow(state);
    const zeros = new Float32Array(average.length);
    const grownAverage = grow({ step: 0, param: average, m: zeros, v: zeros }).param;
    await this.#trainer?.close();
    this.#target = target;
    this.#trainer = await backend.trainer({ shape: target.shape, maxBatch: batch, maxWindow: window });
    this.#trainer.load(grown);
    this.#average = new WeightAverage(averageDecay, grownAverage.slice(), averageWarmth);
  }
}

function sameShape(a: ModelShape, b: ModelShape): boolean {
  return a.width === b.width && a.layers === b.layers;
}
