// Named tables of bytes in one LMDB folder. Every commit is one transaction that is on the disk when it returns: LMDB writes the pages, waits for
// them, and then writes the meta page through a descriptor that waits by itself (O_DSYNC).

import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { compareBytes } from '@resonancenet/bytes/compare';
import { type Database, open, type RootDatabase, type Transaction } from 'lmdb';
import { DiskFileLayer } from './disk-file-layer.ts';
import { checkLmdbFile } from './lmdb-file-check.ts';
import { frameRecord, unframeRecord } from './record-frame.ts';
import { StorageError, toStorageError } from './storage-error.ts';

type Table = Database<Uint8Array, Uint8Array>;

/** An entry of a table. */
export type TableEntry = readonly [key: Uint8Array, value: Uint8Array];

/** A state that later commits do not touch. */
export type ReadTransaction = Transaction;

/** Writes of one transaction. */
export interface TableWriter<Name extends string> {
  /** Many writes in the order of these items, which is best that of their keys. */
  each<T>(items: readonly T[], write: (item: T, place: number) => void): void;
  put(table: Name, key: Uint8Array, value: Uint8Array): void;
  remove(table: Name, key: Uint8Array): void;
  clear(table: Name): void;
}

/** What tables a folder holds. */
export interface TableNames<Name extends string> {
  readonly all: readonly Name[];
  /** Those of many small records, read into a buffer that the next read overwrites; for longer ones that buffer would grow and stay. */
  readonly small: readonly Name[];
}

/**
 * Entries of LMDB's list of free pages that lmdb-js loads and keeps between commits, at most about so many; not in its types. Each commit checks the whole list by
 * inserting it into another one, at a cost that grows faster than the list: with the default of 50,000 and 75,000, up to a fifth of a second for the smallest commit.
 */
const freePages = { maxFreeSpaceToLoad: 10_000, maxFreeSpaceToRetain: 10_000 };

const EIO = 5;
const PROBE_BYTES: number = 2 ** 20;

/** With less on the disk nothing is written any more. */
export const LEAST_FREE_BYTES: number = 2 ** 24;

/**
 * Writes of one part of a transaction. LMDB keeps the pages that a transaction changes in one sorted array, and gives out free ones in the order in which each goes to its front:
 * the cost of many grows with the square of their number. A part is a transaction within: its array joins the other one at its end.
 */
const WRITES_PER_PART = 1_500;

/** Longer records are written from memory of their own. */
const FRAME_BYTES: number = 2 ** 14;

export class LmdbTables<Name extends string> {
  readonly #folder: string;
  readonly #root: RootDatabase<Uint8Array, Uint8Array>;
  readonly #tables: ReadonlyMap<Name, Table>;
  readonly #small: ReadonlySet<Name>;
  readonly #frame = new Uint8Array(FRAME_BYTES);
  #hasFailed = false;
  readonly #writer: TableWriter<Name> = {
    each: (items, write) => this.#each(items, write),
    put: (table, key, value) => void this.#table(table).putSync(key, frameRecord(value, this.#frame)),
    remove: (table, key) => void this.#table(table).removeSync(key),
    clear: (table) => this.#table(table).clearSync(),
  };

  private constructor(folder: string, root: RootDatabase<Uint8Array, Uint8Array>, names: TableNames<Name>) {
    this.#folder = folder;
    this.#root = root;
    this.#small = new Set(names.small);
    this.#tables = new Map(
      names.all.map((name) => [
        name,
        root.openDB<Uint8Array, Uint8Array>({ name, encoding: 'binary', keyEncoding: 'binary' }),
      ]),
    );
  }

  /** Opens the tables in a folder, which it makes if need be; `what` names them in errors. Throws StorageError. */
  static open<Name extends string>(folder: string, names: TableNames<Name>, what: string): LmdbTables<Name> {
    try {
      const files = new DiskFileLayer();
      files.makeFolder(folder);
      checkLmdbFile(join(folder, 'data.mdb'));
      const root = open<Uint8Array, Uint8Array>({
        path: folder,
        noSubdir: false,
        encoding: 'binary',
        keyEncoding: 'binary',
        maxDbs: names.all.length + 1,
        // With overlapping syncs a commit would return before it is durable.
        overlappingSync: false,
        eventTurnBatching: false,
        ...freePages,
      });
      const tables = new LmdbTables(folder, root, names);
      // LMDB flushes the file but not the folder that its name is in.
      files.syncFolder(folder);
      return tables;
    } catch (error) {
      throw toStorageError(error, `Opening ${what}`, folder);
    }
  }

  get(table: Name, key: Uint8Array, transaction?: ReadTransaction): Uint8Array | null {
    try {
      const database = this.#table(table);
      let framed: Uint8Array | undefined;
      if (transaction !== undefined) framed = database.get(key, { transaction });
      else framed = this.#small.has(table) ? database.getBinaryFast(key) : database.getBinary(key);
      return framed === undefined ? null : unframeRecord(framed, () => describe(table, key));
    } catch (error) {
      throw toStorageError(error, 'Reading', this.#folder);
    }
  }

  /** Entries with from <= key < to (null: to the end) in ascending order. Do not write while iterating: collect first. */
  *range(table: Name, from: Uint8Array, to: Uint8Array | null, transaction?: ReadTransaction): Iterable<TableEntry> {
    try {
      const options = {
        snapshot: true,
        ...(from.length === 0 ? {} : { start: from }),
        ...(to === null ? {} : { end: to }),
        ...(transaction === undefined ? {} : { transaction }),
      };
      for (const { key, value } of this.#table(table).getRange(options))
        yield [new Uint8Array(key), unframeRecord(value, () => describe(table, key))];
    } catch (error) {
      throw toStorageError(error, 'Reading', this.#folder);
    }
  }

  /** To be ended with `done`. */
  readTransaction(): ReadTransaction {
    return this.#root.useReadTransaction();
  }

  /** What `work` writes is on the disk, all of it or, if this throws, nothing. Throws StorageError. */
  commit(work: (writer: TableWriter<Name>) => void): void {
    try {
      this.#checkRoom();
      this.#root.transactionSync(() => work(this.#writer));
      this.#hasFailed = false;
    } catch (error) {
      this.#hasFailed = true;
      if ((error as { readonly code?: unknown }).code === EIO) this.#findCause();
      throw toStorageError(error, 'Writing', this.#folder);
    }
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  #each<T>(items: readonly T[], write: (item: T, place: number) => void): void {
    for (let start = 0; start < items.length; start += WRITES_PER_PART) {
      const end = Math.min(items.length, start + WRITES_PER_PART);
      const part = (): void => {
        for (let place = start; place < end; place++) write(items[place]!, place);
      };
      if (items.length <= WRITES_PER_PART) part();
      else this.#root.transactionSync(part);
    }
  }

  #table(name: Name): Table {
    return this.#tables.get(name)!;
  }

  /**
   * lmdb 3.5.6 writes its message of a failed write beyond its buffer (`mdb_page_flush`), which can end the process later: it is not asked to write
   * where that must fail, nor again after a failure before a file of our own could be written.
   */
  #checkRoom(): void {
    const { bavail, bsize } = statfsSync(this.#folder);
    const free = bavail * bsize;
    if (free < LEAST_FREE_BYTES)
      throw new StorageError(
        'store-full',
        `Writing ${this.#folder} is not begun: ${free} bytes are free on its disk, at least ${LEAST_FREE_BYTES} must be. Free some space on that disk and start again.`,
      );
    if (this.#hasFailed) this.#findCause();
  }

  /** LMDB reports a write that ended early, as on a full disk, as an input/output error: a file of our own meets the true one. */
  #findCause(): void {
    const files = new DiskFileLayer();
    const probe = join(this.#folder, 'probe');
    try {
      files.write(probe, files.sizeOf(join(this.#folder, 'data.mdb')) ?? 0, new Uint8Array(PROBE_BYTES));
      files.syncFile(probe);
    } finally {
      files.remove(probe);
    }
  }
}

function describe(table: string, key: Uint8Array): string {
  return `The record ${Buffer.from(key).toString('hex')} of table '${table}'`;
}

/** The order in which entries are written: a page is changed once, while it is in the processor's cache. */
export function byTableAndKey(
  a: { readonly table: string; readonly key: Uint8Array },
  b: { readonly table: string; readonly key: Uint8Array },
): number {
  return a.table === b.table ? compareBytes(a.key, b.key) : a.table < b.table ? -1 : 1;
}
