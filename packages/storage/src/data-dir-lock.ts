// One process per data directory. The lock is a file with the holder's process id; the lock of a process that is gone is taken over.

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StorageError, toStorageError } from './storage-error.ts';

export interface DataDirLock {
  readonly path: string;
  release(): void;
}

interface Holder {
  readonly pid: number;
  /** What tells this process from a later one with the same id, where the system says; else empty. */
  readonly identity: string;
}

/**
 * Takes the lock of a data directory, which it makes if need be.
 * Throws StorageError `store-locked` if a living process holds it.
 */
export function lockDataDir(folder: string): DataDirLock {
  const path = join(folder, 'lock');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const own: Holder = { pid: process.pid, identity: identityOf(process.pid) };
    const content = `${JSON.stringify(own)}\n`;
    // The file gets its name only when its content is complete: nobody ever reads half a lock.
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, content, { mode: 0o600 });
    try {
      for (let attempt = 0; attempt < 10; attempt++) {
        if (tryLink(draft, path)) return { path, release: () => release(path, content) };
        const text = readIfPresent(path);
        if (text === null) continue;
        const holder = parseHolder(text);
        if (holder !== null && isAlive(holder)) {
          throw new StorageError(
            'store-locked',
            `The data directory ${folder} is in use by process ${holder.pid}. Stop that process, or choose another data directory (--data-dir).`,
          );
        }
        removeStale(path, text);
      }
    } finally {
      rmSync(draft, { force: true });
    }
    throw new StorageError('store-locked', `Several processes are starting in ${folder} at once. Start only one.`);
  } catch (error) {
    throw toStorageError(error, 'Locking', folder);
  }
}

function tryLink(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the file away and makes sure that it was the stale one: another process may have been faster. */
function removeStale(path: string, staleText: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') !== staleText) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function release(path: string, content: string): void {
  if (readIfPresent(path) === content) rmSync(path, { force: true });
}

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** null for a file that is no lock of ours, for instance one that a power failure emptied: nobody holds it. */
function parseHolder(text: string): Holder | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { pid, identity } = value as { readonly pid?: unknown; readonly identity?: unknown };
  return typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 && typeof identity === 'string'
    ? { pid, identity }
    : null;
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = identityOf(holder.pid);
  return holder.identity === '' || now === '' || now === holder.identity;
}

/** Boot id and start time of a process on Linux: a container gives the same small ids again and again. */
function identityOf(pid: number): string {
  if (process.platform !== 'linux') return '';
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in parentheses, may itself hold spaces; the start time is the 20th field after it.
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return started === undefined ? '' : `${boot}:${started}`;
  } catch {
    return '';
  }
}
