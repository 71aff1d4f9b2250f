// The WASM trainer: forward, backward and update of one model in one shared memory.
//
// Results do not depend on the number of threads: tasks have fixed boundaries and every sum one order (assembly/train/tasks.ts). They do depend on the machine,
// because multiply-add may be fused or not.

import type { ModelShape } from '@resonancenet/model/shape';
import { parameterCount } from '@resonancenet/model/shape';
import type { StepHyper, StepReport, TrainBatch, Trainer, TrainerOptions, TrainerState } from '../backend.ts';
import { loadKernels } from './load-module.ts';
import type { OpList, OpTimes } from './op-list.ts';
import { ThreadPool } from './thread-pool.ts';
import { FLOAT_BYTES, type ParameterLayout, parameterLayout, workLayout } from './train-layout.ts';
import { type MatrixRule, TrainOptimizer } from './train-optimizer.ts';
import { type TrainMemory, TrainProgram } from './train-program.ts';
import { gatherTensors, scatterTensors } from './train-tensors.ts';

export interface WasmTrainerOptions extends TrainerOptions {
  /** Threads to compute with, at least 1. */
  readonly threads: number;
  /** Rule of the hidden matrices (default 'muon', as optimizer-split.ts says; 'adamw' for comparisons). */
  readonly matrixRule?: MatrixRule;
  /** Collects the time of every op; see `opTimes`. */
  readonly profile?: boolean;
  /** Whether V8 may join pairs of instructions (load-module.ts; default: where it has it). The same bits, slower without. */
  readonly wide?: boolean;
  /** Work that one thread does alone, floating-point operations (op-list.ts has the default; 0 for tests with tiny models). */
  readonly aloneBelow?: number;
}

/** Longest time, milliseconds, that ops run one after the other before the event loop gets a turn (one op may take longer). */
const TURN_MILLISECONDS = 10;

export class WasmTrainer implements Trainer {
  readonly shape: ModelShape;
  /** Milliseconds and calls by op since the start, if `profile` was asked for. */
  readonly opTimes: OpTimes | undefined;
  readonly #options: WasmTrainerOptions;
  readonly #pool: ThreadPool;
  readonly #parameters: ParameterLayout;
  readonly #memory: TrainMemory;
  readonly #m: number;
  readonly #v: number;
  readonly #optimizer: TrainOptimizer;
  readonly #arguments: number;
  #program: { readonly windows: number; readonly window: number; readonly ops: TrainProgram };
  #step = 0;
  #busy = false;
  #turnStarted = 0;

  private constructor(options: WasmTrainerOptions, pool: ThreadPool) {
    const { shape, maxBatch, maxWindow, threads } = options;
    this.shape = shape;
    this.#options = options;
    this.#pool = pool;
    this.opTimes = options.profile === true ? new Map() : undefined;
    const parameters = parameterLayout(shape);
    const work = workLayout(shape, maxBatch, maxWindow, threads);
    this.#parameters = parameters;
    const param = pool.allocate(parameters.bytes);
    const gradient = pool.allocate(parameters.bytes);
    this.#m = pool.allocate(parameters.bytes);
    this.#v = pool.allocate(parameters.bytes);
    const base = pool.allocate(work.bytes);
    this.#memory = { shape, parameters, work, param, gradient, base, threads };
    this.#optimizer = new TrainOptimizer(
      pool,
      {
        ...{ parameters, param, gradient, m: this.#m, v: this.#v, squares: base + work.squares },
        ...{ muonScratch: base + work.muonScratch, muonScratchBytes: work.muonScratchBytes },
      },
      options.matrixRule ?? 'muon',
    );
    const ops = new TrainProgram(this.#memory, maxBatch, maxWindow);
    this.#program = { windows: maxBatch, window: maxWindow, ops };
    // No smaller batch needs more ops: fewer rows make fewer chunks.
    this.#arguments = pool.allocate(Math.max(ops.forward.bytes, ops.loss.bytes, ops.backward.bytes));
  }

  /**
   * A trainer whose parameters and moments are zero: `load` a state first. Throws KernelError KERNELS_NOT_BUILT, WORKER_START_FAILED or OUT_OF_MEMORY, and
   * RangeError for sizes below 1.
   */
  static async create(options: WasmTrainerOptions): Promise<WasmTrainer> {
    for (const [name, value] of Object.entries({ maxBatch: options.maxBatch, maxWindow: options.maxWindow })) {
      if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} must be at least 1, not ${value}`);
    }
    const onX64 = process.arch === 'x64';
    const wide = options.wide ?? onX64;
    const pool = await ThreadPool.create({ module: await loadKernels('train', { wide }), threads: options.threads });
    try {
      pool.runAlone('prepare', onX64 && !wide ? 1 : 0);
      return new WasmTrainer(options, pool);
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  /** As the contract says; a gradient that is not finite changes nothing and is reported (optimizer-split.ts). */
  async step(batch: TrainBatch, hyper: StepHyper): Promise<StepReport> {
    return await this.#alone(async () => {
      const loss = await this.#gradients(batch);
      await this.#run(this.#optimizer.squares);
      const gradNorm = this.#optimizer.gradientNorm(this.#pool);
      if (!Number.isFinite(gradNorm)) return { loss, gradNorm };
      const scale = gradNorm > hyper.clipNorm ? hyper.clipNorm / gradNorm : 1;
      await this.#run(this.#optimizer.update(hyper, this.#step + 1, scale));
      this.#step += 1;
      return { loss, gradNorm };
    });
  }

  async forwardBackward(batch: TrainBatch): Promise<{ readonly loss: number }> {
    return await this.#alone(async () => ({ loss: await this.#gradients(batch) }));
  }

  async loss(batch: TrainBatch): Promise<number> {
    return await this.#alone(async () => {
      const { ops } = this.#prepare(batch);
      await this.#run(ops.forward);
      await this.#run(ops.loss);
      return this.#meanLoss(batch.inputs.length);
    });
  }

  gradient(): Float32Array {
    return this.#gather(this.#memory.gradient);
  }

  parameters(): Float32Array {
    return this.#gather(this.#memory.param);
  }

  state(): TrainerState {
    return { step: this.#step, param: this.parameters(), m: this.#gather(this.#m), v: this.#gather(this.#v) };
  }

  load(state: TrainerState): void {
    this.#assertIdle();
    const count = parameterCount(this.shape);
    for (const [name, values] of Object.entries({ param: state.param, m: state.m, v: state.v })) {
      if (values.length !== count) {
        throw new RangeError(
          `${name} has ${values.length} values, the shape has ${count} parameters: load a state of this very shape`,
        );
      }
    }
    if (!Number.isSafeInteger(state.step) || state.step < 0) throw new RangeError(`step ${state.step} is not a count`);
    this.#scatter(state.param, this.#memory.param);
    this.#scatter(state.m, this.#m);
    this.#scatter(state.v, this.#v);
    this.#step = state.step;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** Forward and backward; returns the loss and leaves the gradient. */
  async #gradients(batch: TrainBatch): Promise<number> {
    const { ops } = this.#prepare(batch);
    await this.#run(ops.forward);
    await this.#run(ops.backward);
    return this.#meanLoss(batch.inputs.length);
  }

  /** Checks the batch, copies its ids into the shared memory and returns the ops of its size. */
  #prepare(batch: TrainBatch): { readonly ops: TrainProgram } {
    const { inputs, targets, batch: windows, window } = batch;
    const { maxBatch, maxWindow } = this.#options;
    if (!(windows >= 1 && windows <= maxBatch && window >= 1 && window <= maxWindow)) {
      throw new RangeError(
        `a batch of ${windows} x ${window} ids; this trainer holds up to ${maxBatch} x ${maxWindow}`,
      );
    }
    const rows = windows * window;
    for (const [name, ids] of Object.entries({ inputs, targets })) {
      if (ids.length !== rows) throw new RangeError(`${ids.length} ${name} for a batch of ${windows} x ${window} ids`);
      const wrong = ids.find((id) => id >= this.shape.vocab);
      if (wrong !== undefined) throw new RangeError(`${name} hold id ${wrong}; the vocabulary has ${this.shape.vocab}`);
    }
    const { base, work } = this.#memory;
    this.#pool.u16(base + work.inputs, rows).set(inputs);
    this.#pool.u16(base + work.targets, rows).set(targets);
    if (this.#program.windows !== windows || this.#program.window !== window) {
      this.#program = { windows, window, ops: new TrainProgram(this.#memory, windows, window) };
    }
    return this.#program;
  }

  #meanLoss(rows: number): number {
    const parts = this.#pool.f64(this.#memory.base + this.#memory.work.losses, 2 * rows);
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += parts[2 * row]! + Math.log(parts[2 * row + 1]!);
    return sum / rows;
  }

  async #run(ops: OpList): Promise<void> {
    const { aloneBelow } = this.#options;
    await ops.run(this.#pool, this.#arguments, { pause: () => this.#pause(), times: this.opTimes, aloneBelow });
  }

  /** Lets the event loop take a turn if it has waited long. */
  #pause(): Promise<void> | undefined {
    if (performance.now() - this.#turnStarted < TURN_MILLISECONDS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#turnStarted = performance.now();
        resolve();
      });
    });
  }

  #assertIdle(): void {
    if (this.#busy) throw new Error('the trainer is computing: wait for the call before');
  }

  /** One computation at a time: they share the memory. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    this.#assertIdle();
    this.#busy = true;
    this.#turnStarted = performance.now();
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }

  #gather(address: number): Float32Array {
    this.#assertIdle();
    return gatherTensors(this.#parameters, this.#pool.f32(address, this.#parameters.bytes / FLOAT_BYTES));
  }

  #scatter(canonical: Float32Array, address: number): void {
    scatterTensors(this.#parameters, canonical, this.#pool.f32(address, this.#parameters.bytes / FLOAT_BYTES));
  }
}
