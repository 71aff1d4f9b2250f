import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import fc from 'fast-check';
import { hash } from './hash.ts';
import { branchLength, merkleBranch, merkleRoot, rootFromBranch } from './merkle.ts';
import { TAG } from './tags.ts';

function leaf(number: number): Uint8Array {
  return hash(TAG.txLeaf, Uint8Array.of(number & 0xff, number >> 8));
}

function leaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => leaf(index));
}

function node(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash(TAG.txNode, left, right);
}

const counts = fc.integer({ min: 1, max: 70 });

test('merkleRoot() carries odd nodes up unpaired (HASH-8)', () => {
  const [a, b, c, d, e, f, g] = leaves(7) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const shapes: readonly [list: readonly Uint8Array[], root: Uint8Array][] = [
    [[a], a],
    [[a, b], node(a, b)],
    [[a, b, c], node(node(a, b), c)],
    [[a, b, c, d], node(node(a, b), node(c, d))],
    [[a, b, c, d, e], node(node(node(a, b), node(c, d)), e)],
    [[a, b, c, d, e, f], node(node(node(a, b), node(c, d)), node(e, f))],
    [[a, b, c, d, e, f, g], node(node(node(a, b), node(c, d)), node(node(e, f), g))],
  ];
  for (const [list, root] of shapes) assert.equal(toHex(merkleRoot(list, TAG.txNode)), toHex(root), `${list.length}`);
});

test('merkleRoot() takes an empty list for a bug of the caller', () => {
  assert.throws(() => merkleRoot([], TAG.txNode), AssertionFailure);
});

test('merkleRoot() gives a copy', () => {
  const one = leaf(0);
  merkleRoot([one], TAG.txNode).fill(0);
  assert.equal(toHex(one), toHex(leaf(0)));
});

test('no list shares its root with the list that doubles its tail (CVE-2012-2459)', () => {
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 70 }), (count, tail) => {
      const list = leaves(count);
      const doubled = [...list, ...list.slice(-Math.min(tail, count))];
      assert.notEqual(toHex(merkleRoot(doubled, TAG.txNode)), toHex(merkleRoot(list, TAG.txNode)));
    }),
  );
});

test('different lists of hashes have different roots', () => {
  const lists = fc.array(fc.nat(3), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(lists, lists, (a, b) => {
      const same = a.length === b.length && a.every((number, index) => number === b[index]);
      const roots = [a, b].map((list) => toHex(merkleRoot(list.map(leaf), TAG.txNode)));
      assert.equal(roots[0] === roots[1], same);
    }),
    { numRuns: 1000 },
  );
});

test('inner nodes do not pass for leaves: the tag of the tree decides', () => {
  const list = leaves(4);
  const inner = [node(list[0]!, list[1]!), node(list[2]!, list[3]!)];
  // The root over the inner nodes is the same; a leaf's own tag keeps anybody from having such leaves.
  assert.equal(toHex(merkleRoot(inner, TAG.txNode)), toHex(merkleRoot(list, TAG.txNode)));
  assert.notEqual(toHex(hash(TAG.txLeaf, list[0]!, list[1]!)), toHex(inner[0]!));
  assert.notEqual(toHex(merkleRoot(list, TAG.lockNode)), toHex(merkleRoot(list, TAG.txNode)));
});

test('every leaf is proven by its branch', () => {
  for (let count = 1; count <= 33; count++) {
    const list = leaves(count);
    const root = toHex(merkleRoot(list, TAG.txNode));
    for (let index = 0; index < count; index++) {
      const branch = merkleBranch(list, index, TAG.txNode);
      assert.equal(branch.length, branchLength(index, count));
      assert.equal(toHex(rootFromBranch(list[index]!, index, count, branch, TAG.txNode)!), root);
    }
  }
});

test('a branch proves nothing about another leaf, place or count', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 40 }),
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 1, max: 40 }),
      (count, a, b, other) => {
        const list = leaves(count);
        const [index, elsewhere] = [a % count, b % count];
        const root = toHex(merkleRoot(list, TAG.txNode));
        const branch = merkleBranch(list, index, TAG.txNode);
        const proves = (leafHash: Uint8Array, place: number, total: number): boolean => {
          const found = rootFromBranch(leafHash, place, total, branch, TAG.txNode);
          return found !== null && toHex(found) === root;
        };
        assert.equal(proves(leaf(1000), index, count), false);
        assert.equal(proves(list[index]!, elsewhere, count), elsewhere === index);
        // Another count with the same path through the tree is the same claim about this leaf; any other path fails.
        if (branchLength(index, other) !== branch.length || index >= other) {
          assert.equal(rootFromBranch(list[index]!, index, other, branch, TAG.txNode), null);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('rootFromBranch() refuses a branch of the wrong length, items of the wrong size and places that do not exist', () => {
  const list = leaves(5);
  const branch = merkleBranch(list, 1, TAG.txNode);
  const own = list[1]!;
  assert.notEqual(rootFromBranch(own, 1, 5, branch, TAG.txNode), null);
  assert.equal(rootFromBranch(own, 1, 5, branch.slice(1), TAG.txNode), null);
  assert.equal(rootFromBranch(own, 1, 5, [...branch, leaf(9)], TAG.txNode), null);
  assert.equal(rootFromBranch(own, 1, 5, [branch[0]!.subarray(1), ...branch.slice(1)], TAG.txNode), null);
  // The last of five is carried up twice: its branch has one item, not three.
  assert.equal(branchLength(4, 5), 1);
  assert.equal(rootFromBranch(list[4]!, 4, 5, branch, TAG.txNode), null);
  for (const [index, count] of [
    [5, 5],
    [-1, 5],
    [0.5, 5],
    [Number.NaN, 5],
    [0, 0],
    [0, -1],
    [0, Number.NaN],
    [0, Number.POSITIVE_INFINITY],
    [1, 2 ** 53],
  ] as const) {
    assert.equal(rootFromBranch(own, index, count, branch, TAG.txNode), null, `${index} of ${count}`);
  }
});

test('rootFromBranch() refuses the place one past the last, with a branch of the length that would follow', () => {
  const own = leaf(0);
  for (let count = 1; count <= 9; count++) {
    const branch = Array.from({ length: branchLength(count, count) }, () => leaf(1));
    assert.equal(rootFromBranch(own, count, count, branch, TAG.txNode), null, `${count}`);
  }
});

test('merkleBranch() takes a leaf that does not exist for a bug of the caller', () => {
  for (const index of [-1, 3, 0.5]) assert.throws(() => merkleBranch(leaves(3), index, TAG.txNode), AssertionFailure);
});
