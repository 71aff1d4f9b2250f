import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { keccak256 } from '@resonancenet/crypto/keccak';
import { type Leaf, leafCodec } from './condition.ts';
import { keyLockId, leafBranch, leafHash, lockIdFromBranch, lockIdOf, MAX_LEAVES } from './lock.ts';

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const double = (hex: string): string => toHex(keccak256(keccak256(fromHex(hex))));

test('the lock of a key is the first 24 bytes of its one leaf (BLK-15)', () => {
  assert.equal(toHex(keyLockId(key(0xaa))), double(`0b0101${'aa'.repeat(32)}`).slice(0, 48));
});

const keyLeaf = (byte: number): Leaf => [{ kind: 'key', publicKey: key(byte) }];
const leavesOf = (count: number): Leaf[] => Array.from({ length: count }, (_, index) => keyLeaf(index));
const hashOf = (leaf: Leaf): Uint8Array => leafHash(encode(leafCodec, leaf));

test('a lock of several leaves is a Merkle root with its own tags', () => {
  const [a, b, c] = [1, 2, 3].map((byte) => double(`0b0101${`0${byte}`.repeat(32)}`));
  assert.equal(toHex(lockIdOf([1, 2, 3].map(keyLeaf))), double(`0c${double(`0c${a}${b}`)}${c}`).slice(0, 48));
});

test('a lock has 1 to 16 leaves', () => {
  assert.doesNotThrow(() => lockIdOf(leavesOf(MAX_LEAVES)));
  assert.throws(() => lockIdOf([]), AssertionFailure);
  assert.throws(() => lockIdOf(leavesOf(MAX_LEAVES + 1)), AssertionFailure);
});

test('every leaf of every lock is proven by its branch, and nothing else by it', () => {
  for (let count = 1; count <= MAX_LEAVES; count++) {
    const leaves = leavesOf(count);
    const id = toHex(lockIdOf(leaves));
    for (const [index, leaf] of leaves.entries()) {
      const branch = leafBranch(leaves, index);
      assert.equal(toHex(lockIdFromBranch(hashOf(leaf), index, count, branch)!), id);
      assert.notEqual(toHex(lockIdFromBranch(hashOf(keyLeaf(99)), index, count, branch)!), id);
      assert.equal(lockIdFromBranch(hashOf(leaf), index, count, [...branch, key(0)]), null);
      assert.equal(lockIdFromBranch(hashOf(leaf), count, count, branch), null);
    }
  }
});

test('no branch leads to a lock of 17 leaves', () => {
  const branch = Array.from({ length: 5 }, () => key(0));
  assert.notEqual(lockIdFromBranch(key(1), 0, 16, branch.slice(1)), null);
  assert.equal(lockIdFromBranch(key(1), 0, 17, branch), null);
});

test('a key has 32 bytes', () => {
  assert.throws(() => keyLockId(new Uint8Array(31)), AssertionFailure);
  assert.throws(() => keyLockId(new Uint8Array(33)), AssertionFailure);
});
