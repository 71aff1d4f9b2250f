// Checkpoint files on disk, by chunk root. In one folder:
//   ROOT.safetensors     a complete file: it gets this name only when all its bytes are durable
//   ROOT.leaves          the hashes of its chunks, 32 bytes each; checked against ROOT before use and rebuilt if wrong
//   ROOT.LENGTH.part     a download in progress
//   ROOT.LENGTH.have     a record per chunk of it: index u32le, leaf hash, crc32 u32le of both
// Nothing found at start is believed: recorded chunks are hashed again, everything else is removed.

import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import type { Hex32 } from '@resonancenet/chain/events';
import type { CheckpointPresence, CheckpointStore } from '@resonancenet/chain/ports';
import { ChunkTree, chunkLength } from '@resonancenet/chain/chunk-tree';
import { CHUNK_BYTES, chunkCount, chunkLeaf } from '@resonancenet/model/checkpoint';
import { crashPoint } from './crash-point.ts';
import { DiskFileLayer } from './disk-file-layer.ts';
import type { FileLayer } from './file-layer.ts';
import { StorageError } from './storage-error.ts';

/** A power failure costs at most this many chunks of a download. */
const SYNC_EVERY = 16;
const RECORD_BYTES = 40;
/** Trees kept in memory for serving. */
const TREES_CACHED = 8;
/** Largest file that the format can describe is far below; a name that claims more is not ours. */
const MAX_FILE_LENGTH: number = 2 ** 40;

interface Part {
  readonly fileLength: number;
  readonly leaves: (Uint8Array | undefined)[];
  held: number;
  unsynced: number;
}

export interface CheckpointFilesOptions {
  readonly layer?: FileLayer;
  /** Told when a file or a part turns out to be damaged and is removed, to be downloaded again. */
  readonly onDamage?: (root: Hex32, detail: string) => void;
}

export class CheckpointFiles implements CheckpointStore {
  readonly #folder: string;
  readonly #layer: FileLayer;
  readonly #onDamage: (root: Hex32, detail: string) => void;
  /** Length of each complete file. */
  readonly #complete = new Map<Hex32, number>();
  readonly #parts = new Map<Hex32, Map<number, Part>>();
  readonly #trees = new Map<Hex32, ChunkTree>();

  /** Opens the folder, making it if need be, and checks what a crash may have left. Throws StorageError. */
  constructor(folder: string, options: CheckpointFilesOptions = {}) {
    this.#folder = folder;
    this.#layer = options.layer ?? new DiskFileLayer();
    this.#onDamage = options.onDamage ?? (() => undefined);
    this.#layer.makeFolder(folder);
    this.#recover();
  }

  present(root: Hex32, fileLength?: number): CheckpointPresence | null {
    const complete = this.#complete.get(root);
    if (complete !== undefined) {
      if (fileLength !== undefined && fileLength !== complete) return null;
      const count = chunkCount(complete);
      return { count, fileLength: complete, have: new Array<boolean>(count).fill(true) };
    }
    const parts = this.#parts.get(root);
    const part = fileLength === undefined ? parts?.values().next().value : parts?.get(fileLength);
    if (part === undefined) return null;
    return {
      count: part.leaves.length,
      fileLength: part.fileLength,
      have: Array.from(part.leaves, (leaf) => leaf !== undefined),
    };
  }

  isComplete(root: Hex32): boolean {
    return this.#complete.has(root);
  }

  /** Path of a complete file, for evaluators and miners, which only read it; null if it is not here. */
  pathOf(root: Hex32): string | null {
    return this.#complete.has(root) ? this.#path(`${root}.safetensors`) : null;
  }

  *roots(): Iterable<Hex32> {
    yield* this.#complete.keys();
    yield* this.#parts.keys();
  }

  putChunk(root: Hex32, index: number, count: number, fileLength: number, bytes: Uint8Array, leaf: Uint8Array): void {
    assert(count === chunkCount(fileLength) && index >= 0 && index < count, `chunk ${index} of ${count} cannot be`);
    assert(bytes.length === chunkLength(fileLength, index), `chunk ${index} has ${bytes.length} bytes`);
    if (this.#complete.has(root)) return;
    const part = this.#part(root, fileLength);
    if (part.leaves[index] !== undefined) return;
    this.#layer.write(this.#partPath(root, fileLength), index * CHUNK_BYTES, bytes);
    crashPoint('chunk-written');
    this.#layer.write(this.#havePath(root, fileLength), part.held * RECORD_BYTES, encodeRecord(index, leaf));
    crashPoint('chunk-recorded');
    part.leaves[index] = leaf.slice();
    part.held += 1;
    part.unsynced += 1;
    if (part.held === count) this.#finish(root, part);
    else if (part.unsynced >= SYNC_EVERY) this.#syncPart(root, part);
  }

  getChunk(root: Hex32, index: number): { readonly bytes: Uint8Array; readonly branch: readonly Uint8Array[] } | null {
    const fileLength = this.#complete.get(root);
    if (fileLength === undefined || !Number.isInteger(index) || index < 0 || index >= chunkCount(fileLength))
      return null;
    const tree = this.#tree(root, fileLength);
    if (tree === null) return null;
    const bytes = this.#layer.read(
      this.#path(`${root}.safetensors`),
      index * CHUNK_BYTES,
      chunkLength(fileLength, index),
    );
    if (!equalBytes(chunkLeaf(bytes), tree.leaves[index]!)) {
      this.#discardDamaged(root, `chunk ${index} of the complete file no longer has its hash`);
      return null;
    }
    return { bytes, branch: tree.branch(index) };
  }

  verify(root: Hex32): boolean {
    const fileLength = this.#complete.get(root);
    if (fileLength === undefined) return false;
    const path = this.#path(`${root}.safetensors`);
    if (this.#layer.sizeOf(path) === fileLength && new ChunkTree(this.#hashFile(path, fileLength)).root === root)
      return true;
    this.#discardDamaged(root, 'the complete file no longer has its root');
    return false;
  }

  delete(root: Hex32): void {
    this.#trees.delete(root);
    if (this.#complete.has(root)) {
      crashPoint('checkpoint-before-delete');
      this.#layer.remove(this.#path(`${root}.safetensors`));
      crashPoint('checkpoint-after-delete');
      this.#layer.remove(this.#path(`${root}.leaves`));
      this.#complete.delete(root);
    }
    this.#dropParts(root);
    this.#layer.syncFolder(this.#folder);
  }

  /**
   * Takes a whole file into the store and returns its root. The file is moved (or copied and removed, from another disk) and
   * nobody may write to it any more. Hashing takes about 2.5 ms per MiB: of large files, hash in a worker and use `adoptFile`.
   */
  importFile(path: string): Hex32 {
    const { root, leaves } = hashCheckpointFile(path, this.#layer);
    this.adoptFile(path, root, leaves);
    return root;
  }

  /** `importFile` with the hashes at hand, as `hashCheckpointFile` gives them. */
  adoptFile(path: string, root: Hex32, leaves: readonly Uint8Array[]): void {
    const tree = new ChunkTree(leaves);
    assert(tree.root === root, 'the leaves of an adopted file lead to its root');
    const fileLength = this.#layer.sizeOf(path);
    if (fileLength === null || chunkCount(fileLength) !== leaves.length)
      throw new StorageError(
        'store-corrupt',
        `${path} changed after it was hashed. Write it anew and import it again.`,
      );
    if (!this.#complete.has(root)) {
      let source = path;
      if (!this.#layer.canRename(dirname(path), this.#folder)) {
        source = this.#path(`${root}.incoming`);
        this.#layer.truncate(source, 0);
        for (let index = 0; index < leaves.length; index++) {
          const chunk = this.#layer.read(path, index * CHUNK_BYTES, chunkLength(fileLength, index));
          this.#layer.write(source, index * CHUNK_BYTES, chunk);
        }
      }
      this.#makeComplete(root, fileLength, source, tree);
    }
    this.#layer.remove(path);
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #partPath(root: Hex32, fileLength: number): string {
    return this.#path(`${root}.${fileLength}.part`);
  }

  #havePath(root: Hex32, fileLength: number): string {
    return this.#path(`${root}.${fileLength}.have`);
  }

  #part(root: Hex32, fileLength: number): Part {
    let parts = this.#parts.get(root);
    if (parts === undefined) {
      parts = new Map();
      this.#parts.set(root, parts);
    }
    let part = parts.get(fileLength);
    if (part === undefined) {
      part = { fileLength, leaves: new Array<undefined>(chunkCount(fileLength)).fill(undefined), held: 0, unsynced: 0 };
      parts.set(fileLength, part);
    }
    return part;
  }

  #syncPart(root: Hex32, part: Part): void {
    this.#layer.syncFile(this.#partPath(root, part.fileLength));
    this.#layer.syncFile(this.#havePath(root, part.fileLength));
    this.#layer.syncFolder(this.#folder);
    part.unsynced = 0;
  }

  /** All chunks are recorded: the part becomes the file, unless its leaves do not lead to the root. */
  #finish(root: Hex32, part: Part): void {
    const tree = new ChunkTree(part.leaves.map((leaf) => leaf!));
    if (tree.root !== root) {
      this.#discardDamaged(root, 'the chunks of a finished download do not lead to its root');
      return;
    }
    this.#makeComplete(root, part.fileLength, this.#partPath(root, part.fileLength), tree);
  }

  #makeComplete(root: Hex32, fileLength: number, source: string, tree: ChunkTree): void {
    this.#layer.syncFile(source);
    const leavesPath = this.#path(`${root}.leaves`);
    this.#layer.truncate(leavesPath, 0);
    this.#layer.write(leavesPath, 0, Buffer.concat(tree.leaves));
    this.#layer.syncFile(leavesPath);
    crashPoint('checkpoint-before-rename');
    this.#layer.rename(source, this.#path(`${root}.safetensors`));
    this.#layer.syncFolder(this.#folder);
    crashPoint('checkpoint-after-rename');
    this.#complete.set(root, fileLength);
    this.#remember(root, tree);
    this.#dropParts(root);
  }

  #dropParts(root: Hex32): void {
    for (const fileLength of this.#parts.get(root)?.keys() ?? []) {
      this.#layer.remove(this.#havePath(root, fileLength));
      this.#layer.remove(this.#partPath(root, fileLength));
    }
    this.#parts.delete(root);
  }

  #discardDamaged(root: Hex32, detail: string): void {
    this.delete(root);
    this.#onDamage(root, detail);
  }

  #remember(root: Hex32, tree: ChunkTree): void {
    this.#trees.delete(root);
    this.#trees.set(root, tree);
    const oldest = this.#trees.keys().next().value;
    if (this.#trees.size > TREES_CACHED && oldest !== undefined) this.#trees.delete(oldest);
  }

  /** The file's tree, from memory, from ROOT.leaves or from the file itself; null if the file is damaged. */
  #tree(root: Hex32, fileLength: number): ChunkTree | null {
    const cached = this.#trees.get(root);
    if (cached !== undefined) return cached;
    const count = chunkCount(fileLength);
    const leavesPath = this.#path(`${root}.leaves`);
    if (this.#layer.sizeOf(leavesPath) === count * 32) {
      const bytes = this.#layer.read(leavesPath, 0, count * 32);
      const tree = new ChunkTree(
        Array.from({ length: count }, (_, index) => bytes.subarray(index * 32, index * 32 + 32)),
      );
      if (tree.root === root) {
        this.#remember(root, tree);
        return tree;
      }
    }
    const tree = new ChunkTree(this.#hashFile(this.#path(`${root}.safetensors`), fileLength));
    if (tree.root !== root) {
      this.#discardDamaged(root, 'the complete file no longer has its root');
      return null;
    }
    this.#layer.truncate(leavesPath, 0);
    this.#layer.write(leavesPath, 0, Buffer.concat(tree.leaves));
    this.#remember(root, tree);
    return tree;
  }

  #hashFile(path: string, fileLength: number): Uint8Array[] {
    return Array.from({ length: chunkCount(fileLength) }, (_, index) =>
      chunkLeaf(this.#layer.read(path, index * CHUNK_BYTES, chunkLength(fileLength, index))),
    );
  }

  #recover(): void {
    const names = new Set(this.#layer.list(this.#folder));
    let changed = false;
    const remove = (name: string): void => {
      this.#layer.remove(this.#path(name));
      changed = true;
    };
    for (const name of names) {
      const root = /^([0-9a-f]{64})\.safetensors$/.exec(name)?.[1];
      if (root === undefined) continue;
      const fileLength = this.#layer.sizeOf(this.#path(name)) ?? 0;
      if (fileLength > 0) this.#complete.set(root, fileLength);
      else remove(name);
    }
    for (const name of names) {
      const match = /^([0-9a-f]{64})\.(?:(leaves|incoming)|(\d{1,13})\.(part|have))$/.exec(name);
      if (match === null) continue;
      const [, root = '', single, lengthText = '', kind] = match;
      const fileLength = Number(lengthText);
      if (single === 'incoming') remove(name);
      else if (single === 'leaves') {
        if (!this.#complete.has(root)) remove(name);
      } else if (this.#complete.has(root) || !names.has(`${root}.${lengthText}.${kind === 'part' ? 'have' : 'part'}`))
        remove(name);
      else if (kind === 'part') {
        if (fileLength < 1 || fileLength > MAX_FILE_LENGTH || String(fileLength) !== lengthText) remove(name);
        else this.#recoverPart(root, fileLength);
      }
    }
    if (changed) this.#layer.syncFolder(this.#folder);
  }

  /** Hashes the recorded chunks again, keeps those that are what the records say and writes the records anew. */
  #recoverPart(root: Hex32, fileLength: number): void {
    const partPath = this.#partPath(root, fileLength);
    const havePath = this.#havePath(root, fileLength);
    const size = this.#layer.sizeOf(partPath) ?? 0;
    const records = this.#layer.read(havePath, 0, this.#layer.sizeOf(havePath) ?? 0);
    const part = this.#part(root, fileLength);
    const kept: Uint8Array[] = [];
    for (let at = 0; at + RECORD_BYTES <= records.length; at += RECORD_BYTES) {
      const record = decodeRecord(records.subarray(at, at + RECORD_BYTES));
      if (record === null || record.index >= part.leaves.length || part.leaves[record.index] !== undefined) continue;
      const length = chunkLength(fileLength, record.index);
      if (record.index * CHUNK_BYTES + length > size) continue;
      const bytes = this.#layer.read(partPath, record.index * CHUNK_BYTES, length);
      if (!equalBytes(chunkLeaf(bytes), record.leaf)) continue;
      part.leaves[record.index] = record.leaf;
      part.held += 1;
      kept.push(encodeRecord(record.index, record.leaf));
    }
    crashPoint('recovery-partial');
    this.#layer.truncate(havePath, 0);
    this.#layer.write(havePath, 0, Buffer.concat(kept));
    if (part.held === part.leaves.length) this.#finish(root, part);
  }
}

/** Root and leaf hashes of a checkpoint file, reading it chunk by chunk: also for workers. */
export function hashCheckpointFile(
  path: string,
  layer: FileLayer = new DiskFileLayer(),
): { readonly root: Hex32; readonly leaves: Uint8Array[] } {
  const fileLength = layer.sizeOf(path);
  if (fileLength === null || fileLength === 0)
    throw new StorageError('store-corrupt', `${path} is not there or empty; a checkpoint file is expected.`);
  const leaves: Uint8Array[] = [];
  for (let index = 0; index < chunkCount(fileLength); index++)
    leaves.push(chunkLeaf(layer.read(path, index * CHUNK_BYTES, chunkLength(fileLength, index))));
  return { root: new ChunkTree(leaves).root, leaves };
}

function encodeRecord(index: number, leaf: Uint8Array): Uint8Array {
  const record = new Uint8Array(RECORD_BYTES);
  const view = new DataView(record.buffer);
  view.setUint32(0, index, true);
  record.set(leaf, 4);
  view.setUint32(36, crc32(record.subarray(0, 36)), true);
  return record;
}

/** null for a record that was not written whole. */
function decodeRecord(record: Uint8Array): { readonly index: number; readonly leaf: Uint8Array } | null {
  const view = new DataView(record.buffer, record.byteOffset, RECORD_BYTES);
  if (view.getUint32(36, true) !== crc32(record.subarray(0, 36))) return null;
  return { index: view.getUint32(0, true), leaf: record.slice(4, 36) };
}
