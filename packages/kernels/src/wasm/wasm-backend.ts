// The WebAssembly backend: exact evaluation and decoding (assembly/exact), training (assembly/train), on threads over shared memory.

import { parameterCount } from '@resonancenet/model/shape';
import type {
  Backend,
  BackendOptions,
  Bf16Weights,
  Decoder,
  ExactEvaluator,
  Trainer,
  TrainerOptions,
} from '../backend.ts';
import { KernelError } from '../kernel-error.ts';
import { verifyExactness } from '../self-test.ts';
import { PAGE_BYTES } from './control-block.ts';
import { WasmDecoder } from './exact-decoder.ts';
import { WasmEvaluator } from './exact-evaluator.ts';
import { loadKernels } from './load-module.ts';
import { verifyOperations } from './operation-probes.ts';
import { ThreadPool } from './thread-pool.ts';

/** Below this many parameters a step of decoding is over so soon (0.4 ms) that waiting for other threads on a busy machine would cost more than they help. */
const DECODER_THREADS_FROM = 2 ** 23;
/** A pool with less memory than this is kept for the next evaluator or decoder of as many threads: a block of a small network is evaluated sooner than threads start. */
const KEEP_BYTES = 2 ** 26;
const KEEP_POOLS = 2;
/** Rounds of the golden models after which V8 has compiled the kernels for speed: the self-test is to run on what will decide. */
const SELF_TEST_ROUNDS = 4;

/** Opens the backend; throws KernelError SELF_TEST_FAILED where the machine computes other bits than the definition, KERNELS_NOT_BUILT, WORKER_START_FAILED. */
export async function createWasmBackend(options: BackendOptions): Promise<Backend> {
  try {
    return await openVerified(options, await loadKernels('exact'));
  } catch (error) {
    if (!(error instanceof KernelError) || error.code !== 'SELF_TEST_FAILED') throw error;
    return await openVerified(options, await loadKernels('exact', false));
  }
}

async function openVerified(options: BackendOptions, module: WebAssembly.Module): Promise<Backend> {
  const backend = new WasmBackend(options, module);
  try {
    await backend.verify();
  } catch (error) {
    await backend.close();
    throw error;
  }
  return backend;
}

class WasmBackend implements Backend {
  readonly name = 'wasm';
  readonly exact = true;
  readonly #threads: number;
  readonly #module: WebAssembly.Module;
  readonly #pools: Set<ThreadPool> = new Set();
  readonly #idle: ThreadPool[] = [];
  readonly #trainers: Set<Trainer> = new Set();
  #closed = false;

  constructor({ threads }: BackendOptions, module: WebAssembly.Module) {
    this.#threads = threads;
    this.#module = module;
  }

  async verify(): Promise<void> {
    const pool = await this.#take(1);
    try {
      verifyOperations(pool, this.name);
    } finally {
      await this.#giveBack(pool);
    }
    await verifyExactness(this, SELF_TEST_ROUNDS);
  }

  async evaluator(weights: Bf16Weights): Promise<ExactEvaluator> {
    return await this.#withPool(this.#threads, (pool, release) => new WasmEvaluator(pool, weights, release));
  }

  async decoder(weights: Bf16Weights): Promise<Decoder> {
    const threads = parameterCount(weights.shape) < DECODER_THREADS_FROM ? 1 : this.#threads;
    return await this.#withPool(threads, (pool, release) => new WasmDecoder(pool, weights, release));
  }

  async trainer(options: TrainerOptions): Promise<Trainer> {
    this.#assertOpen();
    // Nodes that do not mine never load the trainer.
    const { WasmTrainer } = await import('./train-session.ts');
    const trainer = await WasmTrainer.create({ ...options, threads: this.#threads });
    this.#trainers.add(trainer);
    return trainer;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#idle.length = 0;
    await Promise.all([...this.#trainers].map((trainer) => trainer.close()));
    await Promise.all([...this.#pools].map((pool) => pool.close()));
    this.#trainers.clear();
    this.#pools.clear();
  }

  async #withPool<T>(threads: number, open: (pool: ThreadPool, release: () => Promise<void>) => T): Promise<T> {
    const pool = await this.#take(threads);
    let taken = true;
    const release = async (): Promise<void> => {
      if (!taken) return;
      taken = false;
      await this.#giveBack(pool);
    };
    try {
      return open(pool, release);
    } catch (error) {
      await release();
      throw error;
    }
  }

  async #take(threads: number): Promise<ThreadPool> {
    this.#assertOpen();
    const index = this.#idle.findIndex((pool) => pool.threads === threads);
    const [idle] = index < 0 ? [] : this.#idle.splice(index, 1);
    if (idle !== undefined) return idle;
    const pool = await ThreadPool.create({ module: this.#module, threads });
    this.#pools.add(pool);
    return pool;
  }

  async #giveBack(pool: ThreadPool): Promise<void> {
    const small = pool.memory.buffer.byteLength <= KEEP_BYTES;
    if (!this.#closed && small && pool.usable && this.#idle.length < KEEP_POOLS) {
      pool.release(PAGE_BYTES);
      this.#idle.push(pool);
      return;
    }
    this.#pools.delete(pool);
    await pool.close();
  }

  #assertOpen(): void {
    if (this.#closed) throw new KernelError('POOL_CLOSED', 'The backend was closed; open a new one.');
  }
}
