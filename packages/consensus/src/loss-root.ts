// The Merkle-sum tree over window sums (EVAL-13): its root is in the header, so that one window with its branch is a proof of fraud.

import { assert } from '@resonancenet/bytes/assert';
import { Writer } from '@resonancenet/bytes/writer';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';

/** A node: 32-byte hash, and the sum of the leaves below it. */
export interface LossNode {
  readonly hash: Uint8Array;
  readonly sum: bigint;
}

function leaf(sum: number): LossNode {
  return { hash: hash(TAG.lossLeaf, new Writer(4).u32(sum).finish()), sum: BigInt(sum) };
}

function join(left: LossNode, right: LossNode): LossNode {
  const sums = [left, right].map((node) => new Writer(8).u64(node.sum).finish());
  return { hash: hash(TAG.lossNode, left.hash, sums[0]!, right.hash, sums[1]!), sum: left.sum + right.sum };
}

function levelAbove(level: readonly LossNode[]): LossNode[] {
  const above: LossNode[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const right = level[i + 1];
    above.push(right === undefined ? level[i]! : join(level[i]!, right));
  }
  return above;
}

/**
 * Root of the tree: `hash` is the header's `loss_root`, `sum` the total. Sums are u32.
 * @throws AssertionFailure on an empty list.
 */
export function lossRoot(windowSums: ArrayLike<number>): LossNode {
  assert(windowSums.length > 0, 'a validation set has at least one window');
  let level = Array.from(windowSums, leaf);
  while (level.length > 1) level = levelAbove(level);
  return level[0]!;
}

/** Siblings of window `index` from the leaf upwards; a level at which the node is carried up has none. */
export function lossBranch(windowSums: ArrayLike<number>, index: number): LossNode[] {
  assert(index >= 0 && index < windowSums.length, `window ${index} is not one of ${windowSums.length}`);
  const branch: LossNode[] = [];
  let level = Array.from(windowSums, leaf);
  for (let at = index; level.length > 1; at = at >> 1) {
    const sibling = level[at ^ 1];
    if (sibling !== undefined) branch.push(sibling);
    level = levelAbove(level);
  }
  return branch;
}

/**
 * The root that a window's sum and branch lead to, for a tree of `windows` leaves; null if the branch cannot belong to that place.
 * Never throws for any input: branches come from outside.
 */
export function rootOfLossBranch(
  sum: number,
  index: number,
  windows: number,
  branch: readonly LossNode[],
): LossNode | null {
  const isU32 = Number.isInteger(sum) && sum >= 0 && sum < 2 ** 32;
  if (!isU32 || !Number.isInteger(windows) || !Number.isInteger(index) || index < 0 || index >= windows) return null;
  let node = leaf(sum);
  let used = 0;
  for (let at = index, width = windows; width > 1; at = Math.floor(at / 2), width = Math.ceil(width / 2)) {
    if (at % 2 === 0 && at === width - 1) continue;
    const sibling = branch[used];
    // 2^32 leaves of 2^32 at most: a larger sum is no sum of window sums, and would not fit the u64 that is hashed.
    if (sibling === undefined || sibling.hash.length !== 32 || sibling.sum < 0n || sibling.sum >= 2n ** 63n)
      return null;
    used += 1;
    if (node.sum >= 2n ** 63n) return null;
    node = at % 2 === 0 ? join(node, sibling) : join(sibling, node);
  }
  return used === branch.length ? node : null;
}
