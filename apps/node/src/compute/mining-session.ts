// Mining is training: one miner's model between two tips. Trains on its own text, evaluates exactly on the rounded weights, and hands
// over a candidate when the loss has fallen far enough. Knows nothing of threads, peers or blocks.

import type { Backend, EvalWindow, Trainer, TrainerState } from '@resonancenet/kernels/backend';
import { evaluateGuarded, type GuardedEvaluator } from '@resonancenet/kernels/guarded-evaluation';
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
  readonly kind: 'candidate';
  readonly checkpoint: Checkpoint;
  readonly sums: readonly number[];
  readonly total: bigint;
}

/** A look at weights that are not good enough: how they and the parent's do on the windows that were looked at (quanta). */
export interface Shortfall {
  readonly kind: 'shortfall';
  readonly windows: number;
  /** null if the model gives values that are not finite. */
  readonly total: bigint | null;
  readonly parentTotal: bigint;
}

/** What training goes on with after a rival's block: its weights as they are, or with our own progress. */
export type Mixture = 'tip' | keyof typeof mixtures;

/**
 * A weight from the rival's, ours, and ours when training for the block began. While the loss falls fast, the sum keeps what was trained while
 * the rival's block was fetched and verified; later, when updates are mostly noise, the mean is better than either.
 */
const mixtures = {
  sum: (tip: number, own: number, base: number): number => tip + own - base,
  mean: (tip: number, own: number): number => (tip + own) / 2,
} as const;

/** Weights averaged over about the last 1 / (1 - decay) steps have a lower loss than the last ones while the rate is high. */
const averageDecay = 0.95;
/** The average starts from the tip's own weights, which count like this many steps. */
const averageWarmth = 100;
/**
 * After a look that found no improvement the rates shrink; with every block, ours or a rival's, they recover. If only our own blocks counted, who falls
 * behind would train less and less and never win again.
 */
const slowDown = 0.85;
const speedUp = 1.25;
const slowest = 0.02;
/** A portion of the windows tells which are better: the same windows for each, so that their own spread does not count. */
const portions = 8;

export class MiningSession {
  readonly #options: MiningOptions;
  #trainer: Trainer | null = null;
  #average: WeightAverage | null = null;
  /** The weights from which training for the present block began, in the trainer's shape. */
  #base: Float32Array | null = null;
  #target: MiningTarget | null = null;
  #batchIndex: number;
  #stepsSinceTip = 0;
  #trainedSinceLook = false;
  #rate = 1;

  constructor(options: MiningOptions, firstBatch: number) {
    this.#options = options;
    this.#batchIndex = firstBatch;
  }

  /**
   * Starts from a tip's checkpoint, grown to the target's shape, and says what of our own progress was mixed in. The optimiser's moments of an
   * earlier tip are kept: rivals' tips are near ours, and a miner that began with empty moments after each of their blocks would never catch
   * up. What was trained for a block that the rival has won is not lost either (docs/adr/0012-rivals-progress.md).
   */
  async startFrom(checkpoint: Checkpoint, target: MiningTarget): Promise<Mixture> {
    const tip = this.#grown(checkpoint.shape, widenBf16(checkpoint.data), target);
    const { mixture, weights } = await this.#mix(tip, target);
    const state = this.#momentsFor(target, weights);
    if (state.step === 0) this.#stepsSinceTip = 0;
    await this.#enter(state, weights, target);
    this.#recover();
    this.#trainedSinceLook = false;
    return mixture;
  }

  /** Goes on with the present weights in full precision: the tip is our own block, or only the target has changed. */
  async goOn(target: MiningTarget): Promise<void> {
    const trainer = this.#trainer;
    const average = this.#average;
    if (trainer === null || average === null) throw new Error('There is no model to go on with.');
    if (this.#stepsSinceTip > 0 && sameShape(trainer.shape, target.shape)) {
      this.#target = target;
      this.#base = average.weights.slice();
    } else
      await this.#enter(this.#grownState(trainer, target), this.#grown(trainer.shape, average.weights, target), target);
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
    this.#trainedSinceLook = true;
    return { loss: report.loss, tokens: batch * window };
  }

  /**
   * Evaluates the rounded weights exactly. Windows are taken in portions of growing size and compared with the parent's sums on the same
   * windows, so that a hopeless look costs little.
   */
  async look(): Promise<Candidate | Shortfall> {
    const target = this.#target;
    const trainer = this.#trainer;
    if (target !== null) await this.#catchUp(target);
    const average = this.#average;
    if (target === null || average === null || trainer === null) throw new Error('There is no model to look at.');
    const checkpoint: Checkpoint = {
      shape: trainer.shape,
      baseLayers: this.#options.baseLayers,
      growth: target.growth,
      data: bf16FromF32(average.weights),
    };
    const found = await evaluateGuarded(
      this.#options.backend,
      checkpoint,
      { windows: target.windows.length },
      (evaluator) => lookAt(evaluator, target),
    );
    const reached = found.kind === 'candidate';
    if (reached) this.#recover();
    // Weights that came with the tip and were not trained since say nothing about the rates.
    else if (this.#trainedSinceLook) this.#rate = Math.max(slowest, this.#rate * slowDown);
    this.#trainedSinceLook = false;
    return reached ? { ...found, checkpoint } : found;
  }

  /** Share of the recipe's learning rate in use. */
  get rate(): number {
    return this.#rate;
  }

  async close(): Promise<void> {
    await this.#trainer?.close();
    this.#trainer = null;
  }

  /** The present moments in the target's shape, with the given weights; empty ones if there are none or the model has shrunk. */
  #momentsFor(target: MiningTarget, param: Float32Array): TrainerState {
    const trainer = this.#trainer;
    if (trainer === null || !fits(trainer.shape, target.shape))
      return { step: 0, param, m: new Float32Array(param.length), v: new Float32Array(param.length) };
    return { ...this.#grownState(trainer, target), param };
  }

  #grownState(trainer: Trainer, target: MiningTarget): TrainerState {
    const state = trainer.state();
    return sameShape(trainer.shape, target.shape)
      ? state
      : growTrainerState(trainer.shape, state, target.shape, target.growthSeed, this.#options.amplitudes);
  }

  /** Weights in the target's shape; they compute the same. */
  #grown(from: ModelShape, param: Float32Array, target: MiningTarget): Float32Array {
    if (sameShape(from, target.shape)) return param;
    const zeros = new Float32Array(param.length);
    const state = { step: 0, param, m: zeros, v: zeros };
    return growTrainerState(from, state, target.shape, target.growthSeed, this.#options.amplitudes).param;
  }

  /** The tip's weights, or a mixture of them with ours that has a lower loss on a portion of the windows. */
  async #mix(tip: Float32Array, target: MiningTarget): Promise<{ mixture: Mixture; weights: Float32Array }> {
    let best: { mixture: Mixture; weights: Float32Array } = { mixture: 'tip', weights: tip };
    const shape = this.#trainer?.shape;
    if (shape === undefined || !fits(shape, target.shape)) return best;
    await this.#catchUp(target);
    if (this.#average === null || this.#base === null) return best;
    const own = this.#grown(shape, this.#average.weights, target);
    const base = this.#grown(shape, this.#base, target);
    const places = target.windows.map((_, place) => place).filter((place) => place % portions === 0);
    let lowest = places.reduce((total, place) => total + (target.parentSums[place] ?? 0), 0);
    for (const mixture of ['sum', 'mean'] as const) {
      const weights = tip.map((value, at) => mixtures[mixture](value, own[at] ?? 0, base[at] ?? 0));
      const total = await this.#totalOf(target.shape, weights, target, places);
      if (total >= lowest) continue;
      lowest = total;
      best = { mixture, weights };
    }
    return best;
  }

  /**
   * While the loss falls fast, the average lags behind the last weights: it then begins anew at them, so that a block holds all the progress there
   * is. (What its maker keeps in hand is a lead that no rival can make up for.)
   */
  async #catchUp(target: MiningTarget): Promise<void> {
    const trainer = this.#trainer;
    const average = this.#average;
    if (trainer === null || average === null || !this.#trainedSinceLook) return;
    const places = target.windows.map((_, place) => place).filter((place) => place % (2 * portions) === 0);
    const last = trainer.parameters();
    const lastTotal = await this.#totalOf(trainer.shape, last, target, places);
    if (lastTotal < (await this.#totalOf(trainer.shape, average.weights, target, places)))
      this.#average = new WeightAverage(averageDecay, last, averageWarmth);
  }

  /** Exact sum over some of the target's windows; Infinity for a model that has none. */
  async #totalOf(
    shape: ModelShape,
    weights: Float32Array,
    { growth, windows }: MiningTarget,
    places: readonly number[],
  ): Promise<number> {
    const { backend, baseLayers } = this.#options;
    const checkpoint: Checkpoint = { shape, baseLayers, growth, data: bf16FromF32(weights) };
    const evaluator = await backend.evaluator(checkpoint);
    try {
      const results = await evaluator.evaluate(places.flatMap((place) => windows[place] ?? []));
      return results.reduce((total, result) => total + (result.ok ? result.sum : Number.POSITIVE_INFINITY), 0);
    } finally {
      await evaluator.close();
    }
  }

  #recover(): void {
    this.#rate = Math.min(1, this.#rate * speedUp);
  }

  async #enter(state: TrainerState, average: Float32Array, target: MiningTarget): Promise<void> {
    const { backend, batch, window } = this.#options;
    await this.#trainer?.close();
    this.#target = target;
    this.#trainer = await backend.trainer({ shape: target.shape, maxBatch: batch, maxWindow: window });
    this.#trainer.load(state);
    this.#average = new WeightAverage(averageDecay, average.slice(), averageWarmth);
    this.#base = average.slice();
  }
}

/** The window sums of weights that reach the target, or how far they fall short as soon as they cannot. */
async function lookAt(
  evaluator: GuardedEvaluator,
  { windows, parentSums, maxTotal }: MiningTarget,
): Promise<Omit<Candidate, 'checkpoint'> | Shortfall> {
  const sums: number[] = [];
  let total = 0n;
  let parentTotal = 0n;
  const short = (seen: number, sum: bigint | null): Shortfall => ({
    kind: 'shortfall',
    windows: seen,
    total: sum,
    parentTotal,
  });
  while (sums.length < windows.length) {
    const count = sums.length === 0 ? Math.ceil(windows.length / portions) : windows.length - sums.length;
    const results = await evaluator.evaluate(windows.slice(sums.length, sums.length + count));
    for (const result of results) {
      parentTotal += BigInt(parentSums[sums.length] ?? 0);
      if (!result.ok) return short(sums.length + 1, null);
      total += BigInt(result.sum);
      sums.push(result.sum);
    }
    if (total >= parentTotal) return short(sums.length, total);
  }
  return total > maxTotal ? short(sums.length, total) : { kind: 'candidate', sums, total };
}

function sameShape(a: ModelShape, b: ModelShape): boolean {
  return a.width === b.width && a.layers === b.layers;
}

/** Whether weights of one shape can be grown to the other. */
function fits(from: ModelShape, to: ModelShape): boolean {
  return from.width <= to.width && from.layers <= to.layers;
}
