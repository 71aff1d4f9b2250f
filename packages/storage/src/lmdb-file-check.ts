// LMDB maps its file into memory: a file that is cut short or is no LMDB file ends the process with a signal instead of an error.
// This looks at the two meta pages before LMDB does. Layout: lmdb.h and mdb.c of the version that lmdb 3.5 builds (data version 2).

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StorageError } from './storage-error.ts';

const PAGE_HEADER = 24;
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
/** From the start of a meta: magic 4, version 4, address 8, map size 8, then two trees of 48 bytes, then the last page's number. */
const TREES = 24;
const TREE_BYTES = 48;
const ROOT_IN_TREE = 40;
const LAST_PAGE = TREES + 2 * TREE_BYTES;
const META_BYTES = LAST_PAGE + 8;
const NO_ROOT = 0xffff_ffff_ffff_ffffn;

/** Pages that a transaction allocated and gave up again may lie beyond the end of a sound file; more missing ones mean a cut file. */
const SLACK_PAGES = 256n;

/** Throws `store-corrupt` or `store-version` if LMDB could not read this file; an absent or empty file is a new store. */
export function checkLmdbFile(path: string): void {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    const size = fstatSync(file).size;
    if (size === 0) return;
    const page = new Uint8Array(PAGE_HEADER + META_BYTES);
    const view = new DataView(page.buffer);
    const readMeta = (offset: number): void => {
      if (readSync(file, page, 0, page.length, offset) < page.length) throw corrupt(path, `it has only ${size} bytes`);
      if (view.getUint32(PAGE_HEADER, true) !== MAGIC)
        throw corrupt(path, `the mark of LMDB is missing at byte ${offset}`);
      const version = view.getUint32(PAGE_HEADER + 4, true);
      if (version !== DATA_VERSION)
        throw new StorageError(
          'store-version',
          `${path} has LMDB format ${version}, this program reads ${DATA_VERSION}. Use the version of the program that wrote it, or choose another data directory.`,
        );
    };
    readMeta(0);
    // LMDB keeps the page size in the first field of the free list's tree.
    const pageSize = view.getUint32(PAGE_HEADER + TREES, true);
    if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0)
      throw corrupt(path, `the page size ${pageSize} is impossible`);
    for (const offset of [0, pageSize]) {
      readMeta(offset);
      const available = BigInt(Math.floor(size / pageSize));
      const last = view.getBigUint64(PAGE_HEADER + LAST_PAGE, true);
      if (last + 1n > available + SLACK_PAGES)
        throw corrupt(path, `it ends after ${available} pages, ${last + 1n} were written`);
      for (const tree of [0, 1]) {
        const root = view.getBigUint64(PAGE_HEADER + TREES + tree * TREE_BYTES + ROOT_IN_TREE, true);
        if (root !== NO_ROOT && root >= available)
          throw corrupt(path, `it ends after ${available} pages, page ${root} is needed`);
      }
    }
  } finally {
    closeSync(file);
  }
}

function corrupt(path: string, why: string): StorageError {
  return new StorageError(
    'store-corrupt',
    `${path} is damaged: ${why}. Move it away and start again: the node downloads and verifies what is missing.`,
  );
}
