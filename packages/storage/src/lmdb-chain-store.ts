// The chain's store on LMDB. Every write is one transaction that is on the disk when it returns: LMDB writes the pages, waits for
// them, and then writes the meta page through a descriptor that waits by itself (O_DSYNC).

import { join } from 'node:path';
import { compareBytes } from '@resonancenet/bytes/compare';
import { CHAIN_TABLES, type ChainBatch, type ChainTable } from '@resonancenet/chain/events';
import type { ChainSnapshot, ChainStore, StoredEntry } from '@resonancenet/chain/ports';
import { type Database, open, type RootDatabase, type Transaction } from 'lmdb';
import { type CrashPoint, crashPoint } from './crash-point.ts';
import { DiskFileLayer } from './disk-file-layer.ts';
import { checkLmdbFile } from './lmdb-file-check.ts';
import { frameRecord, unframeRecord } from './record-frame.ts';
import { toStorageError } from './storage-error.ts';

type Table = Database<Uint8Array, Uint8Array>;

const crashPointsOf: Readonly<
  Record<NonNullable<ChainBatch['purpose']>, readonly [CrashPoint, CrashPoint, CrashPoint]>
> = {
  extend: ['commit-before', 'commit-inside', 'commit-after'],
  reorganize: ['undo-before', 'undo-inside', 'undo-after'],
  recover: ['recovery-before', 'recovery-inside', 'recovery-after'],
  rebuild: ['rebuild-before', 'rebuild-inside', 'rebuild-after'],
};

const EIO = 5;
const PROBE_BYTES: number = 2 ** 20;

/** Longer records are written from memory of their own. */
const FRAME_BYTES: number = 2 ** 14;

/** Tables of many small records, read into a buffer that the next read overwrites; for longer ones that buffer would grow and stay. */
const smallRecords: ReadonlySet<ChainTable> = new Set(['coins', 'policies', 'ages', 'deadlines', 'ledger']);

export class LmdbChainStore implements ChainStore {
  readonly #folder: string;
  readonly #root: RootDatabase<Uint8Array, Uint8Array>;
  readonly #tables: Readonly<Record<ChainTable, Table>>;
  readonly #frame = new Uint8Array(FRAME_BYTES);

  private constructor(folder: string, root: RootDatabase<Uint8Array, Uint8Array>) {
    this.#folder = folder;
    this.#root = root;
    const tables: Partial<Record<ChainTable, Table>> = {};
    for (const name of CHAIN_TABLES)
      tables[name] = root.openDB<Uint8Array, Uint8Array>({ name, encoding: 'binary', keyEncoding: 'binary' });
    this.#tables = tables as Record<ChainTable, Table>;
  }

  /** Opens the store in a folder, which it makes if need be. Throws StorageError. */
  static open(folder: string): LmdbChainStore {
    try {
      const files = new DiskFileLayer();
      files.makeFolder(folder);
      checkLmdbFile(join(folder, 'data.mdb'));
      const store = new LmdbChainStore(
        folder,
        open<Uint8Array, Uint8Array>({
          path: folder,
          noSubdir: false,
          encoding: 'binary',
          keyEncoding: 'binary',
          maxDbs: CHAIN_TABLES.length + 1,
          // With overlapping syncs a commit would return before it is durable.
          overlappingSync: false,
          eventTurnBatching: false,
        }),
      );
      // LMDB flushes the file but not the folder that its name is in.
      files.syncFolder(folder);
      return store;
    } catch (error) {
      throw toStorageError(error, 'Opening the chain store', folder);
    }
  }

  get(table: ChainTable, key: Uint8Array): Uint8Array | null {
    return this.#get(table, key);
  }

  entries(table: ChainTable): Iterable<StoredEntry> {
    return this.range(table, new Uint8Array(0), null);
  }

  /** Do not write while iterating: collect first. */
  range(table: ChainTable, from: Uint8Array, to: Uint8Array | null): Iterable<StoredEntry> {
    return this.#range(table, from, to);
  }

  snapshot(): ChainSnapshot {
    const transaction = this.#root.useReadTransaction();
    return {
      get: (table, key) => this.#get(table, key, transaction),
      range: (table, from, to) => this.#range(table, from, to, transaction),
      close: () => transaction.done(),
    };
  }

  write(batch: ChainBatch): void {
    const [before, inside, after] = crashPointsOf[batch.purpose ?? 'extend'];
    crashPoint(before);
    try {
      this.#commit(batch, inside);
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === EIO) this.#findCause();
      throw toStorageError(error, 'Writing', this.#folder);
    }
    crashPoint(after);
  }

  /** In the order of the keys: a page is changed once, while it is in the processor's cache. */
  #commit(batch: ChainBatch, inside: CrashPoint): void {
    const puts = batch.puts.toSorted(byKey);
    const deletes = batch.deletes.toSorted(byKey);
    this.#root.transactionSync(() => {
      const half = puts.length >> 1;
      for (const [index, { table, key, value }] of puts.entries()) {
        if (index === half) crashPoint(inside);
        this.#tables[table].putSync(key, frameRecord(value, this.#frame));
      }
      for (const { table, key } of deletes) this.#tables[table].removeSync(key);
    });
  }

  #get(table: ChainTable, key: Uint8Array, transaction?: Transaction): Uint8Array | null {
    try {
      const database = this.#tables[table];
      let framed: Uint8Array | undefined;
      if (transaction !== undefined) framed = database.get(key, { transaction });
      else framed = smallRecords.has(table) ? database.getBinaryFast(key) : database.getBinary(key);
      return framed === undefined ? null : unframeRecord(framed, () => describe(table, key));
    } catch (error) {
      throw toStorageError(error, 'Reading', this.#folder);
    }
  }

  *#range(
    table: ChainTable,
    from: Uint8Array,
    to: Uint8Array | null,
    transaction?: Transaction,
  ): Iterable<StoredEntry> {
    try {
      const options = {
        snapshot: true,
        ...(from.length === 0 ? {} : { start: from }),
        ...(to === null ? {} : { end: to }),
        ...(transaction === undefined ? {} : { transaction }),
      };
      for (const { key, value } of this.#tables[table].getRange(options))
        yield [Uint8Array.from(key), unframeRecord(value, () => describe(table, key))];
    } catch (error) {
      throw toStorageError(error, 'Reading', this.#folder);
    }
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

  async close(): Promise<void> {
    await this.#root.close();
  }
}

function describe(table: ChainTable, key: Uint8Array): string {
  return `The record ${Buffer.from(key).toString('hex')} of table '${table}'`;
}

function byKey(
  a: { readonly table: ChainTable; readonly key: Uint8Array },
  b: { readonly table: ChainTable; readonly key: Uint8Array },
): number {
  return a.table === b.table ? compareBytes(a.key, b.key) : a.table < b.table ? -1 : 1;
}
