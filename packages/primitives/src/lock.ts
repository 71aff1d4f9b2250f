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

/** Place of a leaf: number `index` of `count`. */
export interface LeafPlace {
  readonly index: number;
  readonly count: number;
}

/**
 * The one place that is written for all that have this one's path, the sides on which siblings join from the leaf to the root: that of
 * the least count, then of the least index (LED-2). The branch and the root are the same: leaf 2 of 3 is leaf 1 of 2.
 */
export function leastPlace(index: number, count: number): LeafPlace {
  assert(count <= MAX_LEAVES && index < count, `there is no leaf ${index} of ${count}`);
  return LEAST_PLACES.get(pathOf(index, count))!;
}

/** By path, of all places that exist. */
const LEAST_PLACES: ReadonlyMap<string, LeafPlace> = leastPlaces();

function leastPlaces(): Map<string, LeafPlace> {
  const places = new Map<string, LeafPlace>();
  for (let count = 1; count <= MAX_LEAVES; count++) {
    for (let index = 0; index < count; index++) {
      const path = pathOf(index, count);
      if (!places.has(path)) places.set(path, { index, count });
    }
  }
  return places;
}

/** One letter for each sibling, lowest first: the side on which it stands. */
function pathOf(index: number, count: number): string {
  let path = '';
  for (let position = index, width = count; width > 1; position = Math.floor(position / 2)) {
    if ((position ^ 1) < width) path += position % 2 === 0 ? 'r' : 'l';
    width = Math.ceil(width / 2);
  }
  return path;
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
