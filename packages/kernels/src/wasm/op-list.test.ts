import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OpBench, randomValues } from '../testing/op-bench.ts';
import { OpList, type OpTimes } from './op-list.ts';
import { Products } from './train-products.ts';

/** A list of products, each of the results of the one before: any op that begins before the last has ended changes the result. */
function chain(bench: OpBench, length: number): { readonly ops: OpList; readonly result: () => Float64Array } {
  const size = 64;
  const [left, right] = [
    bench.place(size, size, randomValues(size * size, 1, 0.01)),
    bench.place(size, size, randomValues(size * size, 2)),
  ];
  const matrices = [right, bench.place(size, size)];
  const space = {
    threads: bench.pool.threads,
    packA: bench.scratch(4 * size * 80),
    packB: bench.scratch(4 * size * 80),
  };
  const ops = new OpList();
  const products = new Products(ops, space);
  for (let i = 0; i < length; i++) {
    const target = matrices[(i + 1) % 2]!;
    products.rows('chain', left, matrices[i % 2]!, size, {
      ...target,
      columns: size,
      addend: matrices[i % 2]!.address,
    });
  }
  return { ops, result: () => bench.read(matrices[length % 2]!) };
}

describe('OpList', () => {
  it('runs every op after the one before, whether threads spin, sleep or are more than the processors', async () => {
    let expected: Float64Array | undefined;
    for (const [threads, spinLimit] of [
      [1, 0],
      [2, 20000],
      [2, 0],
      [5, 0],
      [8, 50],
    ] as const) {
      const bench = await OpBench.open(threads, { spinLimit });
      const { ops, result } = chain(bench, 200);
      const memory = bench.scratch(ops.bytes);
      await ops.run(bench.pool, memory, { aloneBelow: 0 });
      expected ??= result();
      assert.ok(expected.every(Number.isFinite));
      assert.deepEqual(result(), expected, `${threads} threads, spin limit ${spinLimit}`);
      await bench.close();
    }
  });

  it('waits between programs where it is told to, and times every op', async () => {
    const bench = await OpBench.open(2);
    const { ops } = chain(bench, 3);
    const times: OpTimes = new Map();
    let pauses = 0;
    const pause = async (): Promise<void> => {
      pauses += 1;
    };
    await ops.run(bench.pool, bench.scratch(ops.bytes), { pause, times });
    assert.equal(pauses, 6);
    assert.deepEqual(
      [...times].map(([label, { calls }]) => [label, calls]),
      [
        ['chain pack', 3],
        ['chain', 3],
      ],
    );
    await bench.close();
  });

  it('ends in an error, not in a wait, when an op crashes on any thread', async () => {
    for (const threads of [1, 4]) {
      const bench = await OpBench.open(threads);
      const ops = new OpList();
      // The memory ends long before the range.
      ops.add('crash', 'clear', 0, bench.pool.mark(), 2 ** 31);
      const { ops: others } = chain(bench, 1);
      await assert.rejects(ops.run(bench.pool, bench.scratch(ops.bytes), { aloneBelow: 0 }), { code: 'WORKER_FAILED' });
      await assert.rejects(others.run(bench.pool, bench.pool.mark(), { aloneBelow: 0 }), { code: 'POOL_CLOSED' });
      await bench.close();
    }
  });

  it('refuses more arguments than an op can have', () => {
    const words = Array.from({ length: 30 }, () => 0);
    assert.throws(() => new OpList().add('full', 'clear', 0, ...words), /30 arguments/);
  });

  it('reaches memory beyond 2 GiB', async () => {
    const [low, high] = [await OpBench.open(2), await OpBench.open(2)];
    high.pool.allocate(2 ** 31);
    const results: Float64Array[] = [];
    for (const bench of [low, high]) {
      const { ops, result } = chain(bench, 5);
      await ops.run(bench.pool, bench.scratch(ops.bytes), { aloneBelow: 0 });
      results.push(result());
      await bench.close();
    }
    assert.deepEqual(results[1], results[0]);
  });
});
