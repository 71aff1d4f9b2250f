// Turns a text file of any size into a file of ids, in pieces that end where a token ends anyway.

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Tokenizer } from '@resonancenet/tokenizer/tokenizer';
import type { IdFile } from './corpus.ts';

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

/**
 * The ids of a text file as a file of little-endian u16, made once and kept in `cacheFolder` under a name that
 * changes with the file's path, size and time of change.
 */
export async function tokenizeFile(
  path: string,
  tokenizer: Tokenizer,
  cacheFolder: string,
  onProgress?: (bytesDone: number) => void,
): Promise<IdFile> {
  const info = statSync(path);
  const key = createHash('sha256')
    .update(`${tokenizer.name}\n${resolve(path)}\n${info.size}\n${info.mtimeMs}`)
    .digest('hex')
    .slice(0, 32);
  mkdirSync(cacheFolder, { recursive: true });
  const target = join(cacheFolder, `${key}.u16`);
  if (!existsSync(target)) {
    const partial = `${target}.${process.pid}.partial`;
    const out = await open(partial, 'w');
    try {
      let done = 0;
      for await (const piece of pieces(path)) {
        const ids = tokenizer.encode(piece);
        const bytes = Buffer.alloc(ids.length * 2);
        ids.forEach((id, i) => {
          bytes.writeUInt16LE(id, 2 * i);
        });
        await out.write(bytes);
        done += Buffer.byteLength(piece);
        onProgress?.(done);
      }
      await out.sync();
    } catch (error) {
      await out.close();
      rmSync(partial, { force: true });
      throw error;
    }
    await out.close();
    renameSync(partial, target);
  }
  return { path: target, width: 2, length: statSync(target).size / 2 };
}
