// A sequence of ops with their arguments in shared memory, run one after the other by all threads.

import type { ThreadPool } from './thread-pool.ts';

/** An argument that is a binary32 number; plain numbers are 32-bit words (addresses, counts, strides). */
export interface FloatArgument {
  readonly f32: number;
}
export type OpArgument = number | FloatArgument;

interface ListedOp {
  readonly label: string;
  readonly name: string;
  readonly words: readonly OpArgument[];
}

/** Bytes of one op's arguments: two cache lines, so that the task counter of one op never shares a line with another's. */
export const OP_BYTES = 128;

/** Milliseconds and calls by label. */
export type OpTimes = Map<string, { milliseconds: number; calls: number }>;

export class OpList {
  readonly #ops: ListedOp[] = [];

  get length(): number {
    return this.#ops.length;
  }

  /** Appends the op `name` of the module. `label` is what its time counts under; `words` follow the task counter. */
  add(label: string, name: string, ...words: OpArgument[]): void {
    if ((words.length + 1) * 4 > OP_BYTES) throw new RangeError(`op ${name} has ${words.length} arguments`);
    this.#ops.push({ label, name, words });
  }

  /** Writes all arguments to `address` (OP_BYTES per op). Needed again whenever the words there were overwritten. */
  write(pool: ThreadPool, address: number): void {
    const words = pool.u32(address, (this.#ops.length * OP_BYTES) / 4);
    const floats = pool.f32(address, words.length);
    this.#ops.forEach((op, index) => {
      const start = (index * OP_BYTES) / 4 + 1;
      op.words.forEach((word, i) => {
        if (typeof word === 'number') words[start + i] = word;
        else floats[start + i] = word.f32;
      });
    });
  }

  /** Runs the ops whose arguments were written to `address`. `pause` is awaited between two ops and decides for itself whether to wait. */
  async run(pool: ThreadPool, address: number, pause: () => Promise<void> | undefined, times?: OpTimes): Promise<void> {
    const counters = pool.i32(address, (this.#ops.length * OP_BYTES) / 4);
    for (let i = 0; i < this.#ops.length; i++) {
      const op = this.#ops[i]!;
      Atomics.store(counters, (i * OP_BYTES) / 4, 0);
      const started = times === undefined ? 0 : performance.now();
      pool.run(op.name, address + i * OP_BYTES);
      if (times !== undefined) {
        const entry = times.get(op.label) ?? { milliseconds: 0, calls: 0 };
        entry.milliseconds += performance.now() - started;
        entry.calls += 1;
        times.set(op.label, entry);
      }
      const waiting = pause();
      if (waiting !== undefined) await waiting;
    }
  }
}
