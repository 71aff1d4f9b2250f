import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomDelays } from './random-delays.ts';

test('RandomDelays have the mean that is asked for, are bounded, and depend on the seed alone', () => {
  const drawn = (seed: number): number[] => {
    const delays = new RandomDelays(new Uint8Array(32).fill(seed));
    return Array.from({ length: 4000 }, () => delays.next(2000));
  };
  const first = drawn(1);
  const mean = first.reduce((sum, delay) => sum + delay, 0) / first.length;
  assert.ok(mean > 1850 && mean < 2100, `a mean of ${mean}`);
  assert.ok(Math.max(...first) <= 16_000 && Math.min(...first) >= 0);
  assert.deepEqual(drawn(1), first);
  assert.notDeepEqual(drawn(2), first);
});

test('RandomDelays are memoryless: of those that last so long about as many go on as of all', () => {
  const delays = new RandomDelays(new Uint8Array(32).fill(3));
  const drawn = Array.from({ length: 8000 }, () => delays.next(1000));
  const share = (from: number): number =>
    drawn.filter((delay) => delay > from + 1000).length / drawn.filter((delay) => delay > from).length;
  assert.ok(Math.abs(share(0) - share(1500)) < 0.06, `${share(0)} and ${share(1500)}`);
});
