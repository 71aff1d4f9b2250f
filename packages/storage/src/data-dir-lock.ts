// One process per data directory.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FileLock, lockFile } from './file-lock.ts';
import { StorageError, toStorageError } from './storage-error.ts';

export type DataDirLock = FileLock;

/** Makes a data directory, for its owner only, if it is not there. Throws StorageError. */
export function makeDataDir(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code !== 'ENOTDIR' && code !== 'EEXIST') throw toStorageError(error, 'Making', folder);
    throw new StorageError(
      'store-io',
      `The data directory ${folder} cannot be made: a part of this path is a file. Choose another data directory (--data-dir).`,
      { cause: error },
    );
  }
}

/**
 * Takes the lock of a data directory, which it makes if need be.
 * Throws StorageError `store-locked` if a living process holds it.
 */
export function lockDataDir(folder: string): DataDirLock {
  makeDataDir(folder);
  try {
    return lockFile(
      join(folder, 'lock'),
      (pid) =>
        `The data directory ${folder} is in use by process ${pid}. Stop that process, or choose another data directory (--data-dir).`,
    );
  } catch (error) {
    throw toStorageError(error, 'Locking', folder);
  }
}
