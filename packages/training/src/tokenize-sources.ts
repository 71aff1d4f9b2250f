// Turns texts of any size into one file of ids, in pieces that end where a token ends anyway.

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Tokenizer } from '@resonancenet/tokenizer/tokenizer';
import type { IdFile } from './corpus.ts';
import type { SourceFile } from './text-sources.ts';
import { partialPath } from './write-file.ts';

const pieceLength = 1 << 20;
/** Text without a single usable space is cut here all the same, at the price of one unusual token. */
const longestPiece = 8 << 20;

/**
 * Where a text may be cut without changing its GPT-2 tokens: before a space that follows and precedes something that is no
 * white space (the encoder's pattern always starts a token there). -1 if there is no such place.
 */
export function lastSafeCut(text: string): number {
  for (let i = text.length - 2; i > 0; i -= 1) {
    if (text[i] === ' ' && !/\s/.test(text[i - 1] ?? ' ') && !/\s/.test(text[i + 1] ?? ' ')) return i;
  }
  return -1;
}

async function* pieces(path: string): AsyncIterable<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: pieceLength })) {
    rest += chunk as string;
    const cut = lastSafeCut(rest);
    if (cut > 0) {
      yield rest.slice(0, cut);
      rest = rest.slice(cut);
    } else if (rest.length > longestPiece) {
      yield rest;
      rest = '';
    }
  }
  if (rest !== '') yield rest;
}

async function writeIds(out: FileHandle, ids: Uint16Array): Promise<void> {
  const bytes = Buffer.alloc(ids.length * 2);
  ids.forEach((id, i) => {
    bytes.writeUInt16LE(id, 2 * i);
  });
  await out.writeFile(bytes);
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);

/** Name of the file of ids: the first part tells which files, the second which state of them. */
function cacheName(
  sources: readonly SourceFile[],
  tokenizer: Tokenizer,
): { readonly files: string; readonly name: string } {
  const files = shortHash([tokenizer.name, ...sources.map(({ path }) => resolve(path))].join('\n'));
  const states = sources.map(({ path, bytes }) => `${bytes} ${statSync(path).mtimeMs}`);
  return { files, name: `${files}-${shortHash(states.join('\n'))}.u16` };
}

/** Removes what was made of another state of the same files, and what killed runs left half made. */
function removeOutdated(cacheFolder: string, files: string): void {
  for (const name of readdirSync(cacheFolder).filter((candidate) => candidate.startsWith(files))) {
    const path = join(cacheFolder, name);
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    // A living run writes its half made file many times a second.
    if (name.endsWith('.u16') || Date.now() - written > 3_600_000) rmSync(path, { force: true });
  }
}

/**
 * The ids of all sources as one file of little-endian u16, `startId` between two of them. It is made once and kept in `cacheFolder` until
 * one of the files changes; everything there may be deleted at any time.
 */
export async function tokenizeSources(
  sources: readonly SourceFile[],
  tokenizer: Tokenizer,
  cacheFolder: string,
  onProgress?: (bytesDone: number) => void,
): Promise<IdFile> {
  const { files, name } = cacheName(sources, tokenizer);
  mkdirSync(cacheFolder, { recursive: true });
  const target = join(cacheFolder, name);
  if (!existsSync(target)) {
    removeOutdated(cacheFolder, files);
    // Two runs may make the same file at once: each writes its own, and both are the same.
    const partial = partialPath(`${target}.${process.pid}`);
    const out = await open(partial, 'w');
    try {
      let done = 0;
      for (const [i, source] of sources.entries()) {
        if (i > 0) await writeIds(out, Uint16Array.of(tokenizer.startId));
        for await (const piece of pieces(source.path)) {
          await writeIds(out, tokenizer.encode(piece));
          done += Buffer.byteLength(piece);
          onProgress?.(done);
        }
      }
      await out.sync();
      await out.close();
      await rename(partial, target);
    } catch (error) {
      await out.close();
      rmSync(partial, { force: true });
      throw error;
    }
  }
  return { path: target, width: 2, length: statSync(target).size / 2 };
}
