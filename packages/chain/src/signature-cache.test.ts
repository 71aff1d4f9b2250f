import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import { SignatureCache } from './signature-cache.ts';

function check(index: number): SignatureCheck {
  const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(index & 255, 0, 1).fill(index >> 8, 1, 2);
  return { publicKey: bytes(32), message: bytes(32), signature: bytes(64) };
}

test('only the very same key, message and signature are known', () => {
  const cache = new SignatureCache(new Uint8Array(32).fill(3));
  const one = check(1);
  cache.add(one);
  assert.equal(cache.has({ ...one }), true);
  assert.equal(cache.has({ ...one, signature: one.signature.with(63, 1) }), false);
  assert.equal(cache.has({ ...one, message: one.message.with(0, 9) }), false);
  assert.equal(cache.has({ ...one, publicKey: one.publicKey.with(31, 9) }), false);
  // The same bytes, cut elsewhere.
  assert.equal(cache.has({ ...one, publicKey: one.message, message: one.publicKey.with(1, 1) }), false);
});

test('it never grows beyond its size, and keeps the latest half at least', () => {
  const cache = new SignatureCache(new Uint8Array(32), 64);
  for (let index = 0; index < 1000; index++) {
    cache.add(check(index));
    assert.ok(cache.size <= 64);
    for (let back = 0; back < Math.min(index, 32); back++) assert.equal(cache.has(check(index - back)), true);
  }
  assert.equal(cache.has(check(0)), false);
});
