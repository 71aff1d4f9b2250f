// The first page of the shared memory: how threads hand each other work. Byte offsets; assembly/common/control.ts holds those that WASM reads.
// Words that different threads spin on lie 128 bytes apart.

export const PAGE_BYTES = 65536;

/** Counts jobs: workers wait for it to change. */
export const JOB_GENERATION = 0;
/** Index of the op among the module's exported functions, or `STOP_OP`. */
export const JOB_OP = 4;
/** Address of the op's arguments. */
export const JOB_ARGS = 8;
/** 1 after any failure: every wait ends. */
export const ABORT = 128;
/** Workers that have not finished the job yet: the host waits for 0. */
export const JOB_PENDING = 256;
/** 1 while the host sleeps instead of spinning. */
export const HOST_ASLEEP = 260;
/** Workers asleep between jobs. */
export const JOB_SLEEPERS = 384;
export const BARRIER_GENERATION = 512;
export const SPIN_LIMIT = 896;
export const STALL_SECONDS = 900;
/** Number of the thread that failed first, its message's length in bytes and its text in UTF-8. */
export const FAILED_THREAD = 1024;
export const FAILURE_LENGTH = 1028;
export const FAILURE_TEXT = 2048;
export const FAILURE_TEXT_BYTES = 2048;

export const STOP_OP = -1;

/** An op: an exported function of the module, run by all threads at once. `args` is the address of its arguments. */
export type Op = (thread: number, threads: number, args: number) => void;

/** The ops of each module in the order of its exports, which is the same in every thread; all work on the one memory. */
export function instantiateOps(
  modules: readonly WebAssembly.Module[],
  memory: WebAssembly.Memory,
): { name: string; op: Op; code: number }[] {
  return modules.flatMap((module, code) => {
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return WebAssembly.Module.exports(module)
      .filter(({ kind }) => kind === 'function')
      .map(({ name }) => ({ name, op: exports[name] as Op, code }));
  });
}

/** Notes the first failure of any thread and releases all that wait. Whoever comes second changes nothing. */
export function recordFailure(words: Int32Array, thread: number, error: unknown): void {
  if (Atomics.compareExchange(words, FAILED_THREAD >> 2, 0, thread + 1) === 0) {
    const text = new TextEncoder()
      .encode(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
      .subarray(0, FAILURE_TEXT_BYTES);
    new Uint8Array(words.buffer, FAILURE_TEXT, text.length).set(text);
    words[FAILURE_LENGTH >> 2] = text.length;
  }
  Atomics.store(words, ABORT >> 2, 1);
  Atomics.notify(words, BARRIER_GENERATION >> 2);
}

/** Who failed first and why, or null. */
export function readFailure(words: Int32Array): { thread: number; message: string } | null {
  const thread = Atomics.load(words, FAILED_THREAD >> 2) - 1;
  if (thread < 0) return null;
  const text = new Uint8Array(words.buffer, FAILURE_TEXT, words[FAILURE_LENGTH >> 2]!).slice();
  return { thread, message: new TextDecoder().decode(text) };
}
