// Memory of a process that is its own, as the bars count it.

import { readFileSync } from 'node:fs';

/** Bytes of RssAnon and RssShmem of /proc (Linux); null for a process that is gone. */
export function ownMemoryBytes(pid: number): number | null {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return null;
  }
  const kilobytes = (name: string): number | null => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status);
    return found === null ? null : Number(found[1]);
  };
  const [anonymous, shared] = [kilobytes('RssAnon'), kilobytes('RssShmem')];
  // A process that has ended and was not yet waited for has no memory.
  return anonymous === null || shared === null ? null : 1024 * (anonymous + shared);
}
