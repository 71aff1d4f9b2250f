import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { utf8 } from '@resonancenet/bytes/utf8';
import * as exported from '@resonancenet/crypto/shake256';
import fc from 'fast-check';
import * as native from './shake256-node.ts';
import * as portable from './shake256.ts';

// NIST, Cryptographic Standards and Guidelines, examples with intermediate values: SHAKE256 of 0 bits; the second of "abc".
const vectors = [
  [
    '',
    '46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762fd75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be',
  ],
  [
    'abc',
    '483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739d5a15bef186a5386c75744c0527e1faa9f8726e462a12a4feb06bd8801e751e4',
  ],
] as const;

test('both implementations give the known answers', () => {
  for (const { shake256 } of [native, portable]) {
    for (const [text, answer] of vectors) {
      assert.equal(toHex(shake256(utf8(text), 64)), answer);
      assert.equal(toHex(shake256(utf8(text), 7)), answer.slice(0, 14));
    }
  }
});

test('Node gets the native one, and both agree on any bytes and length', () => {
  assert.equal(exported.shake256, native.shake256);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 1, max: 3000 }), (bytes, length) => {
      assert.equal(toHex(native.shake256(bytes, length)), toHex(portable.shake256(bytes, length)));
    }),
    { numRuns: 50 },
  );
});
