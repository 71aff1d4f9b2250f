// A sequence of ops with their arguments in shared memory, run as one or a few programs (assembly/train/program.ts).

import type { ThreadPool } from './thread-pool.ts';

/** The ops in the order of their numbers in assembly/train/program.ts. */
export const OP_NAMES = [
  'gemm',
  'gemmTransposedA',
  'packATransposed',
  'packBPlain',
  'packBTransposed',
  'normForward',
  'normBackward',
  'convolutionForward',
  'convolutionBackward',
  'scanForward',
  'scanBackward',
  'slotsForward',
  'slotsBackward',
  'swigluForward',
  'swigluBackward',
  'embedForward',
  'embedBackward',
  'crossEntropy',
  'clear',
  'squareSums',
  'adamw',
  'muon',
] as const;
export type OpName = (typeof OP_NAMES)[number];

/** An argument that is a binary32 number; plain numbers are 32-bit words (addresses, counts, strides). */
export interface FloatArgument {
  readonly f32: number;
}
export type OpArgument = number | FloatArgument;

interface ListedOp {
  readonly label: string;
  readonly name: OpName;
  /** Floating-point operations, roughly. */
  readonly work: number;
  readonly words: readonly OpArgument[];
}

/** Bytes of one op's arguments: two cache lines, so that the task counter of one op never shares a line with another's. */
const OP_BYTES = 128;
/** Words that arguments may fill: the counter stands before them, the counter of finished tasks and the op's number behind. */
const OP_WORDS = 29;
const NUMBER_WORD = 31;
/** Byte offsets in the memory of a list. */
const ENTRY = 128;
const SLEEPERS = ENTRY + 128;
const OPS = 512;
const CLOSED = 1 << 30;

const ALONE_BELOW = 1e8;
/** Work of one program on each thread, about 20 ms: between programs the caller may let its event loop run. */
const PROGRAM_WORK = 2e9;

/** Milliseconds and calls by label. */
export type OpTimes = Map<string, { milliseconds: number; calls: number }>;

export interface RunOptions {
  /** Awaited between two programs; decides for itself whether to wait. */
  readonly pause?: () => Promise<void> | undefined;
  /** Makes every op a program of its own, and times it. */
  readonly times?: OpTimes | undefined;
  /** Programs of less work run on the calling thread only (default 1e8, about 2 ms, about what another thread takes to wake on a busy machine). */
  readonly aloneBelow?: number | undefined;
}

export class OpList {
  readonly #ops: ListedOp[] = [];

  /** Bytes of memory that the list needs to run. */
  get bytes(): number {
    return OPS + this.#ops.length * OP_BYTES;
  }

  /** Appends an op. `label` is what its time counts under; `words` follow the task counter. */
  add(label: string, name: OpName, work: number, ...words: OpArgument[]): void {
    if (words.length > OP_WORDS) throw new RangeError(`op ${name} has ${words.length} arguments`);
    this.#ops.push({ label, name, work, words });
  }

  /** Writes the arguments to `address` (`bytes` long; lists that run one after the other may share it) and runs the ops in order. */
  async run(pool: ThreadPool, address: number, options: RunOptions = {}): Promise<void> {
    const { pause, times, aloneBelow = ALONE_BELOW } = options;
    this.#write(pool, address);
    for (let first = 0; first < this.#ops.length; ) {
      const started = times === undefined ? 0 : performance.now();
      const end = times === undefined ? this.#programEnd(first, pool.threads) : first + 1;
      this.#runProgram(pool, address, first, end, aloneBelow);
      if (times !== undefined) addTime(times, this.#ops[first]!.label, performance.now() - started);
      first = end;
      const waiting = pause?.();
      if (waiting !== undefined) await waiting;
    }
  }

  #write(pool: ThreadPool, address: number): void {
    const words = pool.u32(address + OPS, (this.#ops.length * OP_BYTES) / 4);
    const floats = pool.f32(address + OPS, words.length);
    this.#ops.forEach((op, index) => {
      const start = (index * OP_BYTES) / 4;
      op.words.forEach((word, i) => {
        if (typeof word === 'number') words[start + 1 + i] = word;
        else floats[start + 1 + i] = word.f32;
      });
      words[start + NUMBER_WORD] = OP_NAMES.indexOf(op.name);
    });
  }

  /** End of the program that begins at an op: as many more as fit the work of one program. */
  #programEnd(first: number, threads: number): number {
    let work = this.#ops[first]!.work;
    let end = first + 1;
    for (; end < this.#ops.length; end++) {
      work += this.#ops[end]!.work;
      if (work > threads * PROGRAM_WORK) break;
    }
    return end;
  }

  #runProgram(pool: ThreadPool, address: number, first: number, end: number, aloneBelow: number): void {
    const words = pool.i32(address, OPS / 4);
    words[0] = address + OPS + first * OP_BYTES;
    words[1] = end - first;
    words[2] = address + ENTRY;
    words[SLEEPERS / 4] = 0;
    Atomics.store(words, ENTRY / 4, CLOSED);
    let work = 0;
    for (let i = first; i < end; i++) work += this.#ops[i]!.work;
    if (work < aloneBelow) pool.runAlone('runProgram', address);
    else pool.run('runProgram', address);
  }
}

function addTime(times: OpTimes, label: string, milliseconds: number): void {
  const entry = times.get(label) ?? { milliseconds: 0, calls: 0 };
  entry.milliseconds += milliseconds;
  entry.calls += 1;
  times.set(label, entry);
}
