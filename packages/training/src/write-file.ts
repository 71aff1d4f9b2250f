// Files that are either old or new, never half: written beside the target, made durable, then renamed.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Largest single write call; some systems refuse or cut more than 2 GiB. */
const maxWrite = 1 << 26;

function writeAll(file: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done, Math.min(bytes.length - done, maxWrite));
}

function syncFolder(path: string): void {
  // Windows cannot open folders; its rename is durable by itself.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Replaces the file by the given parts, laid end to end. */
export function replaceFile(path: string, parts: readonly Uint8Array[]): void {
  const partial = `${path}.partial`;
  const file = openSync(partial, 'w');
  try {
    for (const part of parts) writeAll(file, part);
    fsyncSync(file);
  } catch (error) {
    closeSync(file);
    rmSync(partial, { force: true });
    throw error;
  }
  closeSync(file);
  renameSync(partial, path);
  syncFolder(dirname(path));
}
