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
/** Shares of our own weights in those that training goes on with after a rival's block; beside them the rival's weights alone. */
const ownShares = [0.5, 1] as const;
/** A portion of the windows tells which are better: the same windows for each, so that their own spread does not count. */
const portions = 8;

export class MiningSession {
  readonly #options: MiningOptions;
  #trainer: Trainer | null = null;
  #average: WeightAverage | null = null;
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
   * Starts from a tip's checkpoint, grown to the target's shape, and gives the share of our own progress that was mixed in. The optimiser's
   * moments of an earlier tip are kept: rivals' tips are near ours, and a miner that began with empty moments after each of their blocks would
   * never catch up. What was trained for the block that the rival has won is not lost either: both started from the same weights, so
   * their mean has most of both gains (docs/adr/0009-rivals-progress.md).
   */
  async startFrom(checkpoint: Checkpoint, target: MiningTarget): Promise<number> {
    const tip = widenBf16(checkpoint.data);
    const ownShare = await this.#ownShare(checkpoint, tip, target);
    const average = blend(tip, this.#average?.weights, ownShare);
    const param = blend(tip, this.#trainer?.parameters(), ownShare);
    const state = this.#momentsFor(checkpoint.shape, target, param);
    if (state.step === 0) this.#stepsSinceTip = 0;
    await this.#enter(checkpoint.shape, state, average, target);
    this.#recover();
    this.#trainedSinceLook = false;
    return ownShare;
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
    this.#trainedSinceLook = true;
    return { loss: report.loss, tokens: batch * window };
  }

  /**
   * Evaluates the rounded weights exactly. Windows are taken in portions of growing size and compared with the parent's sums on the same
   * windows, so that a hopeless look costs little.
   */
  async look(): Promise<Candidate | Shortfall> {
    const target = this.#target;
    const average = this.#average;
    const trainer = this.#trainer;
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

  /** Which mixture of the tip's weights and ours has the lowest loss on a portion of the windows, as the share of ours. */
  async #ownShare(checkpoint: Checkpoint, tip: Float32Array, target: MiningTarget): Promise<number> {
    const own = this.#average?.weights;
    if (own === undefined || this.#trainer === null || !sameShape(this.#trainer.shape, checkpoint.shape)) return 0;
    const places = target.windows.map((_, place) => place).filter((place) => place % portions === 0);
    let lowest = places.reduce((total, place) => total + (target.parentSums[place] ?? 0), 0);
    let best = 0;
    for (const share of ownShares) {
      const mixture = { ...checkpoint, data: bf16FromF32(blend(tip, own, share)) };
      const total = await this.#totalOf(mixture, target, places);
      if (total >= lowest) continue;
      lowest = total;
      best = share;
    }
    return best;
  }

  /** Exact sum over some of the target's windows; Infinity for a model that has none. */
  async #totalOf(checkpoint: Checkpoint, target: MiningTarget, places: readonly number[]): Promise<number> {
    const evaluator = await this.#options.backend.evaluator(checkpoint);
    try {
      const results = await evaluator.evaluate(places.flatMap((place) => target.windows[place] ?? []));
      return results.reduce((total, result) => total + (result.ok ? result.sum : Number.POSITIVE_INFINITY), 0);
    } finally {
      await evaluator.close();
    }
  }

  #recover(): void {
    this.#rate = Math.min(1, this.#rate * speedUp);
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

/** Weights on the way from the tip's to ours. */
function blend(tip: Float32Array, own: Float32Array | undefined, ownShare: number): Float32Array {
  if (own === undefined || ownShare === 0) return tip;
  return tip.map((value, at) => value + ownShare * ((own[at] ?? value) - value));
}
