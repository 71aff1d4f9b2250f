// The file layer on the operating system's files.

import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { FileLayer } from './file-layer.ts';
import { StorageError, toStorageError } from './storage-error.ts';

export class DiskFileLayer implements FileLayer {
  makeFolder(path: string): void {
    attempt('Making the folder', path, () => {
      const first = mkdirSync(path, { recursive: true });
      if (first === undefined) return;
      // Every folder that is new is a new name in the one above it.
      const top = dirname(first);
      for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
        this.syncFolder(folder);
        if (folder === top || folder === dirname(folder)) break;
      }
    });
  }

  list(path: string): string[] {
    return attempt('Listing', path, () => {
      try {
        return readdirSync(path).sort();
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    });
  }

  sizeOf(path: string): number | null {
    return attempt('Looking at', path, () => statSync(path, { throwIfNoEntry: false })?.size ?? null);
  }

  read(path: string, offset: number, length: number): Uint8Array {
    return withFile('Reading', path, 'r', (file) => {
      // The file's own length bounds the allocation, whatever a caller computed.
      const available = fstatSync(file).size - offset;
      if (available < length)
        throw new StorageError(
          'store-corrupt',
          `${path} holds ${available} bytes from offset ${offset}, ${length} are needed. Move it away and start again.`,
        );
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const count = readSync(file, bytes, done, length - done, offset + done);
        if (count === 0) throw new StorageError('store-io', `${path} became shorter while it was read.`);
        done += count;
      }
      return bytes;
    });
  }

  write(path: string, offset: number, bytes: Uint8Array): void {
    withFile('Writing', path, 'r+', (file) => {
      let done = 0;
      while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done, offset + done);
    });
  }

  truncate(path: string, length: number): void {
    withFile('Cutting', path, 'r+', (file) => ftruncateSync(file, length));
  }

  syncFile(path: string): void {
    withFile('Flushing', path, 'r+', (file) => fsyncSync(file));
  }

  syncFolder(path: string): void {
    // Windows cannot open a folder for flushing; NTFS journals names by itself.
    if (process.platform === 'win32') return;
    withFile('Flushing the folder', path, 'r', (file) => fsyncSync(file));
  }

  rename(from: string, to: string): void {
    attempt('Renaming', from, () => renameSync(from, to));
  }

  canRename(fromFolder: string, toFolder: string): boolean {
    return attempt('Looking at', fromFolder, () => statSync(fromFolder).dev === statSync(toFolder).dev);
  }

  remove(path: string): void {
    attempt('Removing', path, () => rmSync(path, { force: true }));
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function attempt<T>(doing: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toStorageError(error, doing, path);
  }
}

function withFile<T>(doing: string, path: string, flags: 'r' | 'r+', work: (file: number) => T): T {
  return attempt(doing, path, () => {
    const file = open(path, flags);
    try {
      return work(file);
    } finally {
      closeSync(file);
    }
  });
}

/** `r+` makes the file if it is not there, without emptying one that is. */
function open(path: string, flags: 'r' | 'r+'): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    if (flags === 'r+' && isMissing(error)) return openSync(path, 'wx+', 0o600);
    throw error;
  }
}
