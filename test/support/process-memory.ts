// What stands in another process's memory (Linux): the same that a core file of it would hold.

import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Bytes read at a time. */
const PART = 1 << 22;

/**
 * Which of the needles stand somewhere in the memory of a process that can be written, or in all that can be read.
 * @throws what the system says if it may not be read
 */
export function findInMemory(
  pid: number,
  needles: ReadonlyMap<string, Uint8Array>,
  which: 'written' | 'all' = 'written',
): Set<string> {
  const longest = Math.max(...[...needles.values()].map(({ length }) => length));
  const found = new Set<string>();
  const part = Buffer.alloc(PART + longest);
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const { start, end } of readableRanges(pid, which)) {
      for (let at = start; at < end; at += PART) {
        const length = readPart(memory, part, at, Math.min(part.length, end - at));
        for (const [name, needle] of needles) if (part.subarray(0, length).includes(needle)) found.add(name);
      }
    }
  } finally {
    part.fill(0);
    closeSync(memory);
  }
  return found;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Programs and their constants hold no secrets. */
function readableRanges(pid: number, which: 'written' | 'all'): Range[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const match = /^([0-9a-f]+)-([0-9a-f]+) r([w-])/.exec(line);
      if (which === 'written' && match?.[3] !== 'w') return [];
      return match === null ? [] : [{ start: Number.parseInt(match[1]!, 16), end: Number.parseInt(match[2]!, 16) }];
    });
}

/** 0 where the system maps something that cannot be read, or where the range has gone meanwhile. */
function readPart(memory: number, part: Buffer, at: number, length: number): number {
  try {
    return readSync(memory, part, 0, length, at);
  } catch (error) {
    if (['EIO', 'EFAULT'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
}
