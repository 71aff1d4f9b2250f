// A text as one long row of ids with random access, in memory or on disk.

import { closeSync, openSync, readSync } from 'node:fs';

export interface Corpus {
  /** Number of ids. */
  readonly length: number;
  /** Fills `out` with the ids from `offset` on; all of them must exist. */
  read(offset: number, out: Uint16Array): void;
  close(): void;
}

/** A corpus that is already an array. */
export function memoryCorpus(ids: Uint16Array): Corpus {
  return {
    length: ids.length,
    read: (offset, out) => {
      checkRange(offset, out.length, ids.length);
      out.set(ids.subarray(offset, offset + out.length));
    },
    close: () => {},
  };
}

export interface IdFile {
  readonly path: string;
  /** 1: every byte is an id. 2: little-endian u16. */
  readonly width: 1 | 2;
  /** Number of ids in the file. */
  readonly length: number;
}

/** Files laid end to end, with `separator` between two of them; read piecewise, so that any size fits. */
export function fileCorpus(files: readonly IdFile[], separator: number): Corpus {
  const starts: number[] = [];
  let length = 0;
  for (const file of files) {
    if (starts.length > 0) length += 1;
    starts.push(length);
    length += file.length;
  }
  const handles = files.map((file) => openSync(file.path, 'r'));
  const fileAt = (offset: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const readPart = (index: number, from: number, out: Uint16Array): number => {
    const file = files[index];
    const handle = handles[index];
    if (file === undefined || handle === undefined) return 0;
    const count = Math.min(out.length, file.length - from);
    if (count <= 0) return 0;
    const bytes = new Uint8Array(count * file.width);
    let done = 0;
    while (done < bytes.length) {
      const got = readSync(handle, bytes, done, bytes.length - done, from * file.width + done);
      if (got === 0)
        throw new Error(`${file.path} became shorter while it was being read. Restore it, or start again.`);
      done += got;
    }
    if (file.width === 1) out.set(bytes);
    else for (let i = 0; i < count; i += 1) out[i] = (bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8);
    return count;
  };
  return {
    length,
    read: (offset, out) => {
      checkRange(offset, out.length, length);
      let done = 0;
      let index = fileAt(offset);
      while (done < out.length) {
        const local = offset + done - (starts[index] ?? 0);
        const got = readPart(index, local, out.subarray(done));
        done += got;
        if (done < out.length) {
          out[done] = separator;
          done += 1;
          index += 1;
        }
      }
    },
    close: () => {
      for (const handle of handles) closeSync(handle);
    },
  };
}

function checkRange(offset: number, count: number, length: number): void {
  if (offset < 0 || offset + count > length) throw new RangeError(`Ids ${offset} to ${offset + count} of ${length}.`);
}
