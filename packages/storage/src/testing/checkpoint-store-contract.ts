// What every CheckpointStore must do, as one suite.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import type { CheckpointStore } from '@resonancenet/chain/ports';
import { rootFromBranch } from '@resonancenet/crypto/merkle';
import { TAG } from '@resonancenet/crypto/tags';
import { ChunkTree } from '@resonancenet/chain/chunk-tree';
import { CHUNK_BYTES, chunkCount, chunkLeaf } from '@resonancenet/model/checkpoint';

export interface SampleFile {
  readonly bytes: Uint8Array;
  readonly chunks: readonly Uint8Array[];
  readonly leaves: readonly Uint8Array[];
  readonly root: string;
}

/** A file of the given length with content that depends on `seed`. */
export function sampleFile(length: number, seed: number): SampleFile {
  const bytes = new Uint8Array(length);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  const chunks = Array.from({ length: chunkCount(length) }, (_, index) =>
    bytes.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  );
  const leaves = chunks.map(chunkLeaf);
  return { bytes, chunks, leaves, root: new ChunkTree(leaves).root };
}

export function putChunk(store: CheckpointStore, file: SampleFile, index: number): void {
  store.putChunk(file.root, index, file.chunks.length, file.bytes.length, file.chunks[index]!, file.leaves[index]!);
}

export interface CheckpointStoreUnderTest {
  readonly store: CheckpointStore;
  reopen(): CheckpointStore;
  end(): void;
}

export function checkpointStoreContract(name: string, make: () => CheckpointStoreUnderTest): void {
  const check = (title: string, work: (subject: CheckpointStoreUnderTest) => void): void => {
    test(`${name}: ${title}`, () => {
      const subject = make();
      try {
        work(subject);
      } finally {
        subject.end();
      }
    });
  };

  check(
    'becomes complete with the last chunk, in any order, and then serves every chunk with its proof',
    ({ store }) => {
      const file = sampleFile(4 * CHUNK_BYTES + 777, 1);
      assert.equal(store.present(file.root), null);
      for (const index of [3, 0, 4, 1]) {
        putChunk(store, file, index);
        assert.equal(store.isComplete(file.root), false);
        assert.equal(store.getChunk(file.root, index), null, 'parts are not served');
      }
      assert.deepEqual(store.present(file.root, file.bytes.length)?.have, [true, true, false, true, true]);
      putChunk(store, file, 2);
      assert.equal(store.isComplete(file.root), true);
      assert.deepEqual(store.present(file.root), {
        count: 5,
        fileLength: file.bytes.length,
        have: Array(5).fill(true),
      });
      for (const [index, chunk] of file.chunks.entries()) {
        const served = store.getChunk(file.root, index)!;
        assert.deepEqual(served.bytes, chunk);
        const root = rootFromBranch(chunkLeaf(served.bytes), index, 5, served.branch, TAG.chunkNode);
        assert.equal(toHex(root!), file.root);
      }
      for (const index of [-1, 5, 0.5, Number.NaN]) assert.equal(store.getChunk(file.root, index), null);
    },
  );

  check('ignores a chunk that it already has', ({ store }) => {
    const file = sampleFile(2 * CHUNK_BYTES, 2);
    putChunk(store, file, 0);
    putChunk(store, file, 0);
    putChunk(store, file, 1);
    putChunk(store, file, 1);
    assert.equal(store.isComplete(file.root), true);
    assert.deepEqual(store.getChunk(file.root, 0)!.bytes, file.chunks[0]);
  });

  check('keeps parts of one root apart by length; the one that completes settles it', ({ store }) => {
    const file = sampleFile(2 * CHUNK_BYTES + 5, 3);
    // A header that copied the root implies another length: chunk 0 of three is not chunk 0 of two, but a part may hold anything.
    const wrongLength = CHUNK_BYTES + 5;
    store.putChunk(file.root, 1, 2, wrongLength, file.chunks[2]!, file.leaves[2]!);
    putChunk(store, file, 1);
    assert.deepEqual(store.present(file.root, wrongLength)?.have, [false, true]);
    assert.deepEqual(store.present(file.root, file.bytes.length)?.have, [false, true, false]);
    assert.equal(store.present(file.root, 12_345), null);
    putChunk(store, file, 0);
    putChunk(store, file, 2);
    assert.equal(store.isComplete(file.root), true);
    assert.equal(store.present(file.root, wrongLength), null);
    assert.equal(store.present(file.root, file.bytes.length)?.count, 3);
  });

  check('never completes a file whose chunks do not lead to the root', ({ store }) => {
    const file = sampleFile(2 * CHUNK_BYTES, 4);
    const other = sampleFile(2 * CHUNK_BYTES, 5);
    putChunk(store, file, 0);
    store.putChunk(file.root, 1, 2, file.bytes.length, other.chunks[1]!, other.leaves[1]!);
    assert.equal(store.isComplete(file.root), false);
  });

  check('deletes files and parts, and holds them again when they are put again', ({ store, reopen }) => {
    const whole = sampleFile(1000, 6);
    const part = sampleFile(2 * CHUNK_BYTES, 7);
    putChunk(store, whole, 0);
    putChunk(store, part, 1);
    assert.deepEqual([...store.roots()].sort(), [whole.root, part.root].sort());
    store.delete(whole.root);
    store.delete(part.root);
    store.delete('00'.repeat(32));
    assert.deepEqual([...store.roots()], []);
    putChunk(store, whole, 0);
    const again = reopen();
    assert.deepEqual([...again.roots()], [whole.root]);
    assert.equal(again.verify(whole.root), true);
    assert.equal(again.verify(part.root), false);
  });

  check('resumes a download after a restart', ({ store, reopen }) => {
    const file = sampleFile(3 * CHUNK_BYTES + 1, 8);
    putChunk(store, file, 3);
    putChunk(store, file, 1);
    const again = reopen();
    assert.deepEqual(again.present(file.root, file.bytes.length)?.have, [false, true, false, true]);
    putChunk(again, file, 0);
    putChunk(again, file, 2);
    assert.equal(again.verify(file.root), true);
  });
}
