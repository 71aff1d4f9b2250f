// The beginning of a file as a file of its own.

import { createReadStream, createWriteStream, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { partialPath, WriteFileError } from '@resonancenet/training/write-file';

/**
 * Copies the first `bytes` of a file; the copy has its name only when it is whole.
 * @throws WriteFileError
 */
export async function copyStart(from: string, to: string, bytes: number): Promise<void> {
  const partial = partialPath(to);
  try {
    if (bytes > 0)
      await pipeline(createReadStream(from, { end: bytes - 1 }), createWriteStream(partial, { flush: true }));
    renameSync(partial, to);
  } catch (error) {
    rmSync(partial, { force: true });
    throw new WriteFileError(to, error as NodeJS.ErrnoException);
  }
}
