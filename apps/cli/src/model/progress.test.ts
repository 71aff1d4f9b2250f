import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration, rate } from './progress.ts';

test('duration() speaks as people do', () => {
  assert.deepEqual([0, 59.4, 59.6, 200, 3599.4, 3600, 7500, 360_000].map(duration), [
    ...['0 s', '59 s', '1 min 0 s', '3 min 20 s', '59 min 59 s', '1 h 0 min', '2 h 5 min', '100 h 0 min'],
  ]);
  assert.equal(duration(Number.POSITIVE_INFINITY), 'no end set');
});

test('rate() keeps about three figures', () => {
  assert.deepEqual([0.4, 12.3, 999, 1000, 12_345].map(rate), [
    ...['0 tokens/s', '12 tokens/s', '999 tokens/s', '1.0k tokens/s', '12.3k tokens/s'],
  ]);
});
