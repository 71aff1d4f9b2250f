import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from './token-bucket.ts';

test('TokenBucket gives its capacity at once and then its rate', () => {
  const bucket = new TokenBucket(10, 5, 1000);
  assert.equal(bucket.take(10, 1000), true);
  assert.equal(bucket.take(1, 1000), false);
  assert.equal(bucket.waitMs(1, 1000), 200);
  assert.equal(bucket.take(1, 1199), false);
  assert.equal(bucket.take(1, 1200), true);
  assert.equal(bucket.take(11, 1_000_000), false, 'never more than the capacity');
  assert.equal(bucket.waitMs(11, 1_000_000), 0, 'what is above the capacity waits for a full bucket only');
});

test('TokenBucket ignores a clock that goes back and remembers debt', () => {
  const bucket = new TokenBucket(10, 10, 1000);
  bucket.charge(30, 1000);
  assert.equal(bucket.take(1, 500), false);
  assert.equal(bucket.waitMs(1, 1000), 2100);
  assert.equal(bucket.take(1, 3100), true);
});
