import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exp32, flush, log64, reduce16, sigmoid, silu } from '@resonancenet/model/f32-seq';
import { digestBits } from '../golden-model.ts';
import { loadKernels } from './load-module.ts';
import {
  LOG_DIGEST,
  logInputs,
  NORM_DIGEST,
  NORM_SCALE,
  PROBE_DIGESTS,
  type ProbeName,
  probeInputs,
  verifyOperations,
} from './operation-probes.ts';
import { ThreadPool } from './thread-pool.ts';

const f = Math.fround;

/** The digests as the definition gives them. */
function definitionDigests(): Record<ProbeName, number> {
  const { a, b, c } = probeInputs();
  const digest = (operation: (v: number, i: number) => number): number => digestBits(a.map(operation));
  return {
    flush: digest(flush),
    exp32: digest(exp32),
    sigmoid: digest(sigmoid),
    silu: digest(silu),
    divide: digest((v, i) => v / b[i]!),
    multiplyAdd: digest((v, i) => f(v * b[i]!) + c[i]!),
    multiply: digest((v, i) => v * b[i]!),
  };
}

test('the pinned digests of single operations are those of the definition', () => {
  assert.deepEqual(PROBE_DIGESTS, definitionDigests());
  const { b } = probeInputs();
  const norms = Float32Array.from({ length: 4 }, (_, row) => {
    const q = reduce16(b.subarray(64 * row, 64 * row + 64).map((v) => f(v * v)));
    return f(1 / f(Math.sqrt(f(f(q * NORM_SCALE) + f(1e-6)))));
  });
  assert.equal(NORM_DIGEST, digestBits(norms));
  assert.equal(LOG_DIGEST, digestBits(new Float32Array(logInputs().map(log64).buffer)));
});

test('the probes tell fused multiply-add, flushed subnormals and another exponential from the definition', () => {
  const { a, b, c } = probeInputs();
  // In binary64 the product of two binary32 values is exact: one rounding, as a fused operation has.
  const fused = a.map((v, i) => v * b[i]! + c[i]!);
  assert.notEqual(digestBits(fused), PROBE_DIGESTS.multiplyAdd);
  const ftz = a.map((v, i) => (Math.abs(f(v * b[i]!)) < 2 ** -126 ? 0 : v * b[i]!));
  assert.notEqual(digestBits(ftz), PROBE_DIGESTS.multiply);
  assert.notEqual(digestBits(a.map((v) => flush(Math.exp(v)))), PROBE_DIGESTS.exp32);
});

test('every operation in WebAssembly passes, in the first call and after ten thousand', async () => {
  const pool = await ThreadPool.create({ module: await loadKernels('exact'), threads: 1 });
  try {
    for (let round = 0; round < 300; round++) verifyOperations(pool, 'wasm');
  } finally {
    await pool.close();
  }
});
