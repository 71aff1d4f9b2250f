// The chain's store on LMDB. Every write is one transaction that is on the disk when it returns.

import { CHAIN_TABLES, type ChainBatch, type ChainTable } from '@resonancenet/chain/events';
import type { ChainSnapshot, ChainStore, StoredEntry } from '@resonancenet/chain/ports';
import { type CrashPoint, crashPoint } from './crash-point.ts';
import { byTableAndKey, LmdbTables } from './lmdb-tables.ts';

const crashPointsOf: Readonly<
  Record<NonNullable<ChainBatch['purpose']>, readonly [CrashPoint, CrashPoint, CrashPoint]>
> = {
  extend: ['commit-before', 'commit-inside', 'commit-after'],
  reorganize: ['undo-before', 'undo-inside', 'undo-after'],
  recover: ['recovery-before', 'recovery-inside', 'recovery-after'],
  rebuild: ['rebuild-before', 'rebuild-inside', 'rebuild-after'],
};

const SMALL_TABLES: readonly ChainTable[] = ['coins', 'policies', 'ages', 'deadlines', 'ledger'];

interface Change {
  readonly table: ChainTable;
  readonly key: Uint8Array;
  /** null: the entry goes. */
  readonly value: Uint8Array | null;
}

export class LmdbChainStore implements ChainStore {
  readonly #tables: LmdbTables<ChainTable>;

  private constructor(tables: LmdbTables<ChainTable>) {
    this.#tables = tables;
  }

  /** Opens the store in a folder, which it makes if need be. Throws StorageError. */
  static open(folder: string): LmdbChainStore {
    return new LmdbChainStore(LmdbTables.open(folder, { all: CHAIN_TABLES, small: SMALL_TABLES }, 'the chain store'));
  }

  get(table: ChainTable, key: Uint8Array): Uint8Array | null {
    return this.#tables.get(table, key);
  }

  entries(table: ChainTable): Iterable<StoredEntry> {
    return this.range(table, new Uint8Array(0), null);
  }

  /** Do not write while iterating: collect first. */
  range(table: ChainTable, from: Uint8Array, to: Uint8Array | null): Iterable<StoredEntry> {
    return this.#tables.range(table, from, to);
  }

  snapshot(): ChainSnapshot {
    const transaction = this.#tables.readTransaction();
    return {
      get: (table, key) => this.#tables.get(table, key, transaction),
      range: (table, from, to) => this.#tables.range(table, from, to, transaction),
      close: () => transaction.done(),
    };
  }

  write(batch: ChainBatch): void {
    const [before, inside, after] = crashPointsOf[batch.purpose ?? 'extend'];
    const deletes = batch.deletes.map(({ table, key }) => ({ table, key, value: null }));
    const changes: readonly Change[] = [...batch.puts, ...deletes].sort(byTableAndKey);
    const half = changes.length >> 1;
    crashPoint(before);
    this.#tables.commit((writer) => {
      writer.each(changes, ({ table, key, value }, place) => {
        if (place === half) crashPoint(inside);
        if (value === null) writer.remove(table, key);
        else writer.put(table, key, value);
      });
    });
    crashPoint(after);
  }

  close(): Promise<void> {
    return this.#tables.close();
  }
}
