import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutateRntps } from './testing/mutate-rntp.ts';

test('1,000,000 mutated partially signed transactions: none crashes, hangs, or is taken for what it is not', () => {
  const { decoded, finished, refused } = mutateRntps(1_000_000);
  assert.ok(decoded > 0 && finished > 0 && refused > 600_000, `${decoded} ${finished} ${refused}`);
});
