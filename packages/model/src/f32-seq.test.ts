// Golden bits were computed with numpy binary32 and binary64 from the text of EVAL-4, EVAL-5 and EVAL-10, not with this code.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exp32, flush, log64, reduce16, rmsnorm, sigmoid, silu, targetLoss } from './f32-seq.ts';

const toBits = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0]!;
const fromBits = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0]!;
const bits64 = (value: number): bigint => new BigUint64Array(Float64Array.of(value).buffer)[0]!;

/** x, exp32(x), sigmoid(x), silu(x) as bits. */
const GOLDEN = [
  [0x00000000, 0x3f800000, 0x3f000000, 0x00000000], // 0
  [0x3f800000, 0x402df854, 0x3f3b26a8, 0x3f3b26a8], // 1
  [0xbf800000, 0x3ebc5ab2, 0x3e89b2b1, 0xbe89b2b1], // -1
  [0x3f000000, 0x3fd3094c, 0x3f1f597f, 0x3e9f597f], // 0.5
  [0xbf000000, 0x3f1b4598, 0x3ec14d03, 0xbe414d03], // -0.5
  [0x41200000, 0x46ac14ee, 0x3f7ffd06, 0x411ffe24], // 10
  [0xc1200000, 0x383e6bce, 0x383e6998, 0xb9ee03fe], // -10
  [0xc1dd999a, 0x2b835b52, 0x2b835b53, 0xade3694f], // -27.7
  [0xc1de6666, 0x00000000, 0x00000000, 0x00000000], // -27.8, below 2^-40
  [0x42b00000, 0x7ef882b7, 0x3f800000, 0x42b00000], // 88
  [0x42b10000, 0x7ef882b7, 0x3f800000, 0x42b10000], // 88.5, clamped
  [0xc2ae0000, 0x00000000, 0x00000000, 0x00000000], // -87
  [0xc2c80000, 0x00000000, 0x00000000, 0x00000000], // -100, clamped
  [0x3eb17218, 0x3fb504f3, 0x3f15f619, 0x3e4fe3fa], // ln 2 / 2
  [0xbeb17218, 0x3f3504f3, 0x3ed413cc, 0xbe130035], // -ln 2 / 2
  [0x358637bd, 0x3f800008, 0x3f000004, 0x350637c1], // 1e-6
  [0xab8cbccc, 0x3f800000, 0x3f000000, 0x00000000], // -1e-12: silu is below 2^-40
  [0x40490fdb, 0x41b92024, 0x3f75653f, 0x4040bbb1], // pi
  [0x4229ae14, 0x5e12f19f, 0x3f800000, 0x4229ae14], // 42.42
  [0xc0533333, 0x3d1712ce, 0x3d11b319, 0xbdf06783], // -3.3
] as const;

test('EVAL-4: exp32, sigmoid and silu give the golden bits', () => {
  for (const [x, e, s, l] of GOLDEN) {
    const v = fromBits(x);
    assert.deepEqual([toBits(exp32(v)), toBits(sigmoid(v)), toBits(silu(v))], [e, s, l], `at ${v}`);
  }
});

test('EVAL-4: exp32 is within 8e-8 of the exponential where it is not flushed', () => {
  let worst = 0;
  for (let i = 0; i <= 60000; i++) {
    const x = Math.fround(-27.5 + (115.5 * i) / 60000);
    worst = Math.max(worst, Math.abs(exp32(x) / Math.exp(x) - 1));
  }
  assert.ok(worst < 8e-8, `worst relative error ${worst}`);
});

test('EVAL-4: exp32 takes minus infinity, as the subtraction of a maximum may give', () => {
  assert.equal(exp32(Number.NEGATIVE_INFINITY), 0);
});

test('EVAL-2: F flushes below 2^-40 to +0 and keeps everything else', () => {
  const tiny = 2 ** -40;
  assert.ok(Object.is(flush(-0), 0));
  assert.ok(Object.is(flush(-tiny * (1 - 2 ** -24)), 0));
  assert.equal(flush(tiny), tiny);
  assert.equal(flush(-tiny), -tiny);
  assert.ok(Number.isNaN(flush(Number.NaN)));
  assert.equal(flush(Number.NEGATIVE_INFINITY), Number.NEGATIVE_INFINITY);
});

/** 37 values of very different sizes, so that any other order of summation shows. */
const uneven = Float32Array.from({ length: 37 }, (_, i) =>
  Math.fround(
    Math.fround((Math.imul(i, 2654435761) >>> 0) / 4294967296 - 0.5) *
      Math.fround([0.001, 0.01, 0.1, 1, 10, 100, 1000][i % 7]!),
  ),
);

test('EVAL-5: reduce16 sums in 16 lanes and a fixed tree', () => {
  assert.equal(toBits(reduce16(uneven)), 0xc44180f1);
  const inOrder = uneven.reduce((sum, v) => Math.fround(sum + v));
  assert.equal(toBits(inOrder), 0xc44180f2, 'the example tells the orders apart');
  assert.equal(reduce16(new Float32Array(0)), 0);
});

test('EVAL-5: rmsnorm divides by the base width, not by the length', () => {
  const x = uneven.slice(0, 32);
  const gain = Float32Array.from({ length: 32 }, (_, i) => 1 + i / 64);
  const out = new Float32Array(32);
  assert.equal(toBits(rmsnorm(x, gain, 24, out)), 0x489b98c8);
  const first = [0xb6919980, 0x372e8ad4, 0xb977aedd, 0x3b52d5d8, 0xbb286193, 0xbec45414, 0x3ffcf692, 0xb5e088e8];
  assert.deepEqual([...out.slice(0, 8)].map(toBits), first);
});

test('EVAL-10: log64 gives the golden bits', () => {
  const golden: [number, bigint][] = [
    [1, 0x0000000000000000n],
    [2, 0x3fe62e42fefa39efn],
    [1.5, 0x3fd9f323ecbf984cn],
    [10, 0x40026bb1bbb55516n],
    [50257, 0x4025a659f6bed8c8n],
    [Math.SQRT2, 0x3fd62e42fefa39f0n],
    // biome-ignore lint/suspicious/noApproximativeNumericConstant: the binary64 below the square root of 2.
    [1.414213562373095, 0x3fd62e42fefa39een],
    [1e300, 0x4085963447f87fb5n],
    [0.5, 0xbfe62e42fefa39efn],
    [3.0000001, 0x3ff193ea839fa93cn],
  ];
  for (const [x, bits] of golden) assert.equal(bits64(log64(x)), bits, `log64(${x})`);
});

test('EVAL-10: log64 is within one unit in the last place of the logarithm', () => {
  for (let i = 0; i < 20000; i++) {
    const x = 1 + i * 2.513;
    assert.ok(Math.abs(log64(x) - Math.log(x)) <= Math.abs(Math.log(x)) * 2 ** -52, `log64(${x})`);
  }
});

test('EVAL-10: the loss of a target is rounded to the nearest 2^-16 nat, never negative, at most 64 nats', () => {
  assert.equal(targetLoss(1, 3, 3), 0);
  assert.equal(targetLoss(0.75, 3, 3), 0);
  assert.equal(targetLoss(2, 3, 3), Math.floor(Math.LN2 * 65536 + 0.5));
  assert.equal(targetLoss(1, 1e30, -1e30), 4194304);
  assert.equal(targetLoss(1, 64, 0), 4194304);
  assert.equal(targetLoss(1, Math.fround(63.9999), 0), Math.floor(Math.fround(63.9999) * 65536 + 0.5));
});
