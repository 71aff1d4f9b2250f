// For tests: single ops of the training kernels on matrices whose rows are padded as in a session, compared with binary64.

import assert from 'node:assert/strict';
import { mix32, randomWord, signedUnit } from '@resonancenet/model/integer-prng';
import { loadKernels } from '../wasm/load-module.ts';
import { type OpArgument, OpList, type OpName } from '../wasm/op-list.ts';
import { ThreadPool } from '../wasm/thread-pool.ts';

/** A matrix in the shared memory: rows x columns logical floats, rows `ld` bytes apart, padding 0. */
export interface Placed {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
  /** Floats of a row with its padding. */
  readonly stride: number;
  readonly ld: number;
}

/** Pseudo-random binary32 numbers in [-spread, spread), as binary64. */
export function randomValues(count: number, seed: number, spread = 1): Float64Array {
  const key = mix32(seed);
  return Float64Array.from({ length: count }, (_, i) => Math.fround(spread * signedUnit(randomWord(key, 77, i))));
}

/** |ours - expected| / |expected|, Euclidean; 0 if both are 0. */
export function relativeError(ours: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.equal(ours.length, expected.length);
  let [difference, norm] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (ours[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}

export class OpBench {
  readonly pool: ThreadPool;
  readonly #arguments: number;

  private constructor(pool: ThreadPool) {
    this.pool = pool;
    this.#arguments = pool.allocate(4096);
    pool.runAlone('prepare', 0);
  }

  static async open(threads: number, options: { readonly spinLimit?: number } = {}): Promise<OpBench> {
    return new OpBench(await ThreadPool.create({ module: await loadKernels('train'), threads, ...options }));
  }

  /** Memory for a matrix, filled with `values` (row-major, logical) or NaN; padding to a multiple of 8 columns is 0. */
  place(rows: number, columns: number, values?: ArrayLike<number>): Placed {
    const stride = Math.ceil(columns / 8) * 8;
    // A row more: packing may read a little beyond the last.
    const address = this.pool.allocate(4 * (rows + 1) * stride);
    const floats = this.pool.f32(address, rows * stride).fill(0);
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < columns; i++) floats[row * stride + i] = values?.[row * columns + i] ?? Number.NaN;
    }
    return { address, rows, columns, stride, ld: 4 * stride };
  }

  /** `bytes` of memory full of NaN. */
  scratch(bytes: number): number {
    const address = this.pool.allocate(Math.ceil(bytes / 4) * 4);
    this.pool.f32(address, Math.ceil(bytes / 4)).fill(Number.NaN);
    return address;
  }

  /** The logical elements of a matrix. Fails if its padding is not 0. */
  read(matrix: Placed, isPaddingZero = true): Float64Array {
    const { address, rows, columns, stride } = matrix;
    const floats = this.pool.f32(address, rows * stride);
    const out = new Float64Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < stride; i++) {
        const value = floats[row * stride + i]!;
        if (i < columns) out[row * columns + i] = value;
        else if (isPaddingZero) assert.equal(value, 0, `padding of row ${row}`);
      }
    }
    return out;
  }

  async run(name: OpName, ...words: OpArgument[]): Promise<void> {
    const ops = new OpList();
    ops.add(name, name, 0, ...words);
    await this.runList(ops);
  }

  async runList(ops: OpList): Promise<void> {
    await ops.run(this.pool, this.#arguments, { aloneBelow: 0 });
  }

  async close(): Promise<void> {
    await this.pool.close();
  }
}

/** Runs `check` on benches of 1, 2 and 4 threads; it returns what it computed, which must be equal to the bit. */
export async function onEveryThreadCount(check: (bench: OpBench) => Promise<readonly Float64Array[]>): Promise<void> {
  let first: readonly Float64Array[] | undefined;
  for (const threads of [1, 2, 4]) {
    const bench = await OpBench.open(threads);
    try {
      const results = await check(bench);
      first ??= results;
      assert.deepEqual(results, first, `${threads} threads compute other bits than one`);
    } finally {
      await bench.close();
    }
  }
}
