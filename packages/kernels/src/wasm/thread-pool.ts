// N threads over one shared WebAssembly memory. The calling thread is thread 0 and takes part in the work; threads 1..N-1 are workers.
//
// An op is an exported WASM function `(thread, threads, args) -> void`: all threads run it at once, each on its own share (assembly/common/split.ts), with
// barriers inside (assembly/common/barrier.ts) where one phase needs what all wrote in another. `run` is synchronous: it returns when every thread has finished.
// Every output element has one owner and one order of operations, so results never depend on the number of threads.

import { Worker } from 'node:worker_threads';
import type { CodeTrust } from '../code-trust.ts';
import { KernelError } from '../kernel-error.ts';
import { collectGarbage } from './collect-garbage.ts';
import {
  HOST_ASLEEP,
  instantiateOps,
  JOB_ARGS,
  JOB_GENERATION,
  JOB_OP,
  JOB_PENDING,
  JOB_SLEEPERS,
  type Op,
  PAGE_BYTES,
  readFailure,
  recordFailure,
  SPIN_LIMIT,
  STALL_SECONDS,
  STOP_OP,
} from './control-block.ts';
import type { KernelCode } from './load-module.ts';
import type { PoolWorkerData } from './pool-worker.ts';

export interface ThreadPoolOptions {
  readonly module: WebAssembly.Module;
  /** The same module's plain code, over the same memory: for what is to run on it, and for everything once `trust` is lost. */
  readonly plain?: { readonly module: WebAssembly.Module; readonly trust: CodeTrust };
  /** Threads to compute with, at least 1; 1 starts no worker. */
  readonly threads: number;
  /** Upper bound of the memory in pages of 64 KiB (default 65,536 = 4 GiB). Address space only: pages cost nothing until written. */
  readonly maximumPages?: number;
  /** Looks before a waiting thread sleeps (default 20,000, some 20 microseconds; in every case short beside a sleep and a wake). */
  readonly spinLimit?: number;
  /** A thread that has waited this long for another gives up: the other has died without a word (default 300 s). */
  readonly stallSeconds?: number;
}

/** Memories from this size on are worth a collection of garbage when they are closed. */
const COLLECT_FROM_BYTES = 2 ** 26;

/** Addresses of blocks handed out by the pool are multiples of this: a cache line. */
const ALIGNMENT = 64;

/** A shared memory of one page that may grow. Throws KernelError OUT_OF_MEMORY where not even the addresses can be had. */
function reserveMemory(maximum: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: 1, maximum, shared: true });
  } catch (cause) {
    throw new KernelError(
      'OUT_OF_MEMORY',
      `The system refuses to reserve the addresses of a WebAssembly memory (${maximum / 16} MiB and guard pages). Raise the limit of virtual memory (ulimit -v).`,
      { cause },
    );
  }
}

interface PoolOp {
  /** Number by which the threads know it. */
  readonly index: number;
  readonly op: Op;
}

function modulesOf({ module, plain }: ThreadPoolOptions): readonly WebAssembly.Module[] {
  return plain === undefined ? [module] : [module, plain.module];
}

export class ThreadPool {
  readonly threads: number;
  /** By name, one map for each module. */
  readonly #ops: readonly Map<string, PoolOp>[];
  readonly #trust: CodeTrust | undefined;
  #memory: WebAssembly.Memory | null;
  /** The control block; after close, a copy that keeps no memory alive. */
  #words: Int32Array;
  readonly #stallSeconds: number;
  readonly #workers: Worker[] = [];
  #top: number = PAGE_BYTES;
  #closing: Promise<void> = Promise.resolve();
  #state: 'open' | 'failed' | 'closed' = 'open';
  #u8: Uint8Array;

  private constructor(options: ThreadPoolOptions) {
    this.threads = options.threads;
    const maximum = options.maximumPages ?? 65536;
    this.#memory = reserveMemory(maximum);
    this.#u8 = new Uint8Array(this.#memory.buffer);
    this.#words = new Int32Array(this.#memory.buffer, 0, PAGE_BYTES >> 2);
    this.#stallSeconds = options.stallSeconds ?? 300;
    this.#words[SPIN_LIMIT >> 2] = options.spinLimit ?? 20_000;
    this.#words[STALL_SECONDS >> 2] = this.#stallSeconds;
    this.#trust = options.plain?.trust;
    const modules = modulesOf(options);
    const ops = instantiateOps(modules, this.#memory).map((op, index) => ({ ...op, index }));
    this.#ops = modules.map((_, code) => new Map(ops.filter((op) => op.code === code).map((op) => [op.name, op])));
  }

  /** Starts the workers. Throws KernelError WORKER_START_FAILED. */
  static async create(options: ThreadPoolOptions): Promise<ThreadPool> {
    if (!Number.isSafeInteger(options.threads) || options.threads < 1) {
      throw new RangeError(`a pool needs at least one thread, not ${options.threads}`);
    }
    const pool = new ThreadPool(options);
    try {
      await Promise.all(
        Array.from({ length: options.threads - 1 }, (_, i) => pool.#startWorker(modulesOf(options), i + 1)),
      );
    } catch (error) {
      await pool.close();
      throw new KernelError(
        'WORKER_START_FAILED',
        `A compute thread did not start: ${String(error)}. Use fewer threads.`,
        {
          cause: error,
        },
      );
    }
    return pool;
  }

  #startWorker(modules: readonly WebAssembly.Module[], thread: number): Promise<void> {
    const workerData: PoolWorkerData = { modules, memory: this.memory, thread, threads: this.threads, generation: 0 };
    const worker = new Worker(new URL('./pool-worker.ts', import.meta.url), { workerData, stdin: false });
    this.#workers.push(worker);
    return new Promise((resolve, reject) => {
      worker.once('message', () => {
        // An idle pool does not keep the process alive; close() waits for the worker's end all the same.
        worker.unref();
        resolve();
      });
      worker.once('error', (error) => {
        recordFailure(this.#words, thread, error);
        reject(error);
      });
      worker.once('exit', (code) => {
        if (this.#state !== 'closed')
          recordFailure(this.#words, thread, new Error(`the thread ended with code ${code}`));
        reject(new Error(`the thread ended with code ${code}`));
      });
    });
  }

  /**
   * Runs the op on all threads and returns when all have finished. What the host wrote before is visible to the op and the reverse.
   * Throws KernelError WORKER_FAILED if any thread crashed; the pool is then unusable.
   */
  run(name: string, args: number, code: KernelCode = 'fast'): void {
    const entry = this.#entry(name, code);
    const words = this.#words;
    if (this.threads > 1) {
      words[JOB_OP >> 2] = entry.index;
      words[JOB_ARGS >> 2] = args;
      Atomics.store(words, JOB_PENDING >> 2, this.threads - 1);
      this.#announceJob();
    }
    try {
      entry.op(0, this.threads, args);
    } catch (error) {
      recordFailure(words, 0, error);
    }
    if (this.threads > 1) this.#waitForWorkers();
    this.#assertOpen();
  }

  /** Runs the op on the calling thread only, as if it were the only one: for work too small to wake others for. Throws as `run` does. */
  runAlone(name: string, args: number, code: KernelCode = 'fast'): void {
    const entry = this.#entry(name, code);
    try {
      entry.op(0, 1, args);
    } catch (error) {
      recordFailure(this.#words, 0, error);
    }
    this.#assertOpen();
  }

  /** Whether `run` can be called: not closed, and no thread has failed. */
  get usable(): boolean {
    return this.#state === 'open' && readFailure(this.#words) === null;
  }

  #entry(name: string, code: KernelCode): PoolOp {
    this.#assertOpen();
    const plain = code === 'plain' || this.#trust?.lost === true;
    const entry = this.#ops.at(plain ? -1 : 0)?.get(name);
    if (entry === undefined) throw new RangeError(`the module exports no op '${name}'`);
    return entry;
  }

  #announceJob(): void {
    Atomics.add(this.#words, JOB_GENERATION >> 2, 1);
    if (Atomics.load(this.#words, JOB_SLEEPERS >> 2) !== 0) Atomics.notify(this.#words, JOB_GENERATION >> 2);
  }

  #waitForWorkers(): void {
    const words = this.#words;
    const at = JOB_PENDING >> 2;
    for (let spin = words[SPIN_LIMIT >> 2]!; spin > 0; spin--) if (Atomics.load(words, at) === 0) return;
    Atomics.store(words, HOST_ASLEEP >> 2, 1);
    let seconds = 0;
    for (let left = Atomics.load(words, at); left !== 0; left = Atomics.load(words, at)) {
      if (Atomics.wait(words, at, left, 1000) !== 'timed-out') continue;
      if (++seconds < this.#stallSeconds) continue;
      recordFailure(words, 0, new Error(`${left} threads made no progress for ${seconds} s`));
      break;
    }
    Atomics.store(words, HOST_ASLEEP >> 2, 0);
  }

  #assertOpen(): void {
    if (this.#state === 'closed')
      throw new KernelError(
        'POOL_CLOSED',
        'The compute threads were closed: open a new evaluator, decoder or trainer.',
      );
    const failure = readFailure(this.#words);
    if (failure === null) return;
    const first = this.#state === 'open';
    this.#state = 'failed';
    throw new KernelError(
      first ? 'WORKER_FAILED' : 'POOL_CLOSED',
      `Compute thread ${failure.thread} failed (${failure.message}). What was computed on these threads is lost: open it anew.`,
    );
  }

  /** The shared memory. Throws KernelError POOL_CLOSED after close, when it is gone. */
  get memory(): WebAssembly.Memory {
    if (this.#memory === null) this.#assertOpen();
    return this.#memory!;
  }

  /**
   * Address of a new block of memory, a multiple of 64. Its content is undefined. Grows the memory when needed: typed arrays made before then
   * keep their old length, so take views anew (`u8()` and its siblings) after every allocation. Throws KernelError OUT_OF_MEMORY.
   */
  allocate(bytes: number): number {
    const start = this.#top;
    const end = start + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    const have = this.memory.buffer.byteLength;
    if (end > have) {
      try {
        this.memory.grow(Math.ceil((end - have) / PAGE_BYTES));
      } catch (cause) {
        throw new KernelError(
          'OUT_OF_MEMORY',
          `The computation needs ${Math.ceil(end / 2 ** 20)} MiB; 32-bit WebAssembly ends at 4,096 MiB, and the machine must have as much free. Use a smaller model, batch or window.`,
          { cause },
        );
      }
    }
    this.#top = end;
    return start;
  }

  /** Where the next block will begin: pass it to `release` to free everything allocated since. */
  mark(): number {
    return this.#top;
  }

  /** Frees all blocks allocated since `mark` returned this value. Pages stay with the process. */
  release(mark: number): void {
    this.#top = mark;
  }

  /** The whole memory as bytes. The other views are windows on it: address / size of element gives the index. */
  u8(): Uint8Array {
    if (this.#u8.buffer !== this.memory.buffer) this.#u8 = new Uint8Array(this.memory.buffer);
    return this.#u8;
  }

  u16(address: number, length: number): Uint16Array {
    return new Uint16Array(this.memory.buffer, address, length);
  }

  i32(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length);
  }

  u32(address: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, length);
  }

  f32(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  f64(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length);
  }

  /** Ends the workers, frees the memory and resolves when both are gone. Views of the memory must not be kept: they would keep all of it. Idempotent. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return await this.#closing;
    this.#closing = this.#shutDown();
    await this.#closing;
  }

  async #shutDown(): Promise<void> {
    const wasOpen = this.usable;
    this.#state = 'closed';
    const ended = this.#workers.splice(0).map(async (worker) => {
      worker.ref();
      const exit = worker.threadId === -1 ? Promise.resolve() : new Promise((resolve) => worker.once('exit', resolve));
      // After a failure a worker may hang in its op: it is ended by force.
      if (!wasOpen) await worker.terminate();
      await exit;
    });
    if (wasOpen) {
      this.#words[JOB_OP >> 2] = STOP_OP;
      this.#announceJob();
    }
    await Promise.all(ended);
    const bytes = this.memory.buffer.byteLength;
    this.#words = this.#words.slice();
    this.#u8 = new Uint8Array();
    for (const ops of this.#ops) ops.clear();
    this.#memory = null;
    if (bytes >= COLLECT_FROM_BYTES) await collectGarbage();
  }
}
