// The store as a step sees it: what the step has changed lies over what is stored, and leaves as one batch. What was changed since a mark can
// be taken back, or be asked for with what was there before: that is how a block is tried, and how it is undone.

import { equalBytes } from '@resonancenet/bytes/compare';
import { LEDGER_TABLES, type LedgerView } from '@resonancenet/ledger/ledger-view';
import { CHAIN_TABLES, type ChainBatch, type ChainTable } from './events.ts';
import type { ChainReader, StoredEntry } from './ports.ts';
import { keyText, type TableChange, TableChanges } from './table-changes.ts';

/** A moment in the life of the view, until its batch is taken. */
export interface Mark {
  readonly length: number;
}

/** An entry that is not what it was. */
export interface EntryChange {
  readonly table: ChainTable;
  /** `keyText` of the key. */
  readonly text: string;
  readonly key: Uint8Array;
  readonly before: Uint8Array | null;
  readonly after: Uint8Array | null;
}

/** One change, numbered by its place in the log. */
interface LogEntry extends TableChange {
  readonly table: ChainTable;
  /** What the view's own changes held; undefined: nothing, the store decides. */
  before: TableChange | undefined;
  /** What the store is known to hold, null for nothing; undefined: somebody has to look. */
  readonly stored: Uint8Array | null | undefined;
}

/** Values read from the store are kept until the batch is taken, as many as this. */
const MAX_KEPT_READS = 32_768;

export class StoreView implements LedgerView, ChainReader {
  readonly #store: ChainReader;
  readonly #tables: Readonly<Record<ChainTable, TableChanges>>;
  readonly #reads: Readonly<Record<ChainTable, Map<string, Uint8Array | null>>>;
  #log: LogEntry[] = [];
  #keptReads = 0;
  #purpose: NonNullable<ChainBatch['purpose']> = 'extend';

  constructor(store: ChainReader) {
    this.#store = store;
    this.#tables = perTable(() => new TableChanges());
    this.#reads = perTable(() => new Map<string, Uint8Array | null>());
  }

  /** The caller does not change what it gets. */
  get(table: ChainTable, key: Uint8Array): Uint8Array | null {
    const text = keyText(key);
    const change = this.#tables[table].get(text);
    return change === undefined ? this.#read(table, key, text) : change.value;
  }

  /** What is changed while the caller walks may be seen or not. */
  *range(table: ChainTable, from: Uint8Array, to: Uint8Array | null): Iterable<StoredEntry> {
    const changes = this.#tables[table];
    const stored = this.#store.range(table, from, to);
    if (changes.size === 0) {
      yield* stored;
      return;
    }
    const own = changes.keysBetween(keyText(from), to === null ? null : keyText(to))[Symbol.iterator]();
    let next = own.next();
    for (const entry of stored) {
      const text = keyText(entry[0]);
      for (; next.done !== true && next.value < text; next = own.next()) yield* present(changes.get(next.value));
      if (next.done !== true && next.value === text) next = own.next();
      const change = changes.get(text);
      if (change === undefined) yield entry;
      else yield* present(change);
    }
    for (; next.done !== true; next = own.next()) yield* present(changes.get(next.value));
  }

  /** Stored entries, without the changes: for start-up. */
  stored(table: ChainTable): Iterable<StoredEntry> {
    return this.#store.range(table, nothing, null);
  }

  put(table: ChainTable, key: Uint8Array, value: Uint8Array): void {
    this.#change(table, keyText(key), key, value);
  }

  create(table: ChainTable, key: Uint8Array, value: Uint8Array): void {
    this.#change(table, keyText(key), key, value, null);
  }

  delete(table: ChainTable, key: Uint8Array): void {
    this.#change(table, keyText(key), key, null);
  }

  remove(table: ChainTable, key: Uint8Array, value: Uint8Array): void {
    this.#change(table, keyText(key), key, null, value);
  }

  /** Does again what was changed once on the same state. */
  apply(changes: readonly EntryChange[]): void {
    for (const { table, text, key, before, after } of changes) this.#change(table, text, key, after, before);
  }

  mark(): Mark {
    return { length: this.#log.length };
  }

  /** Takes back everything that was changed since the mark. */
  rollback(mark: Mark): void {
    while (this.#log.length > mark.length) {
      const { table, text, before } = this.#log.pop()!;
      if (before === undefined) this.#tables[table].delete(text);
      else this.#tables[table].set(before);
    }
  }

  /** Entries that differ from what they were at the mark, each once, in the order in which they were first touched. */
  changesSince(mark: Mark): EntryChange[] {
    const entries: EntryChange[] = [];
    for (let at = mark.length; at < this.#log.length; at++) {
      const { table, text, key, before: own, stored } = this.#log[at]!;
      // Not the first since the mark.
      if (own !== undefined && own.number >= mark.length) continue;
      const before = own !== undefined ? own.value : stored !== undefined ? stored : this.#read(table, key, text);
      const after = this.#tables[table].get(text)!.value;
      if (!isSame(before, after)) entries.push({ table, text, key, before, after });
    }
    return entries;
  }

  /** Names what the batch does; undoing outranks extending. */
  setPurpose(purpose: NonNullable<ChainBatch['purpose']>): void {
    this.#purpose = purpose;
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  /** Entries that the batch would change. */
  get size(): number {
    let size = 0;
    for (const table of CHAIN_TABLES) size += this.#tables[table].size;
    return size;
  }

  /** The changes as a batch, and a clean view: the caller writes the batch before anything is read again. */
  take(): ChainBatch {
    const puts: { table: ChainTable; key: Uint8Array; value: Uint8Array }[] = [];
    const deletes: { table: ChainTable; key: Uint8Array }[] = [];
    for (const table of CHAIN_TABLES) {
      for (const { key, value } of this.#tables[table].values())
        if (value === null) deletes.push({ table, key });
        else puts.push({ table, key, value });
      this.#tables[table].clear();
      this.#reads[table].clear();
    }
    const purpose = this.#purpose;
    this.#purpose = 'extend';
    this.#log = [];
    this.#keptReads = 0;
    return { purpose, puts, deletes };
  }

  #change(
    table: ChainTable,
    text: string,
    key: Uint8Array,
    value: Uint8Array | null,
    stored?: Uint8Array | null,
  ): void {
    const entry: LogEntry = { text, key, value, number: this.#log.length, table, before: undefined, stored };
    entry.before = this.#tables[table].set(entry);
    this.#log.push(entry);
  }

  #read(table: ChainTable, key: Uint8Array, text: string): Uint8Array | null {
    const reads = this.#reads[table];
    const known = reads.get(text);
    if (known !== undefined) return known;
    const value = this.#store.get(table, key);
    // Bodies and headers are large and asked for once.
    if (!keptTables.has(table) || this.#keptReads >= MAX_KEPT_READS) return value;
    this.#keptReads += 1;
    reads.set(text, value);
    return value;
  }
}

const nothing = new Uint8Array(0);

const keptTables: ReadonlySet<ChainTable> = new Set(LEDGER_TABLES);

function perTable<T>(make: () => T): Record<ChainTable, T> {
  return Object.fromEntries(CHAIN_TABLES.map((table) => [table, make()])) as Record<ChainTable, T>;
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equalBytes(a, b);
}

function* present(change: TableChange | undefined): Iterable<StoredEntry> {
  if (change !== undefined && change.value !== null) yield [change.key, change.value];
}
