import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { utf8 } from '@resonancenet/bytes/utf8';
import fc from 'fast-check';
import { hash, hashUntagged } from './hash.ts';
import { keccak256 } from './keccak.ts';
import { TAG, type Tag } from './tags.ts';

const tags = fc.constantFrom(...Object.values(TAG));

test('hash() is Keccak-256 twice over tag and parts (HASH-5)', () => {
  fc.assert(
    fc.property(tags, fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 4 }), (tag, parts) => {
      const message = concatBytes(Uint8Array.of(tag), ...parts);
      assert.deepEqual(hash(tag, ...parts), keccak256(keccak256(message)));
      assert.deepEqual(hashUntagged(...parts), keccak256(keccak256(message.subarray(1))));
    }),
  );
});

test('hash() gives the values of the specification (HASH-5)', () => {
  assert.equal(toHex(hashUntagged()), toHex(keccak256(keccak256(new Uint8Array(0)))));
  assert.equal(
    toHex(hash(TAG.blockId, utf8('abc'))),
    'd5a52fc186af555c6178337f230f45223afa64fd53c6584688ac30f001fc6c4a',
  );
  assert.equal(toHex(hashUntagged(utf8('abc'))), 'b8e12eedbb60e5321db47f5a3bfeb8ec0ff6ae9af10020cc61bb8c82ae0b7b66');
});

test('hash() gives the same for short parts joined and for long ones streamed', () => {
  for (const length of [4094, 4095, 4096, 4097, 100_000]) {
    const message = Uint8Array.from({ length }, (_, index) => index & 0xff);
    const expected = keccak256(keccak256(concatBytes(Uint8Array.of(TAG.chunkLeaf), message)));
    assert.deepEqual(hash(TAG.chunkLeaf, message), expected);
    assert.deepEqual(hash(TAG.chunkLeaf, message.subarray(0, 5), message.subarray(5)), expected);
  }
});

test('the same bytes under two tags, or none, have different hashes (HASH-6)', () => {
  const bytes = utf8('the same');
  const hashes = Object.values(TAG).map((tag: Tag) => toHex(hash(tag, bytes)));
  assert.equal(new Set([...hashes, toHex(hashUntagged(bytes))]).size, hashes.length + 1);
});
