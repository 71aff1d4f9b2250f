// One process per file: a lock file with the holder's process id, taken over if that process is gone.

import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StorageError } from './storage-error.ts';

export interface FileLock {
  readonly path: string;
  release(): void;
}

interface Holder {
  readonly pid: number;
  /** What tells this process from a later one with the same id, where the system says; else empty. */
  readonly identity: string;
}

/**
 * Takes the lock file at `path`, whose folder must exist; `refusal` says to people what process `pid` holds and what to do.
 * Throws StorageError `store-locked` if a living process holds it, and what the file system throws.
 */
export function lockFile(path: string, refusal: (pid: number) => string): FileLock {
  const own: Holder = { pid: process.pid, identity: identityOf(process.pid) };
  const content = `${JSON.stringify(own)}\n`;
  // The file gets its name only when its content is complete: nobody ever reads half a lock.
  const draft = draftPath(path, process.pid);
  removeLostDrafts(path);
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      if (tryLink(draft, path)) return { path, release: () => release(path, content) };
      const text = readIfPresent(path);
      if (text === null) continue;
      const holder = parseHolder(text);
      if (holder !== null && isAlive(holder)) throw new StorageError('store-locked', refusal(holder.pid));
      removeStale(path, text);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new StorageError('store-locked', `Several processes are taking ${path} at once. Start only one.`);
}

/** Hidden: a process that is killed at once leaves it behind, and programs that read whole folders must not meet it. */
function draftPath(path: string, pid: number, kind: '' | 'stale.' = ''): string {
  return join(dirname(path), `.${basename(path)}.${kind}${pid}`);
}

/** What killed processes left behind while they took this lock. */
function removeLostDrafts(path: string): void {
  const start = `.${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(start)) continue;
    const pid = /^(?:stale\.)?([1-9]\d*)$/.exec(name.slice(start.length))?.[1];
    if (pid !== undefined && !isAlive({ pid: Number(pid), identity: '' }))
      rmSync(join(dirname(path), name), { force: true });
  }
}

function tryLink(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // FAT and some network file systems have no links; there a reader may meet a lock whose content is still to come.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return tryCopy(draft, path);
    throw error;
  }
}

function tryCopy(draft: string, path: string): boolean {
  try {
    writeFileSync(path, readFileSync(draft), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the file away and makes sure that it was the stale one: another process may have been faster. */
function removeStale(path: string, staleText: string): void {
  const aside = draftPath(path, process.pid, 'stale.');
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
