// A text as one long row of ids with random access, in memory or on disk.

import { createHash } from 'node:crypto';
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

/** Open files at a time; systems allow a process some hundreds. */
const maxOpenFiles = 64;

/** Opens files when they are read and keeps the last ones open. */
class OpenFiles {
  readonly #handles = new Map<string, number>();

  handle(path: string): number {
    const known = this.#handles.get(path);
    // Taken out and put back: a Map is in order of insertion, so its first is the one not used for longest.
    if (known !== undefined) this.#handles.delete(path);
    const handle = known ?? openSync(path, 'r');
    this.#handles.set(path, handle);
    const [oldest] = this.#handles;
    if (this.#handles.size > maxOpenFiles && oldest !== undefined) {
      closeSync(oldest[1]);
      this.#handles.delete(oldest[0]);
    }
    return handle;
  }

  close(): void {
    for (const handle of this.#handles.values()) closeSync(handle);
    this.#handles.clear();
  }
}

export class CorpusChangedError extends Error {
  readonly code = 'corpus-changed';
}

/** Index of the last of the ascending `starts` that is not above `offset`. */
function partAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Reads up to `out.length` ids of a file from number `from` on; returns how many there are. */
function readPart(open: OpenFiles, file: IdFile, from: number, out: Uint16Array): number {
  const count = Math.min(out.length, file.length - from);
  if (count <= 0) return 0;
  const bytes = new Uint8Array(count * file.width);
  let done = 0;
  while (done < bytes.length) {
    const got = readSync(open.handle(file.path), bytes, done, bytes.length - done, from * file.width + done);
    if (got === 0)
      throw new CorpusChangedError(`${file.path} became shorter while it was being read. Restore it, or start again.`);
    done += got;
  }
  if (file.width === 1) out.set(bytes);
  else for (let i = 0; i < count; i += 1) out[i] = (bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8);
  return count;
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
  const open = new OpenFiles();
  return {
    length,
    read: (offset, out) => {
      checkRange(offset, out.length, length);
      let done = 0;
      let index = partAt(starts, offset);
      while (done < out.length) {
        const file = files[index];
        if (file === undefined) return;
        done += readPart(open, file, offset + done - (starts[index] ?? 0), out.subarray(done));
        if (done < out.length) {
          out[done] = separator;
          done += 1;
          index += 1;
        }
      }
    },
    close: () => open.close(),
  };
}

const fingerprintSamples = 256;
const fingerprintSampleIds = 256;

/**
 * A short name of a corpus, hex, by its length and samples from all over it: tells a resumed run that the text was changed, without
 * reading all of it. Wherever the files lie, the same text has the same name.
 */
export function corpusFingerprint(corpus: Corpus): string {
  const hash = createHash('sha256').update(`${corpus.length}\n`);
  const ids = new Uint16Array(Math.min(fingerprintSampleIds, corpus.length));
  for (let i = 0; i < fingerprintSamples; i += 1) {
    corpus.read(Math.floor(((corpus.length - ids.length) * i) / (fingerprintSamples - 1)), ids);
    hash.update(ids);
  }
  return hash.digest('hex').slice(0, 32);
}

function checkRange(offset: number, count: number, length: number): void {
  if (offset < 0 || offset + count > length) throw new RangeError(`Ids ${offset} to ${offset + count} of ${length}.`);
}
