// One checkpoint being fetched. Headers that claim the same root may imply different file lengths; each length is a hypothesis, and the
// one that becomes complete refutes the others.

import { fromHex } from '@resonancenet/bytes/hex';
import { equalBytes } from '@resonancenet/bytes/compare';
import { rootFromBranch } from '@resonancenet/crypto/merkle';
import { TAG } from '@resonancenet/crypto/tags';
import { CHUNK_BYTES, chunkCount, chunkLeaf } from '@resonancenet/model/checkpoint';
import type { BlockNode } from './block-node.ts';
import type { Hex32, PeerId } from './events.ts';
import type { CheckpointStore } from './ports.ts';

interface LengthHypothesis {
  readonly fileLength: number;
  readonly count: number;
  readonly missing: Set<number>;
}

export class CheckpointDownload {
  readonly root: Hex32;
  /** Blocks that wait for it, with the file length that each implies. */
  readonly nodes: Map<BlockNode, number> = new Map();
  /** Peers that sent chunks which belong to the root. */
  readonly senders: Set<PeerId> = new Set();
  progressAt: number;
  readonly #store: CheckpointStore;
  readonly #lengthsPerRoot: number;
  readonly #hypotheses = new Map<number, LengthHypothesis>();

  constructor(root: Hex32, store: CheckpointStore, lengthsPerRoot: number, time: number) {
    this.#lengthsPerRoot = lengthsPerRoot;
    this.root = root;
    this.#store = store;
    this.progressAt = time;
  }

  /** False if too many lengths are claimed for this root already. */
  add(node: BlockNode, fileLength: number): boolean {
    if (!this.#hypotheses.has(fileLength)) {
      if (this.#hypotheses.size >= this.#lengthsPerRoot) return false;
      const count = chunkCount(fileLength);
      const have = this.#store.present(this.root, fileLength)?.have;
      const missing = new Set<number>();
      for (let index = 0; index < count; index++) if (have?.[index] !== true) missing.add(index);
      this.#hypotheses.set(fileLength, { fileLength, count, missing });
    }
    this.nodes.set(node, fileLength);
    return true;
  }

  /** Forgets a block, and its length if nobody else claims it. */
  release(node: BlockNode): void {
    const fileLength = this.nodes.get(node);
    this.nodes.delete(node);
    if (fileLength !== undefined && ![...this.nodes.values()].includes(fileLength)) this.#hypotheses.delete(fileLength);
  }

  /** Chunks that are missing under any length, ascending. */
  missing(): number[] {
    const all = new Set<number>();
    for (const { missing } of this.#hypotheses.values()) for (const index of missing) all.add(index);
    return [...all].sort((a, b) => a - b);
  }

  /** Chunks of the longest file that is claimed. */
  get count(): number {
    return Math.max(0, ...[...this.#hypotheses.values()].map(({ count }) => count));
  }

  /** Stores a chunk under every length with which its branch proves it. False if it proves itself under none. */
  take(index: number, branch: readonly Uint8Array[], bytes: Uint8Array): boolean {
    if (bytes.length === 0 || bytes.length > CHUNK_BYTES) return false;
    const leaf = chunkLeaf(bytes);
    const expected = fromHex(this.root);
    let proved = false;
    for (const { fileLength, count, missing } of this.#hypotheses.values()) {
      const isLast = index === count - 1;
      if (bytes.length !== (isLast ? fileLength - index * CHUNK_BYTES : CHUNK_BYTES)) continue;
      const root = rootFromBranch(leaf, index, count, branch, TAG.chunkNode);
      if (root === null || !equalBytes(root, expected)) continue;
      proved = true;
      if (!missing.delete(index)) continue;
      this.#store.putChunk(this.root, index, count, fileLength, bytes, leaf);
      if (this.#store.isComplete(this.root)) break;
    }
    return proved;
  }
}
