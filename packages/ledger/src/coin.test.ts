import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { amounts, bytesOf, u32s } from '@resonancenet/primitives/testing/arbitraries';
import fc from 'fast-check';
import { coinKey, decodeCoin, encodeCoin, outpointOfKey } from './coin.ts';

test('coins are found by their outpoint, outputs of one transaction in order', () => {
  const id = new Uint8Array(32).fill(0xab);
  assert.equal(toHex(coinKey(id, 0x01020304)), `${'ab'.repeat(32)}01020304`);
  assert.deepEqual(outpointOfKey(coinKey(id, 0xfffffffe)), { txid: id, index: 0xfffffffe });
});

test('a coin comes back from its record, which may lie anywhere in a larger buffer', () => {
  fc.assert(
    fc.property(
      amounts,
      bytesOf(24),
      bytesOf(24),
      u32s,
      fc.boolean(),
      u32s,
      (amount, lockId, policyId, height, coinbase, queued) => {
        const coin = { amount, lockId, policyId, height, coinbase, queued };
        const bytes = encodeCoin(coin);
        assert.equal(bytes.length, 65);
        const within = new Uint8Array(80);
        within.set(bytes, 11);
        assert.deepEqual(decodeCoin(within.subarray(11, 76)), coin);
      },
    ),
  );
});

test('a record of another length is a broken store', () => {
  assert.throws(() => decodeCoin(new Uint8Array(64)), AssertionFailure);
});
