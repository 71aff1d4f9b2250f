// Files that are either old or new, never half: written beside the target, made durable, then renamed.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Largest single write call; some systems refuse or cut more than 2 GiB. */
const maxWrite = 1 << 26;

/** A file could not be written; what was there before is untouched. `code` is the system's (ENOSPC, EACCES, ...), `cause` its error. */
export class WriteFileError extends Error {
  readonly code: string;
  readonly path: string;

  constructor(path: string, cause: NodeJS.ErrnoException) {
    super(`${path} could not be written: ${cause.message}.`, { cause });
    this.code = cause.code ?? 'EIO';
    this.path = path;
  }
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function writeAll(file: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done, Math.min(bytes.length - done, maxWrite));
}

/** Makes the names in a folder durable. */
export function syncFolder(path: string): void {
  // Windows cannot open folders; its rename is durable by itself.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Writes a file and makes its content durable, not its name. `mode`: who may read it, if it is new. */
export function writeDurably(path: string, parts: Iterable<Uint8Array>, mode = 0o666): void {
  const file = openSync(path, 'w', mode);
  try {
    for (const part of parts) writeAll(file, part);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Where `replaceFile` writes before the file takes its name; a process that was killed may leave it behind. */
export function partialPath(path: string): string {
  return `${path}.partial`;
}

/**
 * Replaces the file by the given parts, laid end to end; they are taken one after the other, so that a large file need not be in memory.
 * @throws WriteFileError, the old file being as it was
 */
export function replaceFile(path: string, parts: Iterable<Uint8Array>): void {
  const partial = partialPath(path);
  try {
    writeDurably(partial, parts);
    renameSync(partial, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(partial, { force: true });
    if (isSystemError(error)) throw new WriteFileError(path, error);
    throw error;
  }
}
