// One process per data directory.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FileLock, lockFile } from './file-lock.ts';
import { toStorageError } from './storage-error.ts';

export type DataDirLock = FileLock;

/**
 * Takes the lock of a data directory, which it makes if need be.
 * Throws StorageError `store-locked` if a living process holds it.
 */
export function lockDataDir(folder: string): DataDirLock {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return lockFile(
      join(folder, 'lock'),
      (pid) =>
        `The data directory ${folder} is in use by process ${pid}. Stop that process, or choose another data directory (--data-dir).`,
    );
  } catch (error) {
    throw toStorageError(error, 'Locking', folder);
  }
}
