import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutateFrames } from './testing/mutate-frames.ts';

test('1,000,000 mutations of values in a store: none is read as what it is not', (t) => {
  const tally = mutateFrames(1_000_000);
  t.diagnostic(JSON.stringify(tally));
  assert.ok(tally.corrupt > 600_000, JSON.stringify(tally));
});
