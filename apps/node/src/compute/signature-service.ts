// The main thread's side of checking signatures: jobs for a few threads, those of blocks before those of unconfirmed transactions.

import { Worker } from 'node:worker_threads';
import { assert } from '@resonancenet/bytes/assert';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import {
  type SignatureMode,
  type SignatureReply,
  stopTask,
  type TaskProgress,
  taskRequest,
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
 * Signatures of unconfirmed transactions that a thread is given at once: about 15 ms of work, after which those of a block may go first. A block's are
 * given whole and to all threads at once, which share them out among themselves, so that they go on while the main thread connects the next block.
 */
const BATCH = 128;

/** Those of twenty full blocks; 128 bytes each. */
const MAX_WAITING = 400_000;

interface Job {
  readonly settle: (result: SignatureResult) => void;
  tasksLeft: number;
  isSettled: boolean;
}

/** What threads are given of a job. */
interface Task {
  readonly job: Job;
  readonly mode: SignatureMode;
  /** Place of its first check in the job. */
  readonly start: number;
  readonly checks: readonly SignatureCheck[];
}

/** A task that threads work on. */
interface Running {
  readonly task: Task;
  readonly progress: TaskProgress;
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
  readonly #queues: Readonly<Record<SignatureMode, Task[]>> = { exact: [], strict: [] };
  readonly #running = new Map<number, Running>();
  #waiting = 0;
  #tasks = 0;
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
      const job: Job = { settle, tasksLeft: Math.ceil(checks.length / size), isSettled: false };
      for (let start = 0; start < checks.length; start += size)
        this.#queues[mode].push({ job, mode, start, checks: checks.slice(start, start + size) });
      this.#waiting += checks.length;
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const threads = this.#threads.splice(0);
    const tasks = [...this.#queues.exact.splice(0), ...this.#queues.strict.splice(0)];
    for (const { task } of this.#running.values()) tasks.push(task);
    this.#running.clear();
    this.#waiting = 0;
    for (const { job } of tasks) end(job, { kind: 'failed', detail: 'the node is stopping' });
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  /** Gives threads what they may be given: all of blocks, and while there is nothing of these one task of transactions to each. */
  #dispatch(): void {
    if (this.#isClosed) return;
    const { exact, strict } = this.#queues;
    for (let task = exact.shift(); task !== undefined; task = exact.shift()) {
      this.#startThreads(Math.ceil(task.checks.length / BATCH));
      this.#give(task, this.#threads);
    }
    while (strict.length > 0) {
      const { job, checks } = strict[0]!;
      // The rest of a job that has its answer.
      if (job.isSettled) {
        strict.shift();
        this.#waiting -= checks.length;
        continue;
      }
      let idle = this.#threads.filter(({ tasks }) => tasks.size === 0);
      if (idle.length === 0) idle = this.#startThreads(this.#threads.length + 1);
      const [thread] = idle;
      if (thread === undefined) return;
      this.#give(strict.shift()!, [thread]);
    }
  }

  #give(task: Task, threads: readonly Thread[]): void {
    this.#tasks += 1;
    const number = this.#tasks;
    const request = taskRequest(number, task.mode, task.checks);
    this.#running.set(number, { task, progress: request.progress, threadsLeft: threads.length });
    for (const { worker, tasks } of threads) {
      tasks.add(number);
      worker.postMessage(request);
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

  #onReply(thread: Thread, { task: number, failed }: SignatureReply): void {
    thread.tasks.delete(number);
    const running = this.#running.get(number);
    if (running === undefined) return;
    const { task, progress } = running;
    running.threadsLeft -= 1;
    if (failed !== null) {
      stopTask(progress);
      end(task.job, { kind: 'invalid', index: task.start + failed });
    }
    if (running.threadsLeft === 0) this.#finish(number, task);
    this.#dispatch();
  }

  #finish(number: number, { job, checks }: Task): void {
    this.#running.delete(number);
    this.#waiting -= checks.length;
    job.tasksLeft -= 1;
    if (job.tasksLeft === 0) end(job, { kind: 'valid' });
  }

  #onDeath(thread: Thread, detail: string): void {
    const at = this.#threads.indexOf(thread);
    if (at < 0) return;
    this.#threads.splice(at, 1);
    for (const number of thread.tasks) {
      const running = this.#running.get(number);
      if (running === undefined) continue;
      // What it had taken nobody has checked.
      stopTask(running.progress);
      end(running.task.job, { kind: 'failed', detail });
      running.threadsLeft -= 1;
      if (running.threadsLeft === 0) this.#finish(number, running.task);
    }
    this.#dispatch();
  }
}

function end(job: Job, result: SignatureResult): void {
  if (job.isSettled) return;
  job.isSettled = true;
  job.settle(result);
}
