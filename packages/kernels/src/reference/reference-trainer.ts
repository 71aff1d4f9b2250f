// Training in binary64 by plain loops: slow, and what every other trainer's loss, gradient and update are compared with.

import { parameterCount } from '@resonancenet/model/shape';
import { modelViews } from '@resonancenet/model/tensor-views';
import type { StepHyper, StepReport, TrainBatch, Trainer, TrainerOptions, TrainerState } from '../backend.ts';
import { type Activations, backward, forward, newActivations } from './forward-backward.ts';
import { gradientNorm, updateParameters } from './optimizer.ts';

/**
 * The reference trainer. Its state is binary32, as the contract wants it saved, so that a run that is saved and resumed goes on
 * with the same numbers; everything between two updates is binary64.
 */
export class ReferenceTrainer implements Trainer {
  readonly shape: TrainerOptions['shape'];
  readonly #options: TrainerOptions;
  readonly #parameters: Float64Array;
  readonly #gradient: Float64Array;
  #step = 0;
  #param: Float32Array;
  #m: Float32Array;
  #v: Float32Array;

  /** All parameters are 0 until `load`. */
  constructor(options: TrainerOptions) {
    const count = parameterCount(options.shape);
    this.shape = options.shape;
    this.#options = options;
    this.#parameters = new Float64Array(count);
    this.#gradient = new Float64Array(count);
    this.#param = new Float32Array(count);
    this.#m = new Float32Array(count);
    this.#v = new Float32Array(count);
  }

  async step(batch: TrainBatch, hyper: StepHyper): Promise<StepReport> {
    const { loss } = await this.forwardBackward(batch);
    const norm = gradientNorm(this.#gradient);
    if (Number.isFinite(norm)) {
      const state = { step: this.#step, param: this.#param, m: this.#m, v: this.#v };
      updateParameters(this.shape, state, this.#gradient, norm, hyper);
      this.#parameters.set(this.#param);
      this.#step++;
    }
    return { loss, gradNorm: norm };
  }

  async forwardBackward(batch: TrainBatch): Promise<{ readonly loss: number }> {
    const { loss, saved } = this.#forward(batch);
    this.#gradient.fill(0);
    const [parameters, gradient] = [this.#parameters, this.#gradient];
    backward(this.shape, modelViews(this.shape, parameters), batch, saved, modelViews(this.shape, gradient));
    return { loss };
  }

  async loss(batch: TrainBatch): Promise<number> {
    return this.#forward(batch).loss;
  }

  gradient(): Float32Array {
    return Float32Array.from(this.#gradient);
  }

  parameters(): Float32Array {
    return this.#param.slice();
  }

  state(): TrainerState {
    return { step: this.#step, param: this.#param.slice(), m: this.#m.slice(), v: this.#v.slice() };
  }

  load(state: TrainerState): void {
    for (const array of [state.param, state.m, state.v]) {
      if (array.length !== this.#param.length) {
        throw new RangeError(
          `the state holds ${array.length} values, the shape has ${this.#param.length} parameters: load the state of this very shape`,
        );
      }
    }
    this.#step = state.step;
    this.#param = state.param.slice();
    this.#m = state.m.slice();
    this.#v = state.v.slice();
    this.#parameters.set(state.param);
  }

  async close(): Promise<void> {}

  #forward(batch: TrainBatch): { readonly loss: number; readonly saved: Activations } {
    const rows = batch.batch * batch.window;
    const { maxBatch, maxWindow } = this.#options;
    if (batch.batch < 1 || batch.window < 1 || batch.batch > maxBatch || batch.window > maxWindow) {
      throw new RangeError(
        `a batch of ${batch.batch} x ${batch.window} ids does not fit the trainer's ${maxBatch} x ${maxWindow}`,
      );
    }
    if (batch.inputs.length !== rows || batch.targets.length !== rows) {
      throw new RangeError(`a batch of ${batch.batch} x ${batch.window} needs ${rows} inputs and as many targets`);
    }
    const saved = newActivations(this.shape, rows);
    return { loss: forward(this.shape, modelViews(this.shape, this.#parameters), batch, saved), saved };
  }
}
