// One worker thread of a pool: waits for jobs in the control block and runs them until told to stop.

import { parentPort, workerData } from 'node:worker_threads';
import {
  ABORT,
  HOST_ASLEEP,
  instantiateOps,
  JOB_ARGS,
  JOB_GENERATION,
  JOB_OP,
  JOB_PENDING,
  JOB_SLEEPERS,
  PAGE_BYTES,
  recordFailure,
  SPIN_LIMIT,
  STOP_OP,
} from './control-block.ts';

export interface PoolWorkerData {
  readonly modules: readonly WebAssembly.Module[];
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  readonly threads: number;
  /** The generation at which the pool was made: the first job has the next. */
  readonly generation: number;
}

function waitForJob(words: Int32Array, done: number): void {
  const at = JOB_GENERATION >> 2;
  for (let spin = words[SPIN_LIMIT >> 2]!; spin > 0; spin--) if (Atomics.load(words, at) !== done) return;
  Atomics.add(words, JOB_SLEEPERS >> 2, 1);
  while (Atomics.load(words, at) === done) Atomics.wait(words, at, done);
  Atomics.sub(words, JOB_SLEEPERS >> 2, 1);
}

function finishJob(words: Int32Array): void {
  const left = Atomics.sub(words, JOB_PENDING >> 2, 1) - 1;
  if (left === 0 && Atomics.load(words, HOST_ASLEEP >> 2) === 1) Atomics.notify(words, JOB_PENDING >> 2);
}

function work({ modules, memory, thread, threads, generation }: PoolWorkerData): void {
  const ops = instantiateOps(modules, memory);
  // The view of the first page stays right for ever: growing the memory only adds pages.
  const words = new Int32Array(memory.buffer, 0, PAGE_BYTES >> 2);
  parentPort!.postMessage('ready');
  for (let done = generation; ; done = (done + 1) | 0) {
    waitForJob(words, done);
    const index = words[JOB_OP >> 2]!;
    if (index === STOP_OP) return;
    try {
      ops[index]!.op(thread, threads, words[JOB_ARGS >> 2]!);
    } catch (error) {
      // A trap that follows from another thread's failure is not the cause: recordFailure keeps the first.
      if (Atomics.load(words, ABORT >> 2) === 0) recordFailure(words, thread, error);
    }
    finishJob(words);
  }
}

work(workerData as PoolWorkerData);
