// Self-test of single operations in WASM (assembly/exact/probe.ts): inputs at the edges of every rule, results pinned.

import { digestBits } from '../golden-model.ts';
import { expectBits } from '../self-test.ts';
import type { ThreadPool } from './thread-pool.ts';

export type ProbeName = 'flush' | 'exp32' | 'sigmoid' | 'silu' | 'divide' | 'multiplyAdd' | 'multiply';

/** Operations of `probe`, in the order of their numbers there, with the digests of their results on `probeInputs` (operation-probes.test.ts recomputes them). */
export const PROBE_DIGESTS: Readonly<Record<ProbeName, number>> = {
  flush: 193083845,
  exp32: 3540563636,
  sigmoid: 3191453097,
  silu: 1830108441,
  divide: 4095374498,
  multiplyAdd: 3869364677,
  multiply: 4118480851,
};

export const NORM_DIGEST = 4258840847;
export const LOG_DIGEST = 681796151;

const COUNT = 256;
export const NORM_SCALE: number = Math.fround(1 / 384);

export interface ProbeInputs {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly c: Float32Array;
}

/**
 * a: magnitudes from 2^-149 to 88 of both signs, the flush threshold and its neighbours, zeros. b: 1 + small parts, so that fl(a b) rounds. c: -fl(a b), so that
 * a fused multiply-add leaves the rounding error where a separate one leaves exactly 0.
 */
export function probeInputs(): ProbeInputs {
  const a = new Float32Array(COUNT);
  const b = new Float32Array(COUNT);
  const c = new Float32Array(COUNT);
  const edges = [
    0,
    2 ** -40,
    -(2 ** -40),
    2 ** -40 * (1 - 2 ** -24),
    2 ** -149,
    2 ** -127,
    2 ** -126,
    1 + 2 ** -12,
    87,
    -87,
    88,
    -88,
    87.5,
    0.5,
    -0.5,
    127,
  ];
  for (let i = 0; i < COUNT; i++) {
    const sign = i % 2 === 0 ? 1 : -1;
    a[i] = i < edges.length ? edges[i]! : sign * (1 + i / 256) * 2 ** ((i % 45) - 38);
    b[i] = 1 + 2 ** -12 + i * 2 ** -20;
    c[i] = -Math.fround(a[i]! * b[i]!);
  }
  return { a, b, c };
}

/** Inputs of log64: from 1 to the largest vocabulary, and near the branch at the square root of 2. */
export function logInputs(): Float64Array {
  const near = [1, 2, Math.SQRT2, Math.SQRT2 / 2 + 0.5, 1 + 2 ** -52, 65536];
  return Float64Array.from({ length: 64 }, (_, i) => near[i] ?? 1 + (i * i * i) / 4);
}

/** Throws KernelError SELF_TEST_FAILED at the first operation that gives other bits. */
export function verifyOperations(pool: ThreadPool, backend: string): void {
  const mark = pool.mark();
  try {
    for (const [number, [name, expected]] of Object.entries(PROBE_DIGESTS).entries()) {
      expectBits(backend, `the digest of ${name}`, probeDigest(pool, number), expected);
    }
    expectBits(backend, 'the digest of rmsnorm', normDigest(pool), NORM_DIGEST);
    expectBits(backend, 'the digest of log64', logDigest(pool), LOG_DIGEST);
  } finally {
    pool.release(mark);
  }
}

function place(pool: ThreadPool, values: Float32Array): number {
  const address = pool.allocate(4 * values.length);
  pool.f32(address, values.length).set(values);
  return address;
}

/** Digest of operation `number` of `probe`. */
export function probeDigest(pool: ThreadPool, number: number): number {
  const { a, b, c } = probeInputs();
  const out = pool.allocate(4 * COUNT);
  const args = pool.allocate(24);
  const values = [number, place(pool, a), place(pool, b), place(pool, c), out, COUNT];
  pool.u32(args, values.length).set(values);
  pool.run('probe', args);
  return digestBits(pool.f32(out, COUNT).slice());
}

/** Digest of r of EVAL-5 for four rows of 64 values. */
export function normDigest(pool: ThreadPool): number {
  const { b } = probeInputs();
  const rows = place(pool, b);
  const out = pool.allocate(16);
  const args = pool.allocate(16);
  for (let row = 0; row < 4; row++) {
    pool.u32(args, 3).set([rows + 256 * row, out + 4 * row, 64]);
    pool.f32(args + 12, 1)[0] = NORM_SCALE;
    pool.run('probeNorm', args);
  }
  return digestBits(pool.f32(out, 4).slice());
}

export function logDigest(pool: ThreadPool): number {
  const inputs = logInputs();
  const source = pool.allocate(8 * inputs.length);
  const out = pool.allocate(8 * inputs.length);
  const args = pool.allocate(12);
  pool.f64(source, inputs.length).set(inputs);
  pool.u32(args, 3).set([source, out, inputs.length]);
  pool.run('probeLog', args);
  return digestBits(new Float32Array(pool.f64(out, inputs.length).slice().buffer));
}
