// What the chain machine needs from the world, as small synchronous interfaces. packages/storage implements them on LMDB and files;
// tests and the simulation implement them in memory, among them one that loses everything unsynced.

import type { ChainBatch, ChainTable, Hex32 } from './events.ts';

export type StoredEntry = readonly [key: Uint8Array, value: Uint8Array];

export interface ChainReader {
  get(table: ChainTable, key: Uint8Array): Uint8Array | null;
  /** Entries with from <= key < to (null: to the table's end) in ascending order of the keys' bytes. Nothing is written while they are walked. */
  range(table: ChainTable, from: Uint8Array, to: Uint8Array | null): Iterable<StoredEntry>;
}

export interface ChainStore extends ChainReader {
  /** All entries of a table in key order. */
  entries(table: ChainTable): Iterable<StoredEntry>;
  /** Atomic and durable when it returns; throws an operational error otherwise. */
  write(batch: ChainBatch): void;
  /** What is stored now, whatever is written later. */
  snapshot(): ChainSnapshot;
}

/** Holds the room of what is overwritten meanwhile: close it soon. */
export interface ChainSnapshot extends ChainReader {
  close(): void;
}

/** What is held of a checkpoint file. */
export interface CheckpointPresence {
  /** Chunks of the whole file. */
  readonly count: number;
  readonly fileLength: number;
  /** Which of them are here. */
  readonly have: readonly boolean[];
}

/**
 * Checkpoint files by chunk root. A file is complete only when every chunk is there and its bytes are durable.
 *
 * The root does not commit to the file's length, and a header that copies another's root may imply another length for it, so that some
 * chunks prove themselves under both. Parts are therefore kept apart by length until one of them is complete, which settles it.
 */
export interface CheckpointStore {
  /**
   * The complete file, or else the part that was downloaded for `fileLength` (any length, if left out);
   * null if nothing is there, or if the file is complete with another length.
   */
  present(root: Hex32, fileLength?: number): CheckpointPresence | null;
  isComplete(root: Hex32): boolean;
  /**
   * Stores one chunk (resumable across restarts). The caller has proved it: `leaf` is its hash, which led to the root.
   * Chunks of a complete file are ignored.
   */
  putChunk(root: Hex32, index: number, count: number, fileLength: number, bytes: Uint8Array, leaf: Uint8Array): void;
  /** Reads one chunk with the branch that proves it; null if not held. Only complete files are served. */
  getChunk(root: Hex32, index: number): { readonly bytes: Uint8Array; readonly branch: readonly Uint8Array[] } | null;
  /** Hashes a complete file again; false, and the file is gone, if it is not what its name says (a damaged disk). */
  verify(root: Hex32): boolean;
  /** Removes the file and every part of it. */
  delete(root: Hex32): void;
  /** Roots of complete files and of parts. */
  roots(): Iterable<Hex32>;
}
