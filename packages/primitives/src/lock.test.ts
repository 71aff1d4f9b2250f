import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { keccak256 } from '@resonancenet/crypto/keccak';
import { encodeLeaf, keyLockId, lockIdOf, MAX_CONDITIONS, MAX_LEAVES } from './lock.ts';

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const double = (hex: string): string => toHex(keccak256(keccak256(fromHex(hex))));

test('a leaf is its number of conditions and the conditions (BLK-14)', () => {
  assert.equal(toHex(encodeLeaf([{ kind: 'key', publicKey: key(0xaa) }])), `0101${'aa'.repeat(32)}`);
  const two = encodeLeaf([
    { kind: 'key', publicKey: key(0xaa) },
    { kind: 'key', publicKey: key(0xbb) },
  ]);
  assert.equal(toHex(two), `0201${'aa'.repeat(32)}01${'bb'.repeat(32)}`);
});

test('the lock of a key is the first 24 bytes of its one leaf (BLK-15)', () => {
  assert.equal(toHex(keyLockId(key(0xaa))), double(`0b0101${'aa'.repeat(32)}`).slice(0, 48));
});

test('a lock of several leaves is a Merkle root with its own tags', () => {
  const leaves = [1, 2, 3].map((byte) => encodeLeaf([{ kind: 'key', publicKey: key(byte) }]));
  const [a, b, c] = leaves.map((leaf) => double(`0b${toHex(leaf)}`));
  assert.equal(toHex(lockIdOf(leaves)), double(`0c${double(`0c${a}${b}`)}${c}`).slice(0, 48));
});

test('a leaf has 1 to 8 conditions, a lock 1 to 16 leaves', () => {
  const condition = { kind: 'key', publicKey: key(1) } as const;
  assert.doesNotThrow(() => encodeLeaf(Array.from({ length: MAX_CONDITIONS }, () => condition)));
  assert.throws(() => encodeLeaf([]), AssertionFailure);
  assert.throws(() => encodeLeaf(Array.from({ length: MAX_CONDITIONS + 1 }, () => condition)), AssertionFailure);
  const leaf = encodeLeaf([condition]);
  assert.doesNotThrow(() => lockIdOf(Array.from({ length: MAX_LEAVES }, () => leaf)));
  assert.throws(() => lockIdOf([]), AssertionFailure);
  assert.throws(() => lockIdOf(Array.from({ length: MAX_LEAVES + 1 }, () => leaf)), AssertionFailure);
});

test('a key has 32 bytes', () => {
  assert.throws(() => keyLockId(new Uint8Array(31)), AssertionFailure);
  assert.throws(() => keyLockId(new Uint8Array(33)), AssertionFailure);
});
