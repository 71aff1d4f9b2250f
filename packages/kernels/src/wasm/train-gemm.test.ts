import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type OpBench, onEveryThreadCount, randomValues, relativeError } from '../testing/op-bench.ts';
import { OpList } from './op-list.ts';
import { Products } from './train-products.ts';

/** [rows, columns, depth]: single elements, every remainder of the 6 x 8 tile, several blocks of depth and tasks. */
const SIZES: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [2, 3, 5],
  [3, 8, 7],
  [4, 9, 16],
  [5, 17, 4],
  [6, 24, 65],
  [7, 31, 130],
  [97, 64, 33],
  [11, 40, 515],
  [103, 72, 1030],
];

/** C = A B in binary64, A given by element. */
function product(
  rows: number,
  columns: number,
  depth: number,
  a: (i: number, k: number) => number,
  b: (k: number, j: number) => number,
): Float64Array {
  const c = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < depth; k++) {
      for (let j = 0; j < columns; j++) c[i * columns + j] = c[i * columns + j]! + a(i, k) * b(k, j);
    }
  }
  return c;
}

function products(bench: OpBench, ops: OpList, rows: number, columns: number, depth: number): Products {
  const longest = Math.max(rows, columns, depth) + 16;
  const bytes = 4 * longest * (longest + 16);
  return new Products(ops, {
    threads: bench.pool.threads,
    packA: bench.scratch(bytes),
    packB: bench.scratch(bytes),
  });
}

describe('matrix products of the training kernels', () => {
  it('A B with bias', async () => {
    await onEveryThreadCount(async (bench) => {
      const results: Float64Array[] = [];
      for (const [m, n, k] of SIZES) {
        const [a, b, bias] = [randomValues(m * k, 1), randomValues(k * n, 2), randomValues(n, 3)];
        const [pa, pb, pbias] = [bench.place(m, k, a), bench.place(k, n, b), bench.place(1, n, bias)];
        const c = bench.place(m, n);
        const ops = new OpList();
        products(bench, ops, m, n, k).rows('test', pa, pb, k, { ...c, columns: c.stride, bias: pbias.address });
        await bench.runList(ops);
        const expected = product(
          m,
          n,
          k,
          (i, l) => a[i * k + l]!,
          (l, j) => b[l * n + j]!,
        ).map((x, i) => x + bias[i % n]!);
        results.push(bench.read(c));
        assert.ok(relativeError(results.at(-1)!, expected) < 1e-6, `${m} x ${n} x ${k}`);
      }
      return results;
    });
  });

  it('A B^T added to a matrix', async () => {
    await onEveryThreadCount(async (bench) => {
      const results: Float64Array[] = [];
      for (const [m, n, k] of SIZES) {
        const [a, b, before] = [randomValues(m * k, 4), randomValues(n * k, 5), randomValues(m * n, 6)];
        const [pa, pb, addend] = [bench.place(m, k, a), bench.place(n, k, b), bench.place(m, n, before)];
        const c = bench.place(m, n);
        const ops = new OpList();
        products(bench, ops, m, c.stride, pb.stride).rows('test', pa, { ...pb, transposedRows: n }, pb.stride, {
          ...{ ...c, columns: c.stride, addend: addend.address },
        });
        await bench.runList(ops);
        const expected = product(
          m,
          n,
          k,
          (i, l) => a[i * k + l]!,
          (l, j) => b[j * k + l]!,
        ).map((x, i) => x + before[i]!);
        results.push(bench.read(c));
        assert.ok(relativeError(results.at(-1)!, expected) < 1e-6, `${m} x ${n} x ${k}`);
      }
      return results;
    });
  });

  it('A^T B with A scaled by row and column, and the column sums of B', async () => {
    await onEveryThreadCount(async (bench) => {
      const results: Float64Array[] = [];
      for (const [m, n, k] of SIZES) {
        const [a, b, byRow, byColumn] = [
          randomValues(k * m, 7),
          randomValues(k * n, 8),
          randomValues(k, 9),
          randomValues(m, 10),
        ];
        const [pa, pb, sums] = [bench.place(k, m, a), bench.place(k, n, b), bench.place(1, n)];
        const scale = { rows: bench.place(1, k, byRow).address, columns: bench.place(1, m, byColumn).address };
        const c = bench.place(m, n);
        const ops = new OpList();
        products(bench, ops, m, c.stride, k).transposed(
          'test',
          { ...pa, scale },
          pb,
          k,
          { ...c, columns: c.stride },
          sums.address,
        );
        await bench.runList(ops);
        const scaled = (i: number, l: number): number => a[l * m + i]! * byRow[l]! * byColumn[i]!;
        const expected = product(m, n, k, scaled, (l, j) => b[l * n + j]!);
        const columnSums = product(
          1,
          n,
          k,
          () => 1,
          (l, j) => b[l * n + j]!,
        );
        results.push(bench.read(c), bench.read(sums));
        assert.ok(relativeError(results.at(-2)!, expected) < 1e-6, `${m} x ${n} x ${k}`);
        assert.ok(relativeError(results.at(-1)!, columnSums) < 1e-5, `sums of ${k} x ${n}`);
      }
      return results;
    });
  });

  it('A^T B added up, with A packed by each thread for itself', async () => {
    await onEveryThreadCount(async (bench) => {
      const results: Float64Array[] = [];
      for (const [m, n, k] of SIZES) {
        const [a, b, before] = [randomValues(k * m, 11), randomValues(k * n, 12), randomValues(m * n, 13)];
        const [pa, pb] = [bench.place(k, m, a), bench.place(k, n, b)];
        const c = bench.place(m, n, before);
        const tiles = 2;
        const packed = bench.scratch(4 * k * (c.stride + 8));
        const each = tiles * 24 * k;
        const own = bench.scratch(each * bench.pool.threads);
        const ops = new OpList();
        products(bench, ops, m, n, k).packPlain('test', pb, k, c.stride, packed, 0);
        ops.add(
          'test',
          'gemmTransposedA',
          0,
          pa.address,
          pa.ld,
          packed,
          c.address,
          c.ld,
          c.address,
          m,
          c.stride,
          k,
          tiles,
          own,
          each,
        );
        await bench.runList(ops);
        const expected = product(
          m,
          n,
          k,
          (i, l) => a[l * m + i]!,
          (l, j) => b[l * n + j]!,
        ).map((x, i) => x + before[i]!);
        results.push(bench.read(c));
        assert.ok(relativeError(results.at(-1)!, expected) < 1e-6, `${m} x ${n} x ${k}`);
      }
      return results;
    });
  });
});
