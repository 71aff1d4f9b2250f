import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { merkleBranch, merkleRoot, rootFromBranch } from '@resonancenet/crypto/merkle';
import { TAG } from '@resonancenet/crypto/tags';
import { CHUNK_BYTES, chunkCount } from '@resonancenet/model/checkpoint';
import { ChunkTree, chunkLength } from './chunk-tree.ts';

test('root and branches are those of the Merkle tree of HASH-8, for every number of chunks up to 40', () => {
  for (let count = 1; count <= 40; count++) {
    const leaves = Array.from({ length: count }, (_, index) => new Uint8Array(32).fill(index + 1));
    const tree = new ChunkTree(leaves);
    assert.equal(tree.root, toHex(merkleRoot(leaves, TAG.chunkNode)));
    for (let index = 0; index < count; index++) {
      const branch = tree.branch(index);
      assert.deepEqual(branch, merkleBranch(leaves, index, TAG.chunkNode));
      assert.equal(toHex(rootFromBranch(leaves[index]!, index, count, branch, TAG.chunkNode)!), tree.root);
    }
    assert.throws(() => tree.branch(count), /no chunk/);
    assert.throws(() => tree.branch(-1), /no chunk/);
  }
  assert.throws(() => new ChunkTree([]), /at least one chunk/);
});

test('all chunks are whole but the last', () => {
  for (const length of [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 5 * CHUNK_BYTES + 7]) {
    const lengths = Array.from({ length: chunkCount(length) }, (_, index) => chunkLength(length, index));
    assert.equal(
      lengths.reduce((sum, each) => sum + each, 0),
      length,
    );
    assert.ok(lengths.slice(0, -1).every((each) => each === CHUNK_BYTES));
    assert.ok(lengths.at(-1)! > 0);
  }
});
