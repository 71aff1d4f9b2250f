import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BF16_MAX_BITS,
  BF16_MIN_BITS,
  canonicaliseBf16,
  isCanonicalBf16,
  roundBf16Bits,
  roundBf16BitsStochastic,
  bf16FromF32,
  widenBf16,
} from './bf16.ts';
import { mix32 } from './integer-prng.ts';

const bitsOf = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0]!;
const widen = (bits: number): number => widenBf16(Uint16Array.of(bits))[0]!;

test('every BF16 pattern survives widening and rounding', () => {
  const patterns = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const wide = widenBf16(patterns);
  const words = new Uint32Array(wide.buffer);
  for (let i = 0; i < 65536; i++) {
    const nan = (i & 0x7fff) > 0x7f80;
    assert.equal(roundBf16Bits(words[i]!), nan ? i | 0x40 : i);
    assert.equal(roundBf16BitsStochastic(words[i]!, 0xffff), nan ? i | 0x40 : i);
  }
});

test('rounding goes to the nearest value, ties to even', () => {
  assert.equal(roundBf16Bits(0x3f808000), 0x3f80, 'a tie goes down to even');
  assert.equal(roundBf16Bits(0x3f818000), 0x3f82, 'a tie goes up to even');
  assert.equal(roundBf16Bits(0x3f808001), 0x3f81);
  assert.equal(roundBf16Bits(0x3f807fff), 0x3f80);
  assert.equal(roundBf16Bits(0xbf818000), 0xbf82);
  assert.equal(roundBf16Bits(0x7f7fffff), 0x7f80, 'the largest binary32 overflows');
});

test('stochastic rounding chooses a neighbour with the probability of the distance', () => {
  // 1 + 3/4 of the way to the next value, with every possible random number once
  let up = 0;
  for (let r = 0; r < 65536; r++) {
    const rounded = roundBf16BitsStochastic(0x3f80c000, r);
    assert.ok(rounded === 0x3f80 || rounded === 0x3f81);
    if (rounded === 0x3f81) up++;
  }
  assert.equal(up, 0xc000);
});

test('CKPT-4: exactly one encoding per allowed value', () => {
  assert.equal(widen(BF16_MIN_BITS), 2 ** -40);
  assert.equal(widen(BF16_MAX_BITS), 2 ** 20);
  let allowed = 0;
  for (let bits = 0; bits < 65536; bits++) {
    const value = widen(bits);
    const byValue =
      Number.isFinite(value) && (Object.is(value, 0) || (Math.abs(value) >= 2 ** -40 && Math.abs(value) <= 2 ** 20));
    assert.equal(isCanonicalBf16(bits), byValue, `pattern ${bits.toString(16)}`);
    if (byValue) allowed++;
  }
  // 60 binades of 128 values and 2^20 itself, two signs, and one zero
  assert.equal(allowed, 2 * (60 * 128 + 1) + 1);
});

test('CKPT-4: making canonical keeps what is allowed, flushes the tiny, clamps the large and refuses NaN', () => {
  for (let bits = 0; bits < 65536; bits++) {
    if ((bits & 0x7fff) > 0x7f80) {
      assert.throws(() => canonicaliseBf16(bits), /NaN/);
      continue;
    }
    const canonical = canonicaliseBf16(bits);
    assert.ok(isCanonicalBf16(canonical));
    if (isCanonicalBf16(bits)) assert.equal(canonical, bits);
    else assert.equal(widen(canonical), Math.abs(widen(bits)) < 1 ? 0 : Math.sign(widen(bits)) * 2 ** 20);
  }
});

test('CKPT-7: stochastic rounding of an array keeps its mean', () => {
  const values = new Float32Array(40000).fill(1.001);
  let counter = 0;
  const rounded = widenBf16(bf16FromF32(values, () => mix32(counter++) >>> 16));
  const mean = rounded.reduce((sum, v) => sum + v, 0) / rounded.length;
  assert.ok(Math.abs(mean - 1.001) < 1e-4, `mean ${mean}`);
  assert.equal(widenBf16(bf16FromF32(values))[0], 1, 'nearest-even loses the difference');
  assert.equal(bitsOf(1.001) >>> 16, 0x3f80);
});
