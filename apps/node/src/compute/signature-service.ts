// The main thread's side of checking signatures: jobs cut into batches for a few threads, those of blocks before those of unconfirmed transactions.

import { Worker } from 'node:worker_threads';
import { assert } from '@resonancenet/bytes/assert';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import { packChecks, type SignatureMode, type SignatureReply, type SignatureRequest } from './signature-messages.ts';

export type SignatureResult =
  | { readonly kind: 'valid' }
  /** `index`: one of the checks that failed. */
  | { readonly kind: 'invalid'; readonly index: number }
  /** Operational trouble: says nothing about the signatures. */
  | { readonly kind: 'failed'; readonly detail: string };

export interface SignatureServiceOptions {
  readonly threads: number;
  /** Signatures that may wait; more are answered with `failed`. */
  readonly maxWaiting?: number;
}

/** Signatures of one message to a thread: about 15 ms of work, or 200 ms if the portable code decides all of them. */
const BATCH = 128;

/** Those of twenty full blocks; 128 bytes each. */
const MAX_WAITING = 400_000;

interface Job {
  readonly mode: SignatureMode;
  readonly settle: (result: SignatureResult) => void;
  batchesLeft: number;
  isSettled: boolean;
}

interface Batch {
  readonly job: Job;
  /** Place of its first check in the job. */
  readonly start: number;
  readonly checks: readonly SignatureCheck[];
}

interface Thread {
  readonly worker: Worker;
  running: { readonly number: number; readonly batch: Batch } | null;
}

/** Checks signatures on threads that start when they are needed. A thread that dies fails what it was checking, and another takes its place. */
export class SignatureService {
  readonly #threadCount: number;
  readonly #maxWaiting: number;
  readonly #threads: Thread[] = [];
  readonly #queues: Readonly<Record<SignatureMode, Batch[]>> = { exact: [], strict: [] };
  #waiting = 0;
  #batches = 0;
  #isClosed = false;

  constructor({ threads, maxWaiting = MAX_WAITING }: SignatureServiceOptions) {
    assert(threads >= 1, 'signatures are checked by at least one thread');
    this.#threadCount = threads;
    this.#maxWaiting = maxWaiting;
  }

  /** Signatures that no thread has taken yet. */
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
      const job: Job = { mode, settle, batchesLeft: Math.ceil(checks.length / BATCH), isSettled: false };
      for (let start = 0; start < checks.length; start += BATCH)
        this.#queues[mode].push({ job, start, checks: checks.slice(start, start + BATCH) });
      this.#waiting += checks.length;
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const threads = this.#threads.splice(0);
    const batches = [...this.#queues.exact.splice(0), ...this.#queues.strict.splice(0)];
    this.#waiting = 0;
    for (const { running } of threads) if (running !== null) batches.push(running.batch);
    for (const { job } of batches) end(job, { kind: 'failed', detail: 'the node is stopping' });
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  #next(): Batch | null {
    for (const mode of ['exact', 'strict'] as const) {
      for (let batch = this.#queues[mode].shift(); batch !== undefined; batch = this.#queues[mode].shift()) {
        this.#waiting -= batch.checks.length;
        // The rest of a job that has its answer.
        if (!batch.job.isSettled) return batch;
      }
    }
    return null;
  }

  #dispatch(): void {
    while (!this.#isClosed) {
      const thread = this.#idleThread();
      const batch = thread === null ? null : this.#next();
      if (thread === null || batch === null) return;
      this.#batches += 1;
      const bytes = packChecks(batch.checks);
      thread.running = { number: this.#batches, batch };
      const request: SignatureRequest = { batch: this.#batches, mode: batch.job.mode, bytes };
      thread.worker.postMessage(request, [bytes.buffer]);
    }
  }

  #idleThread(): Thread | null {
    const idle = this.#threads.find(({ running }) => running === null);
    if (idle !== undefined) return idle;
    const isNeeded = this.#queues.exact.length + this.#queues.strict.length > 0;
    return isNeeded && this.#threads.length < this.#threadCount ? this.#startThread() : null;
  }

  #startThread(): Thread {
    const worker = new Worker(new URL('./signature-worker.ts', import.meta.url));
    const thread: Thread = { worker, running: null };
    worker.on('message', (reply: SignatureReply) => this.#onReply(thread, reply));
    worker.on('error', (error) => this.#onDeath(thread, `a signature thread died: ${String(error)}`));
    worker.on('exit', (code) => this.#onDeath(thread, `a signature thread ended with code ${code}`));
    this.#threads.push(thread);
    return thread;
  }

  #onReply(thread: Thread, { batch: number, failed }: SignatureReply): void {
    if (thread.running?.number !== number) return;
    const { job, start } = thread.running.batch;
    thread.running = null;
    job.batchesLeft -= 1;
    if (failed !== null) end(job, { kind: 'invalid', index: start + failed });
    else if (job.batchesLeft === 0) end(job, { kind: 'valid' });
    this.#dispatch();
  }

  #onDeath(thread: Thread, detail: string): void {
    const at = this.#threads.indexOf(thread);
    if (at < 0) return;
    this.#threads.splice(at, 1);
    if (thread.running !== null) end(thread.running.batch.job, { kind: 'failed', detail });
    this.#dispatch();
  }
}

function end(job: Job, result: SignatureResult): void {
  if (job.isSettled) return;
  job.isSettled = true;
  job.settle(result);
}
