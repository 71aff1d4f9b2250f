// Exact evaluation on a thread pool (assembly/exact). Windows are dealt to threads whole; where there are fewer windows than threads, all threads share each.
// Neither changes a bit (EVAL-14).

import { parameterCount } from '@resonancenet/model/shape';
import type { Bf16Weights, EvalWindow, ExactEvaluator, WindowResult } from '../backend.ts';
import { KernelError } from '../kernel-error.ts';
import { activationBytes, allocateActivations, allocateWorkspace, logitRowsOf } from './exact-buffers.ts';
import { type LoadedModel, loadModel } from './exact-model.ts';
import type { KernelCode } from './load-module.ts';
import type { ThreadPool } from './thread-pool.ts';

/** Windows in one call into WASM are about this much work for each thread (0.05 s), so that the event loop gets its turn. */
const FLOP_PER_CALL = 3e9;
const MAX_WINDOWS_PER_CALL = 256;
/** Beyond this many bytes of activations all threads share one set. */
const MAX_ACTIVATION_BYTES = 2 ** 30;
/** Fields of Batch and Window in assembly/exact/index.ts. */
const BATCH_WORDS = 9;
const WINDOW_BYTES = 24;

interface Buffers {
  /** Steps that fit. */
  readonly steps: number;
  /** One per thread that works for itself, else one for all. */
  readonly activations: readonly number[];
  readonly workspaces: readonly number[];
  /** Where the arguments of a call begin. */
  readonly mark: number;
}

export class WasmEvaluator implements ExactEvaluator {
  readonly #pool: ThreadPool;
  readonly #model: LoadedModel;
  readonly #mark: number;
  readonly #release: () => Promise<void>;
  #buffers: Buffers | null = null;
  #closed = false;

  /** `release` gets the pool back when the evaluator is closed. */
  constructor(pool: ThreadPool, weights: Bf16Weights, release: () => Promise<void>) {
    this.#pool = pool;
    this.#model = loadModel(pool, weights);
    this.#mark = pool.mark();
    this.#release = release;
  }

  async evaluate(
    windows: readonly EvalWindow[],
    onWindow?: (index: number, result: WindowResult) => boolean,
  ): Promise<WindowResult[]> {
    for (const window of windows) this.#checkWindow(window);
    const steps = Math.max(1, ...windows.map(({ inputs }) => inputs.length));
    const perCall = this.#windowsPerCall(steps);
    const results: WindowResult[] = [];
    for (let first = 0; first < windows.length; first += perCall) {
      // A turn of the event loop between calls.
      if (first > 0) await new Promise((resolve) => setImmediate(resolve));
      for (const result of this.#evaluateBatch(windows.slice(first, first + perCall), steps)) {
        results.push(result);
        if (onWindow?.(results.length - 1, result) === false) return results;
      }
    }
    return results;
  }

  async secondOpinion(window: EvalWindow): Promise<WindowResult> {
    this.#checkWindow(window);
    return this.#evaluateBatch([window], Math.max(1, window.inputs.length), 'plain')[0]!;
  }

  #windowsPerCall(steps: number): number {
    const flop = 2 * parameterCount(this.#model.shape) * steps;
    const { threads } = this.#pool;
    return Math.min(MAX_WINDOWS_PER_CALL, threads * Math.max(1, Math.floor(FLOP_PER_CALL / flop)));
  }

  #evaluateBatch(windows: readonly EvalWindow[], steps: number, code: KernelCode = 'fast'): WindowResult[] {
    const pool = this.#pool;
    const buffers = this.#buffersFor(steps);
    const each = windows.length >= pool.threads && buffers.activations.length === pool.threads;
    const { batch, table } = this.#writeBatch(buffers, windows);
    pool.run(each ? 'evaluateEach' : 'evaluateTogether', batch, code);
    const results = windows.map((_, i): WindowResult => {
      const sum = pool.f64(table + i * WINDOW_BYTES, 1)[0]!;
      const nonFinite = pool.u32(table + i * WINDOW_BYTES + 20, 1)[0]!;
      return nonFinite === 0 ? { ok: true, sum } : { ok: false, reason: 'non-finite' };
    });
    pool.release(buffers.mark);
    return results;
  }

  /** Lays out a Batch and its Windows. `outBytes` more are allocated for `out`. */
  #writeBatch(
    buffers: Buffers,
    windows: readonly EvalWindow[],
    outBytes = 0,
  ): { batch: number; table: number; out: number } {
    const pool = this.#pool;
    const table = pool.allocate(WINDOW_BYTES * windows.length);
    const pointers = pool.allocate(4 * (buffers.activations.length + buffers.workspaces.length));
    const batch = pool.allocate(4 * BATCH_WORDS);
    const out = pool.allocate(outBytes);
    const ids = windows.map(({ inputs, targets }) =>
      [inputs, targets].map((values) => ({ values, at: pool.allocate(2 * values.length) })),
    );
    for (const { values, at } of ids.flat()) pool.u16(at, values.length).set(values);
    for (const [i, [inputs, targets]] of ids.entries()) {
      pool.u32(table + i * WINDOW_BYTES + 8, 4).set([inputs!.at, targets!.at, inputs!.values.length, 0]);
    }
    pool.u32(pointers, buffers.activations.length).set(buffers.activations);
    const workspaces = pointers + 4 * buffers.activations.length;
    pool.u32(workspaces, buffers.workspaces.length).set(buffers.workspaces);
    pool.u32(batch, BATCH_WORDS).set([this.#model.address, pointers, workspaces, table, windows.length, 0, out, 0, 0]);
    // The first Activations may carry the verdict of an earlier window (its last field).
    pool.u32(buffers.activations[0]! + 48, 1)[0] = 0;
    return { batch, table, out };
  }

  async logits(inputs: Uint16Array): Promise<Float32Array> {
    this.#checkIds(inputs);
    const pool = this.#pool;
    const { vocab } = this.#model.shape;
    const buffers = this.#buffersFor(Math.max(1, inputs.length));
    const rowsAtOnce = logitRowsOf(this.#model.shape, buffers.steps);
    const { batch, out } = this.#writeBatch(buffers, [{ inputs, targets: inputs }], 4 * vocab * rowsAtOnce);
    pool.run('forwardTogether', batch);
    const logits = new Float32Array(inputs.length * vocab);
    for (let row = 0; row < inputs.length; row += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, inputs.length - row);
      pool.u32(batch + 28, 2).set([row, rows]);
      pool.run('blockRows', batch);
      logits.set(pool.f32(out, rows * vocab), row * vocab);
    }
    const nonFinite = pool.u32(buffers.activations[0]! + 48, 1)[0] !== 0;
    pool.release(buffers.mark);
    if (nonFinite)
      throw new KernelError(
        'NON_FINITE',
        'The model computes a NaN or an infinity on these ids: its weights are invalid.',
      );
    return logits;
  }

  #checkWindow({ inputs, targets }: EvalWindow): void {
    if (inputs.length !== targets.length) {
      throw new RangeError(`${inputs.length} inputs and ${targets.length} targets: a window has one target per input`);
    }
    this.#checkIds(inputs);
    this.#checkIds(targets);
  }

  #checkIds(ids: Uint16Array): void {
    const { vocab } = this.#model.shape;
    for (const id of ids) if (id >= vocab) throw new RangeError(`id ${id} is not below the vocabulary ${vocab}`);
  }

  #buffersFor(steps: number): Buffers {
    // The pool may serve another evaluator by now.
    if (this.#closed) throw new KernelError('POOL_CLOSED', 'The evaluator was closed; open a new one.');
    if (this.#buffers !== null && this.#buffers.steps >= steps) return this.#buffers;
    const pool = this.#pool;
    const { shape } = this.#model;
    pool.release(this.#mark);
    this.#buffers = null;
    const { threads } = pool;
    const sets = activationBytes(shape, steps, 1) * threads <= MAX_ACTIVATION_BYTES ? threads : 1;
    // The first set also serves all threads together.
    const activations = Array.from({ length: sets }, (_, i) =>
      allocateActivations(pool, shape, steps, i === 0 ? threads : 1),
    );
    const workspaces = Array.from({ length: threads }, () => allocateWorkspace(pool, shape, steps));
    this.#buffers = { steps, activations, workspaces, mark: pool.mark() };
    return this.#buffers;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#release();
  }
}
