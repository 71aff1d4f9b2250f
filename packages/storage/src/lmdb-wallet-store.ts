// A wallet's tables on LMDB, with what takes its last blocks back. Every write is one transaction that is on the disk when it returns.

import { bigEndian, readBigEndian } from '@resonancenet/bytes/big-endian';
import type { WalletChange } from '@resonancenet/wallet/wallet-changes';
import { WALLET_TABLES, type WalletReader, type WalletTable } from '@resonancenet/wallet/wallet-view';
import { crashPoint } from './crash-point.ts';
import { byTableAndKey, LmdbTables, type TableEntry } from './lmdb-tables.ts';
import { StorageError } from './storage-error.ts';

/** `undo`: height u32 big-endian of a block, what takes it back. `meta`: see below. */
type StoreTable = WalletTable | 'undo' | 'meta';

/** What takes one block back. */
export interface BlockUndo {
  readonly height: number;
  readonly record: Uint8Array;
}

export interface WalletBatch {
  readonly changes: readonly WalletChange[];
  readonly undo?: readonly BlockUndo[];
  /** Undo records that are not needed any more: of this height and below, and of this height and above. */
  readonly dropUndoTo?: number;
  readonly dropUndoFrom?: number;
}

const TABLES = {
  all: [...WALLET_TABLES, 'undo', 'meta'],
  small: ['coins', 'ages', 'history', 'accounts', 'tip', 'claims', 'handed', 'locked', 'labels', 'sums', 'references'],
} as const;

/** Of the tables and of the records in them. What blocks filled in format 1, without sums, is read from the chain again; others are not read. */
const FORMAT = 2;
const FORMAT_WITHOUT_SUMS = 1;

const formatKey = Uint8Array.of(0);
/** Values that whoever follows the chain keeps beside the tables. */
const noteKey = Uint8Array.of(1);
const nothing = new Uint8Array(0);

/** What is made from blocks alone, and is empty before the first. */
const BLOCK_TABLES: readonly StoreTable[] = [
  'coins',
  'ages',
  'transactions',
  'history',
  'accounts',
  'tip',
  'sums',
  'undo',
];

export class LmdbWalletStore implements WalletReader {
  readonly #tables: LmdbTables<StoreTable>;

  private constructor(tables: LmdbTables<StoreTable>) {
    this.#tables = tables;
  }

  /** Opens the tables in a folder, which it makes if need be. Throws StorageError. */
  static open(folder: string): LmdbWalletStore {
    const tables = LmdbTables.open<StoreTable>(folder, TABLES, 'the wallet\u2019s state');
    const format = tables.get('meta', formatKey);
    if (format === null || format[0] === FORMAT_WITHOUT_SUMS)
      tables.commit((writer) => {
        for (const table of format === null ? [] : BLOCK_TABLES) writer.clear(table);
        writer.put('meta', formatKey, Uint8Array.of(FORMAT));
      });
    else if (format[0] !== FORMAT)
      throw new StorageError(
        'store-version',
        `${folder} has format ${format[0] ?? 'none'}, this program reads ${FORMAT}. Move it away: it is made anew from the chain, without labels.`,
      );
    return new LmdbWalletStore(tables);
  }

  get(table: WalletTable, key: Uint8Array): Uint8Array | null {
    return this.#tables.get(table, key);
  }

  range(table: WalletTable, from: Uint8Array, to: Uint8Array | null): Iterable<TableEntry> {
    return this.#tables.range(table, from, to);
  }

  /** What takes back the block of a height; null if it is not kept. */
  undoOf(height: number): Uint8Array | null {
    return this.#tables.get('undo', bigEndian(height));
  }

  /** The note that `writeNote` left; null: none. */
  note(): Uint8Array | null {
    return this.#tables.get('meta', noteKey);
  }

  writeNote(note: Uint8Array): void {
    this.#tables.commit((writer) => writer.put('meta', noteKey, note));
  }

  write({ changes, undo = [], dropUndoTo, dropUndoFrom }: WalletBatch): void {
    const dropped = [
      ...(dropUndoTo === undefined ? [] : this.#undoHeights(0, dropUndoTo)),
      ...(dropUndoFrom === undefined ? [] : this.#undoHeights(dropUndoFrom, null)),
    ];
    crashPoint('wallet-write-before');
    this.#tables.commit((writer) => {
      for (const height of dropped) writer.remove('undo', bigEndian(height));
      for (const { table, key, after } of changes.toSorted(byTableAndKey)) {
        if (after === null) writer.remove(table, key);
        else writer.put(table, key, after);
      }
      crashPoint('wallet-write-inside');
      for (const { height, record } of undo) writer.put('undo', bigEndian(height), record);
    });
    crashPoint('wallet-write-after');
  }

  /** Forgets all blocks; what the user wrote and what waits stays. */
  clearBlocks(): void {
    this.#tables.commit((writer) => {
      for (const table of BLOCK_TABLES) writer.clear(table);
    });
  }

  close(): Promise<void> {
    return this.#tables.close();
  }

  /** Both ends included. */
  #undoHeights(from: number, to: number | null): number[] {
    const end = to === null ? null : bigEndian(to + 1);
    const heights: number[] = [];
    for (const [key] of this.#tables.range('undo', from === 0 ? nothing : bigEndian(from), end))
      heights.push(readBigEndian(key, 0));
    return heights;
  }
}
