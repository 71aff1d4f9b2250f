// A disk without mercy, in memory: at a crash everything that was not flushed is gone and the last write is torn. Flushing a file does
// not flush its name, and flushing a folder does not flush the bytes of its files.

import { dirname, basename } from 'node:path';
import type { FileLayer } from '../file-layer.ts';
import { StorageError } from '../storage-error.ts';

/** Thrown by every operation once the power has failed, until `restart`. */
export class PowerFailure extends Error {
  override readonly name: string = 'PowerFailure';
}

interface FileNode {
  live: Uint8Array;
  durable: Uint8Array;
}

interface FolderNode {
  live: Map<string, FileNode | FolderNode>;
  durable: Map<string, FileNode | FolderNode>;
}

interface LastWrite {
  readonly file: FileNode;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const SECTOR = 512;

export class LossyFileLayer implements FileLayer {
  readonly #root: FolderNode = { live: new Map(), durable: new Map() };
  readonly #random: () => number;
  #lastWrite: LastWrite | null = null;
  #left = Number.POSITIVE_INFINITY;
  #down = false;
  #operations = 0;

  /** `random` gives numbers in [0, 1): it decides where the last write is torn. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Operations so far that change something. */
  get operations(): number {
    return this.#operations;
  }

  /** The power fails in the `operations`-th changing operation from now; a write is then torn. */
  failAfter(operations: number): void {
    this.#left = operations;
  }

  /** Loses everything unsynced, tears the last write and takes operations again. */
  restart(): void {
    const torn = this.#lastWrite;
    lose(this.#root);
    if (torn !== null) this.#tear(torn);
    this.#lastWrite = null;
    this.#left = Number.POSITIVE_INFINITY;
    this.#down = false;
  }

  makeFolder(path: string): void {
    this.#change();
    this.#folder(path, true);
  }

  list(path: string): string[] {
    this.#check();
    return [...(this.#folder(path, false)?.live.keys() ?? [])].sort();
  }

  sizeOf(path: string): number | null {
    this.#check();
    return this.#find(path)?.live.length ?? null;
  }

  read(path: string, offset: number, length: number): Uint8Array {
    this.#check();
    const file = this.#find(path);
    if (file === null || file.live.length - offset < length)
      throw new StorageError('store-corrupt', `${path} has no ${length} bytes at offset ${offset}.`);
    return file.live.slice(offset, offset + length);
  }

  write(path: string, offset: number, bytes: Uint8Array): void {
    const file = this.#findOrMake(path);
    this.#lastWrite = { file, offset, bytes: bytes.slice() };
    this.#change();
    if (file.live.length < offset + bytes.length) file.live = resized(file.live, offset + bytes.length);
    file.live.set(bytes, offset);
  }

  truncate(path: string, length: number): void {
    const file = this.#findOrMake(path);
    this.#change();
    file.live = resized(file.live, length);
  }

  syncFile(path: string): void {
    this.#change();
    const file = this.#find(path);
    if (file === null) throw new StorageError('store-io', `${path} is not there.`);
    file.durable = file.live.slice();
    if (this.#lastWrite?.file === file) this.#lastWrite = null;
  }

  syncFolder(path: string): void {
    this.#change();
    const folder = this.#folder(path, false);
    if (folder === null) throw new StorageError('store-io', `${path} is not there.`);
    folder.durable = new Map(folder.live);
  }

  rename(from: string, to: string): void {
    this.#change();
    const file = this.#find(from);
    if (file === null) throw new StorageError('store-io', `${from} is not there.`);
    this.#folder(dirname(from), false)?.live.delete(basename(from));
    this.#folder(dirname(to), true)?.live.set(basename(to), file);
  }

  canRename(): boolean {
    return true;
  }

  remove(path: string): void {
    this.#change();
    this.#folder(dirname(path), false)?.live.delete(basename(path));
  }

  #check(): void {
    if (this.#down) throw new PowerFailure('the power is off');
  }

  #change(): void {
    this.#check();
    this.#operations += 1;
    this.#left -= 1;
    if (this.#left > 0) return;
    this.#down = true;
    throw new PowerFailure('the power failed');
  }

  /** A prefix of the write reached the disk, in whole sectors; the rest of its range may have become zeros. */
  #tear({ file, offset, bytes }: LastWrite): void {
    const end = offset + bytes.length;
    const firstSector = Math.floor(offset / SECTOR) * SECTOR;
    const sectors = Math.ceil((end - firstSector) / SECTOR);
    const written = Math.min(end, firstSector + Math.floor(this.#random() * (sectors + 1)) * SECTOR) - offset;
    const extended = this.#random() < 0.5;
    if (written > 0 || extended) {
      const length = Math.max(file.durable.length, extended ? end : offset + Math.max(0, written));
      file.durable = resized(file.durable, length);
      if (written > 0) file.durable.set(bytes.subarray(0, written), offset);
      file.live = file.durable.slice();
    }
  }

  #folder(path: string, make: boolean): FolderNode | null {
    let folder = this.#root;
    for (const name of path.split(/[/\\]/).filter((part) => part !== '')) {
      let next = folder.live.get(name);
      if (next === undefined) {
        if (!make) return null;
        next = { live: new Map<string, FileNode | FolderNode>(), durable: new Map<string, FileNode | FolderNode>() };
        folder.live.set(name, next);
        folder.durable.set(name, next);
      }
      if (!isFolder(next)) throw new StorageError('store-io', `${path} leads through a file.`);
      folder = next;
    }
    return folder;
  }

  #find(path: string): FileNode | null {
    const node = this.#folder(dirname(path), false)?.live.get(basename(path));
    return node === undefined || isFolder(node) ? null : node;
  }

  #findOrMake(path: string): FileNode {
    this.#check();
    const found = this.#find(path);
    if (found !== null) return found;
    const folder = this.#folder(dirname(path), false);
    if (folder === null) throw new StorageError('store-io', `${dirname(path)} is not there.`);
    const file: FileNode = { live: new Uint8Array(0), durable: new Uint8Array(0) };
    folder.live.set(basename(path), file);
    return file;
  }
}

function isFolder(node: FileNode | FolderNode): node is FolderNode {
  return node.live instanceof Map;
}

function lose(folder: FolderNode): void {
  folder.live = new Map(folder.durable);
  for (const node of folder.live.values()) {
    if (isFolder(node)) lose(node);
    else node.live = node.durable.slice();
  }
}

function resized(bytes: Uint8Array, length: number): Uint8Array {
  if (length <= bytes.length) return bytes.slice(0, length);
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}
