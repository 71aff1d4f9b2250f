import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallBytes } from './small-bytes.ts';

test('what is given out is zero, as long as asked for, and never given out twice', () => {
  const all = Array.from({ length: 2_000 }, (_, index) => smallBytes(1 + (index % 100)));
  for (const [index, bytes] of all.entries()) {
    assert.equal(bytes.length, 1 + (index % 100));
    assert.ok(bytes.every((byte) => byte === 0));
    bytes.fill(index % 251);
  }
  for (const [index, bytes] of all.entries()) assert.ok(bytes.every((byte) => byte === index % 251));
  assert.equal(smallBytes(100_000).length, 100_000);
  assert.equal(smallBytes(0).length, 0);
});
