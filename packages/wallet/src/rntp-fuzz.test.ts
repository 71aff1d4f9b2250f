import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutateRntps } from './testing/mutate-rntp.ts';

test('mutated partially signed transactions are refused, or are what they say and nothing else', () => {
  const { decoded, finished, refused } = mutateRntps(3_000);
  assert.ok(decoded > 0 && finished > 0 && refused > 1_500, `${decoded} ${finished} ${refused}`);
});
