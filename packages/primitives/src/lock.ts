// Locks (BLK-14, BLK-15): the Merkle root of a small set of leaves; a spend shows one of them and its branch.

import { assert } from '@resonancenet/bytes/assert';
import { encode } from '@resonancenet/bytes/encode';
import { hash } from '@resonancenet/crypto/hash';
import { merkleBranch, merkleRoot, rootFromBranch } from '@resonancenet/crypto/merkle';
import { TAG } from '@resonancenet/crypto/tags';
import { type Leaf, leafCodec } from './condition.ts';
import { LOCK_ID_LENGTH, type LockId } from './ids.ts';

export const MAX_LEAVES = 16;

/** Hash of an encoded leaf: 32 bytes, what signatures cover and the root is made of. */
export function leafHash(leafBytes: Uint8Array): Uint8Array {
  return hash(TAG.lockLeaf, leafBytes);
}

/** First 24 bytes of the root over the leaves' hashes: 96 bits of strength against collisions (BLK-15). */
export function lockIdOf(leaves: readonly Leaf[]): LockId {
  return lockIdOfRoot(merkleRoot(leafHashes(leaves), TAG.lockNode));
}

/** What proves that leaf `index` is one of these (HASH-9): up to four items of 32 bytes, lowest first. */
export function leafBranch(leaves: readonly Leaf[], index: number): readonly Uint8Array[] {
  return merkleBranch(leafHashes(leaves), index, TAG.lockNode);
}

/** The lock id that a leaf's hash and its branch lead to, or null if no lock has such a place or it asks for another branch. */
export function lockIdFromBranch(
  leafHash: Uint8Array,
  index: number,
  count: number,
  branch: readonly Uint8Array[],
): LockId | null {
  if (count > MAX_LEAVES) return null;
  const root = rootFromBranch(leafHash, index, count, branch, TAG.lockNode);
  return root === null ? null : lockIdOfRoot(root);
}

/** The lock that one key opens alone. */
export function keyLockId(publicKey: Uint8Array): LockId {
  return lockIdOf([[{ kind: 'key', publicKey }]]);
}

function leafHashes(leaves: readonly Leaf[]): Uint8Array[] {
  assert(
    leaves.length >= 1 && leaves.length <= MAX_LEAVES,
    `a lock has 1 to ${MAX_LEAVES} leaves, not ${leaves.length}`,
  );
  return leaves.map((leaf) => leafHash(encode(leafCodec, leaf)));
}

function lockIdOfRoot(root: Uint8Array): LockId {
  return root.slice(0, LOCK_ID_LENGTH);
}
