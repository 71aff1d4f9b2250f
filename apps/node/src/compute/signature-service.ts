// The main thread's side of checking signatures: jobs for a few threads, those of blocks before those of unconfirmed transactions.

import { Worker } from 'node:worker_threads';
import { assert } from '@resonancenet/bytes/assert';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import {
  type SharedRequest,
  type SignatureMode,
  type SignatureReply,
  type SmallRequest,
  sharedRequest,
  smallRequest,
  stopTask,
  type TaskProgress,
} from './signature-messages.ts';

export type SignatureResult =
  | { readonly kind: 'valid' }
  /** `index`: one of the checks that failed. */
  | { readonly kind: 'invalid'; readonly index: number }
  /** Operational trouble: says nothing about the signatures. */
  | { readonly kind: 'failed'; readonly detail: string };

export interface SignatureServiceOptions {
  readonly threads: number;
  /** Signatures that may be without an answer; more are refused with `failed`. */
  readonly maxWaiting?: number;
}

/**
 * Signatures of unconfirmed transactions that a thread is given at once: about 15 ms of work, after which those of a block may go first. A block's are given
 * whole and to all threads at once, which share them out among themselves, so that they go on while the main thread connects the next block.
 */
const BATCH = 128;

/** While many transactions come, a thread is given some of them no more often than this: each message wakes it, and costs as much as half a check. */
const GATHER_MS = 10;

/** Those of twenty full blocks; 128 bytes each. */
const MAX_WAITING = 400_000;

interface Job {
  readonly settle: (result: SignatureResult) => void;
  partsLeft: number;
  isSettled: boolean;
}

interface Part {
  readonly job: Job;
  /** Place of its first check in the job. */
  readonly start: number;
  readonly checks: readonly SignatureCheck[];
}

/** A task that threads work on: a whole job that they share, or parts of jobs for one of them. */
interface Running {
  readonly parts: readonly Part[];
  readonly progress: TaskProgress | null;
  threadsLeft: number;
}

interface Thread {
  readonly worker: Worker;
  /** Numbers of the tasks that it was given, in this order. */
  readonly tasks: Set<number>;
}

/** Checks signatures on threads that start when they are needed. A thread that dies fails what it was checking, and another takes its place. */
export class SignatureService {
  readonly #threadCount: number;
  readonly #maxWaiting: number;
  readonly #threads: Thread[] = [];
  readonly #queues: Readonly<Record<SignatureMode, Part[]>> = { exact: [], strict: [] };
  readonly #running = new Map<number, Running>();
  #waiting = 0;
  #tasks = 0;
  #isAwaited = false;
  /** When unconfirmed transactions were last given to a thread. */
  #gaveMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor({ threads, maxWaiting = MAX_WAITING }: SignatureServiceOptions) {
    assert(threads >= 1, 'signatures are checked by at least one thread');
    this.#threadCount = threads;
    this.#maxWaiting = maxWaiting;
  }

  /** Signatures without an answer. */
  get waiting(): number {
    return this.#waiting;
  }

  /** `exact` jobs are those of blocks and go first; of one kind the first come first. */
  check(checks: readonly SignatureCheck[], mode: SignatureMode): Promise<SignatureResult> {
    if (this.#isClosed) return Promise.resolve({ kind: 'failed', detail: 'the node is stopping' });
    if (checks.length === 0) return Promise.resolve({ kind: 'valid' });
    if (this.#waiting + checks.length > this.#maxWaiting) {
      const detail = `${this.#waiting} signatures wait to be checked, with ${checks.length} more they would exceed ${this.#maxWaiting}`;
      return Promise.resolve({ kind: 'failed', detail });
    }
    return new Promise((settle) => {
      const size = mode === 'exact' ? checks.length : BATCH;
      const job: Job = { settle, partsLeft: Math.ceil(checks.length / size), isSettled: false };
      for (let start = 0; start < checks.length; start += size)
        this.#queues[mode].push({ job, start, checks: checks.slice(start, start + size) });
      this.#waiting += checks.length;
      if (mode === 'exact') this.#dispatch();
      else this.#await();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const threads = this.#threads.splice(0);
    const parts = [...this.#queues.exact.splice(0), ...this.#queues.strict.splice(0)];
    for (const running of this.#running.values()) parts.push(...running.parts);
    this.#running.clear();
    this.#waiting = 0;
    for (const { job } of parts) end(job, { kind: 'failed', detail: 'the node is stopping' });
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  /** What more is asked for in this turn of the event loop, or soon after the last time, goes along. */
  #await(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    const give = (): void => {
      this.#isAwaited = false;
      this.#dispatch();
    };
    const waitMs = this.#gaveMs + GATHER_MS - performance.now();
    if (waitMs > 0) setTimeout(give, waitMs);
    else setImmediate(give);
  }

  /** Gives threads what they may be given: all of blocks, and while there is nothing of these one task of transactions to each. */
  #dispatch(): void {
    if (this.#isClosed) return;
    const { exact } = this.#queues;
    for (let part = exact.shift(); part !== undefined; part = exact.shift()) {
      this.#startThreads(Math.ceil(part.checks.length / BATCH));
      const request = sharedRequest(this.#nextTask(), part.checks);
      this.#give(request, { parts: [part], progress: request.progress }, this.#threads);
    }
    while (this.#queues.strict.length > 0) {
      let idle = this.#threads.filter(({ tasks }) => tasks.size === 0);
      if (idle.length === 0) idle = this.#startThreads(this.#threads.length + 1);
      const [thread] = idle;
      if (thread === undefined) return;
      const parts = this.#takeSmall();
      if (parts.length === 0) return;
      this.#gaveMs = performance.now();
      const checks = parts.map((part) => part.checks);
      this.#give(smallRequest(this.#nextTask(), checks), { parts, progress: null }, [thread]);
    }
  }

  /** The first parts that fit in one task, without those whose job has its answer. */
  #takeSmall(): Part[] {
    const { strict } = this.#queues;
    const parts: Part[] = [];
    for (let room = BATCH; strict[0] !== undefined && strict[0].checks.length <= room; ) {
      const part = strict.shift()!;
      if (part.job.isSettled) {
        this.#waiting -= part.checks.length;
        continue;
      }
      parts.push(part);
      room -= part.checks.length;
    }
    return parts;
  }

  #nextTask(): number {
    this.#tasks += 1;
    return this.#tasks;
  }

  #give(
    request: SharedRequest | SmallRequest,
    running: Pick<Running, 'parts' | 'progress'>,
    threads: readonly Thread[],
  ): void {
    this.#running.set(request.task, { ...running, threadsLeft: threads.length });
    for (const { worker, tasks } of threads) {
      tasks.add(request.task);
      if (request.mode === 'exact') worker.postMessage(request);
      else worker.postMessage(request, [request.bytes.buffer]);
    }
  }

  /** Starts threads until there are so many, or as many as there may be; gives the new ones. */
  #startThreads(count: number): Thread[] {
    const missing = Math.min(count, this.#threadCount) - this.#threads.length;
    return Array.from({ length: Math.max(0, missing) }, () => this.#startThread());
  }

  #startThread(): Thread {
    const worker = new Worker(new URL('./signature-worker.ts', import.meta.url));
    const thread: Thread = { worker, tasks: new Set() };
    worker.on('message', (reply: SignatureReply) => this.#onReply(thread, reply));
    worker.on('error', (error) => this.#onDeath(thread, `a signature thread died: ${String(error)}`));
    worker.on('exit', (code) => this.#onDeath(thread, `a signature thread ended with code ${code}`));
    this.#threads.push(thread);
    return thread;
  }

  #onReply(thread: Thread, { task, failed }: SignatureReply): void {
    thread.tasks.delete(task);
    const running = this.#running.get(task);
    if (running === undefined) return;
    const { parts, progress } = running;
    for (const [index, { job, start }] of parts.entries()) {
      const place = failed[index] ?? null;
      if (place === null) continue;
      if (progress !== null) stopTask(progress);
      end(job, { kind: 'invalid', index: start + place });
    }
    this.#threadDone(task, running);
    if (this.#queues.strict.length > 0) this.#await();
  }

  #threadDone(task: number, running: Running): void {
    running.threadsLeft -= 1;
    if (running.threadsLeft > 0) return;
    this.#running.delete(task);
    for (const { job, checks } of running.parts) {
      this.#waiting -= checks.length;
      job.partsLeft -= 1;
      if (job.partsLeft === 0) end(job, { kind: 'valid' });
    }
  }

  #onDeath(thread: Thread, detail: string): void {
    const at = this.#threads.indexOf(thread);
    if (at < 0) return;
    this.#threads.splice(at, 1);
    for (const task of thread.tasks) {
      const running = this.#running.get(task);
      if (running === undefined) continue;
      // What it had taken nobody has checked.
      if (running.progress !== null) stopTask(running.progress);
      for (const { job } of running.parts) end(job, { kind: 'failed', detail });
      this.#threadDone(task, running);
    }
    this.#dispatch();
  }
}

function end(job: Job, result: SignatureResult): void {
  if (job.isSettled) return;
  job.isSettled = true;
  job.settle(result);
}
