// How fast the exact evaluator's matrix product is on this machine: for benchmarks, beside what others reach.

import { loadKernels } from './load-module.ts';
import { ThreadPool } from './thread-pool.ts';

/** A window at genesis: 256 steps, 384 inputs, 1,344 outputs. */
const ROWS = 256;
const K = 384;
const N = 1344;

/** Billions of floating-point operations per second of all threads together, the best of `rounds`. Multiplications and additions are separate and rounded (EVAL-6). */
export async function gemmSpeed(threads: number, rounds: number): Promise<number> {
  const pool = await ThreadPool.create({ module: await loadKernels('exact'), threads });
  try {
    const x = pool.allocate(4 * ROWS * K);
    const groups = pool.allocate(2 * K * N);
    const zeros = pool.allocate(64);
    const own = Array.from({ length: threads }, () => [pool.allocate(32 * K), pool.allocate(32 * ROWS)]).flat();
    const args = pool.allocate(24 + 8 * threads);
    pool.f32(x, ROWS * K).fill(0.5);
    // 1 in BF16.
    pool.u16(groups, K * N).fill(0x3f80);
    pool.u8().fill(0, zeros, zeros + 64);
    pool.u32(args, 6 + own.length).set([x, ROWS, K, groups, N / 8, zeros, ...own]);
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round <= rounds; round++) {
      const started = performance.now();
      pool.run('probeMultiply', args);
      best = Math.min(best, performance.now() - started);
    }
    const product = pool.f32(own[1]!, 8 * ROWS);
    if (!product.every((value) => value === K / 2)) throw new Error(`the product is ${product[0]}, not ${K / 2}`);
    return (threads * 2 * ROWS * K * N) / best / 1e6;
  } finally {
    await pool.close();
  }
}
