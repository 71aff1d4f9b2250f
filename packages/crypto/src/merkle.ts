// Merkle trees over hashed leaves (HASH-8). An odd node is carried up unpaired, never duplicated, so that no two lists of
// leaves share a root; leaves and inner nodes have different tags, so that neither passes for the other.

import { assert } from '@resonancenet/bytes/assert';
import { hash } from './hash.ts';
import type { Tag } from './tags.ts';

/**
 * Root of a list of leaf hashes (32 bytes each); of one leaf, the leaf itself.
 * @throws AssertionFailure if the list is empty: an empty tree has no root (HASH-8).
 */
export function merkleRoot(leafHashes: readonly Uint8Array[], nodeTag: Tag): Uint8Array {
  assert(leafHashes.length > 0, 'an empty list has no Merkle root');
  let level = leafHashes;
  while (level.length > 1) level = levelAbove(level, nodeTag);
  return level[0]!.slice();
}

/** Siblings on the way from leaf `index` to the root, lowest first; levels where the node is carried up give none (HASH-9). */
export function merkleBranch(leafHashes: readonly Uint8Array[], index: number, nodeTag: Tag): Uint8Array[] {
  assert(Number.isInteger(index) && index >= 0 && index < leafHashes.length, `there is no leaf ${index} to prove`);
  const branch: Uint8Array[] = [];
  let level = leafHashes;
  let position = index;
  while (level.length > 1) {
    const sibling = level[position ^ 1];
    if (sibling !== undefined) branch.push(sibling.slice());
    level = levelAbove(level, nodeTag);
    position = Math.floor(position / 2);
  }
  return branch;
}

/** Siblings in the branch of leaf `index` of `count`. */
export function branchLength(index: number, count: number): number {
  let length = 0;
  for (let position = index, width = count; width > 1; position = Math.floor(position / 2)) {
    if ((position ^ 1) < width) length++;
    width = Math.ceil(width / 2);
  }
  return length;
}

/**
 * Root that a leaf and its branch lead to; null if there is no such leaf among `count` or the branch does not have exactly
 * the length, and its items not the size, that the place in the tree asks for. Equal to the expected root: proven.
 */
export function rootFromBranch(
  leafHash: Uint8Array,
  index: number,
  count: number,
  branch: readonly Uint8Array[],
  nodeTag: Tag,
): Uint8Array | null {
  if (!Number.isSafeInteger(count) || count > 2 ** 31 || !Number.isInteger(index) || index < 0 || index >= count)
    return null;
  if (branch.length !== branchLength(index, count) || branch.some((sibling) => sibling.length !== 32)) return null;
  let node: Uint8Array = leafHash.slice();
  let used = 0;
  for (let position = index, width = count; width > 1; position = Math.floor(position / 2)) {
    if ((position ^ 1) < width) {
      const sibling = branch[used++]!;
      node = position % 2 === 0 ? hash(nodeTag, node, sibling) : hash(nodeTag, sibling, node);
    }
    width = Math.ceil(width / 2);
  }
  return node;
}

function levelAbove(level: readonly Uint8Array[], nodeTag: Tag): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const right = level[index + 1];
    above.push(right === undefined ? level[index]! : hash(nodeTag, level[index]!, right));
  }
  return above;
}
