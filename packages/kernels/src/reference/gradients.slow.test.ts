import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mix32 } from '@resonancenet/model/integer-prng';
import type { TensorSpec } from '@resonancenet/model/tensors';
import { type Agreement, checkGradients, sampleBatch } from '../testing/central-differences.ts';

function assertAgreement(agreements: readonly Agreement[]): void {
  for (const { name, cosine, normRatio } of agreements) {
    assert.ok(
      cosine >= 0.9999 && Math.abs(normRatio - 1) <= 1e-3,
      `${name}: cosine ${cosine}, norm ratio ${normRatio}`,
    );
  }
}

test('every entry of the gradient agrees with central differences: width 16, 2 layers, 17 ids, 80 steps', () => {
  const shape = { vocab: 17, width: 16, layers: 2, baseWidth: 16 };
  const agreements = checkGradients(shape, sampleBatch(17, 1, 80), 1, (spec) => Array(spec.size).keys(), 1e-5);
  assert.equal(
    agreements.reduce((sum, { entries }) => sum + entries, 0),
    16672,
  );
  assertAgreement(agreements);
  for (const { name, worst } of agreements) assert.ok(worst < 1e-6, `${name}: ${worst}`);
});

test('64 seeded entries of every tensor agree with central differences: width 384, 1 layer', () => {
  const shape = { vocab: 257, width: 384, layers: 1, baseWidth: 384 };
  const seeded = (spec: TensorSpec): number[] =>
    Array.from({ length: 64 }, (_, i) => mix32(mix32(i + 1) ^ spec.offset) % spec.size);
  const agreements = checkGradients(shape, sampleBatch(257, 1, 16), 3, seeded, 1e-6);
  assert.ok(agreements.every(({ entries }) => entries === 64));
  assertAgreement(agreements);
});
