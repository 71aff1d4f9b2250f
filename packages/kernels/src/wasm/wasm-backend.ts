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
import { CodeTrust } from '../code-trust.ts';
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

/**
 * Opens the backend on code that has passed its self-test; fast code that has not is distrusted.
 * Throws KernelError SELF_TEST_FAILED where the plain code computes other bits than the definition, KERNELS_NOT_BUILT, WORKER_START_FAILED.
 */
export async function createWasmBackend(options: BackendOptions): Promise<Backend> {
  const plain = await loadKernels('exact', { code: 'plain' });
  await verifyPlain(plain);
  const backend = new WasmBackend(options, plain, await loadKernels('exact'));
  try {
    if (backend.usesFastCode) await verifyFast(backend);
  } catch (error) {
    await backend.close();
    throw error;
  }
  return backend;
}

async function verifyPlain(module: WebAssembly.Module): Promise<void> {
  const backend = new WasmBackend({ threads: 1 }, module, null);
  try {
    await backend.verify(1);
  } catch (cause) {
    if (!isSelfTestFailure(cause)) throw cause;
    const advice = "It must not decide on this machine: use the backend 'reference', and report this.";
    throw new KernelError('SELF_TEST_FAILED', `${cause.message} ${advice}`, { cause });
  } finally {
    await backend.close();
  }
}

async function verifyFast(backend: WasmBackend): Promise<void> {
  try {
    await backend.verify(SELF_TEST_ROUNDS);
  } catch (error) {
    if (!isSelfTestFailure(error)) throw error;
    backend.distrust(
      `${error.message} So says the fast code, which is not used; everything is computed by the plain code, more slowly. Report this.`,
    );
  }
}

function isSelfTestFailure(error: unknown): error is KernelError {
  return error instanceof KernelError && error.code === 'SELF_TEST_FAILED';
}

class WasmBackend implements Backend {
  readonly name = 'wasm';
  readonly exact = true;
  readonly #threads: number;
  readonly #plain: WebAssembly.Module;
  readonly #fast: WebAssembly.Module | null;
  readonly #trust: CodeTrust;
  readonly #onDistrust: (why: string) => void;
  readonly #pools: Set<ThreadPool> = new Set();
  readonly #idle: ThreadPool[] = [];
  readonly #trainers: Set<Trainer> = new Set();
  #closed = false;

  constructor(options: BackendOptions, plain: WebAssembly.Module, fast: WebAssembly.Module | null) {
    this.#threads = options.threads;
    this.#plain = plain;
    this.#fast = fast;
    this.#trust = options.trust ?? new CodeTrust();
    this.#onDistrust = options.onDistrust ?? ((why) => process.emitWarning(why));
  }

  get usesFastCode(): boolean {
    return this.#fast !== null && !this.#trust.lost;
  }

  distrust(why: string): void {
    this.#trust.lose();
    this.#onDistrust(why);
  }

  async verify(rounds: number): Promise<void> {
    const pool = await this.#take(1);
    try {
      verifyOperations(pool, this.name);
    } finally {
      await this.#giveBack(pool);
    }
    await verifyExactness(this, rounds);
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
    const plain = { module: this.#plain, trust: this.#trust };
    const pool = await ThreadPool.create(
      this.#fast === null ? { module: this.#plain, threads } : { module: this.#fast, plain, threads },
    );
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
