// The main thread's side of exact evaluation: a queue of jobs for the evaluation thread.

import { Worker } from 'node:worker_threads';
import type { CodeTrust } from '@resonancenet/kernels/code-trust';
import type { EvaluationTask, TaskOutcome } from './evaluate-checkpoint.ts';
import { CANCEL_SLOTS, type EvaluationReply, type EvaluationWorkerData } from './evaluation-messages.ts';

export interface EvaluationServiceOptions {
  readonly backend: string;
  readonly threads: number;
  /** Shared with the other threads of the process that compute. */
  readonly trust: CodeTrust;
  readonly onDistrust: (why: string) => void;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Evaluates checkpoint files one at a time. A crash of the thread fails its jobs and a new one is started for the next. */
export class EvaluationService {
  readonly #options: EvaluationServiceOptions;
  readonly #cancelled = new Int32Array(new SharedArrayBuffer(4 * CANCEL_SLOTS));
  readonly #waiting = new Map<number, (outcome: TaskOutcome) => void>();
  #worker: Worker | null = null;
  #nextJob = 1;

  constructor(options: EvaluationServiceOptions) {
    this.#options = options;
  }

  /** Starts one evaluation; `cancel` makes it end as `cancelled` if it has not ended by then. */
  evaluate(task: EvaluationTask): { readonly outcome: Promise<TaskOutcome>; readonly cancel: () => void } {
    const job = this.#nextJob;
    this.#nextJob += 1;
    const outcome = new Promise<TaskOutcome>((resolve) => this.#waiting.set(job, resolve));
    this.#start().postMessage({ job, task });
    return {
      outcome,
      cancel: () => {
        if (this.#waiting.has(job)) Atomics.store(this.#cancelled, job % CANCEL_SLOTS, job);
      },
    };
  }

  /** Jobs that have no outcome yet. */
  get pending(): number {
    return this.#waiting.size;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#failAll('the node is stopping');
    await worker?.terminate();
  }

  #start(): Worker {
    if (this.#worker !== null) return this.#worker;
    const workerData: EvaluationWorkerData = {
      backend: this.#options.backend,
      threads: this.#options.threads,
      cancelled: this.#cancelled.buffer as SharedArrayBuffer,
      trust: this.#options.trust.shared,
    };
    const worker = new Worker(new URL('./evaluation-worker.ts', import.meta.url), { workerData });
    worker.on('message', (reply: EvaluationReply) => this.#onReply(reply));
    worker.on('error', (error) => this.#onDeath(worker, `the evaluation thread died: ${String(error)}`));
    worker.on('exit', (code) => this.#onDeath(worker, `the evaluation thread ended with code ${code}`));
    this.#worker = worker;
    return worker;
  }

  #onReply(reply: EvaluationReply): void {
    if (reply.type === 'progress') {
      this.#options.onProgress?.(reply.done, reply.total);
      return;
    }
    if (reply.type === 'distrust') {
      this.#options.onDistrust(reply.why);
      return;
    }
    this.#waiting.get(reply.job)?.(reply.outcome);
    this.#waiting.delete(reply.job);
  }

  #onDeath(worker: Worker, detail: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#failAll(detail);
  }

  #failAll(detail: string): void {
    for (const settle of this.#waiting.values()) settle({ kind: 'failed', detail });
    this.#waiting.clear();
  }
}
