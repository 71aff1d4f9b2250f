import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkGradients, sampleBatch } from '../testing/central-differences.ts';

// 66 steps: more than the longest kernel. The same at width 16 and 80 steps, and seeded entries at width 384, are in gradients.slow.test.ts.
test('every entry of the gradient agrees with central differences: width 8, 2 layers, 17 ids, 66 steps', () => {
  const shape = { vocab: 17, width: 8, layers: 2, baseWidth: 8 };
  const agreements = checkGradients(shape, sampleBatch(17, 1, 66), 1, (spec) => Array(spec.size).keys());
  assert.equal(agreements.length, 48);
  for (const { name, cosine, normRatio, worst } of agreements) {
    assert.ok(
      cosine > 1 - 1e-9 && Math.abs(normRatio - 1) < 1e-6 && worst < 1e-6,
      `${name}: ${cosine} ${normRatio} ${worst}`,
    );
  }
});

test('windows of a batch do not see each other, and a width above the base width is differentiated too', () => {
  const shape = { vocab: 5, width: 6, layers: 1, baseWidth: 4 };
  const agreements = checkGradients(shape, sampleBatch(5, 3, 7), 2, (spec) => Array(spec.size).keys());
  for (const { name, worst } of agreements) assert.ok(worst < 1e-6, `${name}: ${worst}`);
});
