// The Merkle tree over a checkpoint's chunks with all its levels kept, so that a branch costs no hashing (CKPT-6).

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import { CHUNK_BYTES } from '@resonancenet/model/checkpoint';

/** Bytes of chunk `index`: all are whole but the last. */
export function chunkLength(fileLength: number, index: number): number {
  return Math.min(CHUNK_BYTES, fileLength - index * CHUNK_BYTES);
}

export class ChunkTree {
  readonly #levels: readonly (readonly Uint8Array[])[];

  constructor(leaves: readonly Uint8Array[]) {
    assert(leaves.length > 0, 'a checkpoint has at least one chunk');
    const levels: (readonly Uint8Array[])[] = [leaves];
    for (let level = leaves; level.length > 1; ) {
      const above: Uint8Array[] = [];
      for (let index = 0; index < level.length; index += 2) {
        const left = level[index]!;
        const right = level[index + 1];
        above.push(right === undefined ? left : hash(TAG.chunkNode, left, right));
      }
      levels.push(above);
      level = above;
    }
    this.#levels = levels;
  }

  /** Lower-case hex. */
  get root(): string {
    return toHex(this.#levels.at(-1)![0]!);
  }

  get leaves(): readonly Uint8Array[] {
    return this.#levels[0]!;
  }

  /** Siblings from the leaf upward; a level where the node is carried up gives none (HASH-8). */
  branch(index: number): Uint8Array[] {
    assert(index >= 0 && index < this.leaves.length, `there is no chunk ${index}`);
    const branch: Uint8Array[] = [];
    let position = index;
    for (const level of this.#levels.slice(0, -1)) {
      const sibling = level[position ^ 1];
      if (sibling !== undefined) branch.push(sibling);
      position >>= 1;
    }
    return branch;
  }
}
