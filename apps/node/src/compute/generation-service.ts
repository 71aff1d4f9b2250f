// The main thread's side of text generation. The thread is started by the first request and ended when it has been idle for a while, so that
// a node that nobody talks to does not hold a second copy of the model.

import { Worker } from 'node:worker_threads';
import type { GenerateOptions } from '@resonancenet/training/generate';
import type { GenerationMessage, GenerationReply, GenerationWorkerData } from './generation-worker.ts';

const idleMs = 60_000;
/** Requests that may wait; each takes seconds. */
const maxWaiting = 16;

export class GenerationError extends Error {
  readonly code = 'generation-failed';
}

interface Waiting {
  readonly resolve: (made: { readonly text: string; readonly tokensPerSecond: number }) => void;
  readonly reject: (error: Error) => void;
}

export class GenerationService {
  readonly #data: GenerationWorkerData;
  readonly #onDistrust: (why: string) => void;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #nextJob = 1;
  #idle: ReturnType<typeof setTimeout> | null = null;

  constructor(data: GenerationWorkerData, onDistrust: (why: string) => void) {
    this.#data = data;
    this.#onDistrust = onDistrust;
  }

  /** Text that follows the prompt, from a checkpoint file. Rejects with GenerationError. */
  generate(
    path: string,
    options: GenerateOptions,
  ): Promise<{ readonly text: string; readonly tokensPerSecond: number }> {
    if (this.#waiting.size >= maxWaiting)
      return Promise.reject(new GenerationError(`${maxWaiting} requests are waiting already. Try again later.`));
    if (this.#idle !== null) clearTimeout(this.#idle);
    const job = this.#nextJob;
    this.#nextJob += 1;
    const made = new Promise<{ text: string; tokensPerSecond: number }>((resolve, reject) => {
      this.#waiting.set(job, { resolve, reject });
    });
    this.#start().postMessage({ job, path, options });
    return made;
  }

  async close(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = null;
    this.#failAll('the node is stopping');
    await worker?.terminate();
  }

  #start(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL('./generation-worker.ts', import.meta.url), { workerData: this.#data });
    const died = (detail: string): void => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      this.#failAll(detail);
    };
    worker.on('message', (message: GenerationMessage) => {
      if ('distrust' in message) this.#onDistrust(message.distrust);
      else this.#onReply(message);
    });
    worker.on('error', (error) => died(`the generation thread died: ${String(error)}`));
    worker.on('exit', (code) => died(`the generation thread ended with code ${code}`));
    this.#worker = worker;
    return worker;
  }

  #onReply(reply: GenerationReply): void {
    const waiting = this.#waiting.get(reply.job);
    this.#waiting.delete(reply.job);
    if (reply.ok) waiting?.resolve({ text: reply.text, tokensPerSecond: reply.tokensPerSecond });
    else waiting?.reject(new GenerationError(reply.detail));
    if (this.#waiting.size > 0) return;
    this.#idle = setTimeout(() => {
      const worker = this.#worker;
      this.#worker = null;
      void worker?.terminate();
    }, idleMs);
    this.#idle.unref();
  }

  #failAll(detail: string): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new GenerationError(detail));
    this.#waiting.clear();
  }
}
