import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyBlocks } from './policy-id.ts';

test('the blocks of a policy are all three bytes of its id, the lowest first (BLK-17)', () => {
  const id = new Uint8Array(24);
  id.set([3, 0x01, 0x02, 0x03]);
  assert.equal(policyBlocks(id), 0x030201);
  assert.equal(policyBlocks(id.fill(0xff)), 0xff_ffff);
});
