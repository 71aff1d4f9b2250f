// What the chain machine needs from the world, as small synchronous interfaces. packages/storage implements them on LMDB and files;
// tests and the simulation implement them in memory, among them one that loses everything unsynced.

import type { ChainBatch, ChainTable, Hex32 } from './events.ts';

export interface ChainStore {
  get(table: ChainTable, key: Uint8Array): Uint8Array | null;
  /** All entries of a table in key order. */
  entries(table: ChainTable): Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
  /** Atomic and durable when it returns; throws an operational error otherwise. */
  write(batch: ChainBatch): void;
}

/** Checkpoint files by chunk root. A file is complete only when every chunk is there and its bytes are durable. */
export interface CheckpointStore {
  /** Which chunks are there; null if nothing of this root is. */
  present(root: Hex32): { readonly count: number; readonly have: readonly boolean[] } | null;
  isComplete(root: Hex32): boolean;
  /** Stores one verified chunk (resumable across restarts). */
  putChunk(root: Hex32, index: number, count: number, fileLength: number, bytes: Uint8Array): void;
  /** Reads one chunk with the branch that proves it; null if not held. */
  getChunk(root: Hex32, index: number): { readonly bytes: Uint8Array; readonly branch: readonly Uint8Array[] } | null;
  delete(root: Hex32): void;
  roots(): Iterable<Hex32>;
}
