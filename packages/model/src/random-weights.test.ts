import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import { isCanonicalBf16, widenBf16 } from './bf16.ts';
import { mix32, randomWord, signedUnit } from './integer-prng.ts';
import { elementWords, genesisWeights, type InitialAmplitudes, randomWeight } from './random-weights.ts';
import { tensorSpecs } from './tensors.ts';

const amplitudes: InitialAmplitudes = {
  embed: 5 / 128,
  taps: 1 / 64,
  wz: 0.25,
  wh: 0.25,
  wq: 0.25,
  keys: 0.25,
  values: 0.25,
  wgate: 0.25,
  wup: 0.25,
};
const shape = { vocab: 256, width: 16, layers: 2, baseWidth: 16 };
const seed = new Uint8Array(32).fill(7);

test('MOD-8: mix is the finaliser of MurmurHash3', () => {
  // computed with Python integers from the formula
  assert.deepEqual([0, 1, 2, 0xdeadbeef, 0xffffffff].map(mix32), [0, 0x514e28b7, 0x30f4c306, 0x0de5c6a9, 0x81f16f39]);
});

test('MOD-8: u is a multiple of 2^-23 in [-1, 1)', () => {
  assert.equal(signedUnit(0), -1);
  assert.equal(signedUnit(0xffffffff), 1 - 2 ** -23);
  assert.equal(signedUnit(0x80000000), 0);
  assert.equal(randomWord(0xffffffff, 5, 3), mix32(mix32(2) ^ 5), 'index and key wrap as u32');
});

test('MOD-8: a random weight is one product, rounded to BF16 and made canonical', () => {
  assert.equal(randomWeight(0x80000000, 0.25), 0);
  assert.equal(randomWeight(0, 0.25), 0xbe80);
  assert.equal(randomWeight(0x7fffff00, 2 ** -20), 0, '-2^-43 is below 2^-40');
  assert.equal(randomWeight(0x12345678, 0), 0, 'an amplitude of 0 gives +0, never -0');
});

test('genesis weights are canonical, seeded and pinned', () => {
  const weights = genesisWeights(shape, seed, amplitudes);
  for (const bits of weights) assert.ok(isCanonicalBf16(bits));
  const bytes = new Uint8Array(weights.buffer);
  assert.equal(toHex(hash(TAG.chunkLeaf, bytes)), 'c244ea9fc42b7486cb3e1fa9060dc3d5f561bcf7fdd8fe65482659c583b1584e');
  const other = genesisWeights(shape, new Uint8Array(32).fill(8), amplitudes);
  assert.notDeepEqual(other, weights);
});

test('MOD-9: every kind of tensor has the values that the rule names', () => {
  const weights = genesisWeights(shape, seed, amplitudes);
  for (const spec of tensorSpecs(shape)) {
    const values = widenBf16(weights.slice(spec.offset, spec.offset + spec.size));
    if (spec.kind === 'gain') assert.ok(values.every((v) => v === 1));
    else if (spec.kind === 'taps') {
      assert.ok(values.subarray(0, 16).every((v) => v === 0.25));
      assert.ok(values.subarray(16).every((v) => Math.abs(v) <= 1 / 64));
    } else if (spec.kind in amplitudes) {
      const a = amplitudes[spec.kind as keyof InitialAmplitudes];
      const rms = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
      assert.ok(values.every((v) => Math.abs(v) <= a) && Math.abs(rms / (a / Math.sqrt(3)) - 1) < 0.15, spec.name);
    } else
      assert.ok(
        values.every((v) => Object.is(v, 0)),
        spec.name,
      );
  }
});

test('tensors draw independently: no two share their random words', () => {
  const first = tensorSpecs(shape).map((spec) => elementWords(seed, spec.name)(0));
  assert.equal(new Set(first).size, first.length);
  assert.throws(() => elementWords(new Uint8Array(31), 'embed'), /32 bytes/);
});
