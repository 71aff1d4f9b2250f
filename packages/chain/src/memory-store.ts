// The chain's ports in memory, for tests, the simulation and light nodes. What they hold lives as long as the object does.

import { CHAIN_TABLES, type ChainBatch, type ChainTable, type Hex32 } from './events.ts';
import type { ChainSnapshot, ChainStore, CheckpointPresence, CheckpointStore, StoredEntry } from './ports.ts';
import { keyText, TableChanges } from './table-changes.ts';
import { ChunkTree, chunkLength } from './chunk-tree.ts';
import { CHUNK_BYTES, chunkCount, chunkLeaf } from '@resonancenet/model/checkpoint';

export class MemoryChainStore implements ChainStore {
  readonly #tables: Readonly<Record<ChainTable, TableChanges>>;

  constructor() {
    const tables: Partial<Record<ChainTable, TableChanges>> = {};
    for (const name of CHAIN_TABLES) tables[name] = new TableChanges();
    this.#tables = tables as Record<ChainTable, TableChanges>;
  }

  get(table: ChainTable, key: Uint8Array): Uint8Array | null {
    return this.#tables[table].get(keyText(key))?.value?.slice() ?? null;
  }

  entries(table: ChainTable): Iterable<StoredEntry> {
    return this.range(table, new Uint8Array(0), null);
  }

  *range(table: ChainTable, from: Uint8Array, to: Uint8Array | null): Iterable<StoredEntry> {
    const entries = this.#tables[table];
    for (const text of entries.keysBetween(keyText(from), to === null ? null : keyText(to))) {
      const { key, value } = entries.get(text) ?? { key: null, value: null };
      if (key !== null && value !== null) yield [key.slice(), value.slice()];
    }
  }

  snapshot(): ChainSnapshot {
    const copy = new MemoryChainStore();
    for (const table of CHAIN_TABLES)
      for (const [key, value] of this.entries(table))
        copy.#tables[table].set({ text: keyText(key), key, value, number: 0 });
    return {
      get: (table, key) => copy.get(table, key),
      range: (table, from, to) => copy.range(table, from, to),
      close: () => undefined,
    };
  }

  write(batch: ChainBatch): void {
    for (const { table, key, value } of batch.puts)
      this.#tables[table].set({ text: keyText(key), key: key.slice(), value: value.slice(), number: 0 });
    for (const { table, key } of batch.deletes) this.#tables[table].delete(keyText(key));
  }
}

interface MemoryPart {
  readonly fileLength: number;
  readonly chunks: (Uint8Array | undefined)[];
  readonly leaves: (Uint8Array | undefined)[];
}

export class MemoryCheckpointStore implements CheckpointStore {
  readonly #complete = new Map<Hex32, { readonly file: Uint8Array; readonly tree: ChunkTree }>();
  readonly #parts = new Map<Hex32, Map<number, MemoryPart>>();

  present(root: Hex32, fileLength?: number): CheckpointPresence | null {
    const complete = this.#complete.get(root);
    if (complete !== undefined) {
      const count = complete.tree.leaves.length;
      if (fileLength !== undefined && fileLength !== complete.file.length) return null;
      return { count, fileLength: complete.file.length, have: new Array<boolean>(count).fill(true) };
    }
    const parts = this.#parts.get(root);
    const part = fileLength === undefined ? parts?.values().next().value : parts?.get(fileLength);
    if (part === undefined) return null;
    return {
      count: part.chunks.length,
      fileLength: part.fileLength,
      have: Array.from(part.chunks, (chunk) => chunk !== undefined),
    };
  }

  isComplete(root: Hex32): boolean {
    return this.#complete.has(root);
  }

  /** The bytes of a complete file; null if it is not here. Read only. */
  fileOf(root: Hex32): Uint8Array | null {
    return this.#complete.get(root)?.file ?? null;
  }

  *roots(): Iterable<Hex32> {
    yield* this.#complete.keys();
    yield* this.#parts.keys();
  }

  putChunk(root: Hex32, index: number, count: number, fileLength: number, bytes: Uint8Array, leaf: Uint8Array): void {
    if (this.#complete.has(root)) return;
    let parts = this.#parts.get(root);
    if (parts === undefined) {
      parts = new Map();
      this.#parts.set(root, parts);
    }
    let part = parts.get(fileLength);
    if (part === undefined) {
      part = { fileLength, chunks: new Array(count).fill(undefined), leaves: new Array(count).fill(undefined) };
      parts.set(fileLength, part);
    }
    part.chunks[index] = bytes.slice();
    part.leaves[index] = leaf.slice();
    if (part.chunks.includes(undefined)) return;
    const tree = new ChunkTree(part.leaves.map((each) => each!));
    if (tree.root === root) {
      const file = new Uint8Array(fileLength);
      for (const [position, chunk] of part.chunks.entries()) file.set(chunk!, position * CHUNK_BYTES);
      this.#complete.set(root, { file, tree });
      this.#parts.delete(root);
    } else parts.delete(fileLength);
  }

  getChunk(root: Hex32, index: number): { readonly bytes: Uint8Array; readonly branch: readonly Uint8Array[] } | null {
    const complete = this.#complete.get(root);
    if (complete === undefined || !Number.isInteger(index) || index < 0 || index >= complete.tree.leaves.length)
      return null;
    const start = index * CHUNK_BYTES;
    return { bytes: complete.file.slice(start, start + CHUNK_BYTES), branch: complete.tree.branch(index) };
  }

  verify(root: Hex32): boolean {
    return this.#complete.has(root);
  }

  delete(root: Hex32): void {
    this.#complete.delete(root);
    this.#parts.delete(root);
  }

  /** Takes a whole file and returns its root. */
  importBytes(file: Uint8Array): Hex32 {
    const leaves = Array.from({ length: chunkCount(file.length) }, (_, index) =>
      chunkLeaf(file.subarray(index * CHUNK_BYTES, index * CHUNK_BYTES + chunkLength(file.length, index))),
    );
    const tree = new ChunkTree(leaves);
    this.#complete.set(tree.root, { file: file.slice(), tree });
    this.#parts.delete(tree.root);
    return tree.root;
  }
}
