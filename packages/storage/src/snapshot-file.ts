// Snapshots as files: written beside their name and renamed when they are whole and on the disk, so that no half of one is ever found there.

import { dirname } from 'node:path';
import type { SnapshotSource } from '@resonancenet/chain/snapshot-reader';
import { crashPoint } from './crash-point.ts';
import { DiskFileLayer } from './disk-file-layer.ts';
import type { FileLayer } from './file-layer.ts';
import { StorageError } from './storage-error.ts';

/** A file that is being written. */
export class SnapshotFile {
  readonly #path: string;
  readonly #partial: string;
  readonly #layer: FileLayer;
  #length = 0;

  /** What an interrupted attempt left is overwritten. Throws StorageError, as everything here does. */
  constructor(path: string, layer: FileLayer = new DiskFileLayer()) {
    this.#path = path;
    this.#partial = `${path}.partial`;
    this.#layer = layer;
    layer.makeFolder(dirname(path));
    layer.truncate(this.#partial, 0);
  }

  write(part: Uint8Array): void {
    this.#layer.write(this.#partial, this.#length, part);
    this.#length += part.length;
  }

  /** Everything was written: the file gets its name, in place of an older one. */
  finish(): void {
    this.#layer.syncFile(this.#partial);
    crashPoint('snapshot-before-rename');
    this.#layer.rename(this.#partial, this.#path);
    this.#layer.syncFolder(dirname(this.#path));
    crashPoint('snapshot-after-rename');
  }

  /** The attempt is given up. */
  discard(): void {
    this.#layer.remove(this.#partial);
  }
}

/** A file that is there. Throws StorageError if it is not. */
export function openSnapshot(path: string, layer: FileLayer = new DiskFileLayer()): SnapshotSource {
  const length = layer.sizeOf(path);
  if (length === null) throw new StorageError('store-io', `There is no file ${path}. Check the name.`);
  return { length, read: (offset, count) => layer.read(path, offset, count) };
}
