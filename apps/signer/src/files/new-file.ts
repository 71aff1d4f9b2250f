// Files that are there whole or not at all, for their owner's eyes alone; what is there is not overwritten unless that was asked for.

import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  isSystemError,
  partialPath,
  syncFolder,
  WriteFileError,
  writeDurably,
} from '@resonancenet/training/write-file';
import { SignerError } from '../signer-error.ts';

/** Writes a file that only its owner may read and makes it durable. The caller sees to it that its name is not a promise yet. */
export function writePrivateFile(path: string, bytes: Uint8Array): void {
  writeDurably(path, [bytes], 0o600);
}

/**
 * Writes a new file, or replaces one if `replace`.
 * @throws SignerError `exists`; WriteFileError, what was there before being as it was
 */
export function writeWholeFile(
  path: string,
  bytes: Uint8Array,
  replace: boolean,
  partial: string = partialPath(path),
): void {
  if (!replace && existsSync(path)) throw taken(path);
  try {
    writePrivateFile(partial, bytes);
    if (replace) renameSync(partial, path);
    else {
      linkSync(partial, path);
      rmSync(partial);
    }
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(partial, { force: true });
    if (!isSystemError(error)) throw error;
    if (error.code === 'EEXIST') throw taken(path);
    throw new WriteFileError(path, error);
  }
}

function taken(path: string): SignerError {
  return new SignerError('exists', `${path} is there already. Choose another name, or --force to replace it.`);
}
