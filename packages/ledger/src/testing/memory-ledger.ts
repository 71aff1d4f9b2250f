// A ledger's state in memory, for tests: tables with an exact journal, which undoes what was done and checks that it fits.

import { assert } from '@resonancenet/bytes/assert';
import { compareBytes, equalBytes } from '@resonancenet/bytes/compare';
import { LEDGER_TABLES, type LedgerTable, type LedgerView } from '../ledger-view.ts';

/** One change: what an entry held before it and holds since; null: nothing. */
export interface JournalEntry {
  readonly table: LedgerTable;
  readonly key: Uint8Array;
  readonly before: Uint8Array | null;
  readonly after: Uint8Array | null;
}

type Entry = readonly [key: Uint8Array, value: Uint8Array];

export class MemoryLedger implements LedgerView {
  readonly #tables = new Map<LedgerTable, Map<string, Entry>>(LEDGER_TABLES.map((table) => [table, new Map()]));
  readonly #sorted = new Map<LedgerTable, Entry[]>();
  #journal: JournalEntry[] = [];

  get(table: LedgerTable, key: Uint8Array): Uint8Array | null {
    return this.#table(table).get(name(key))?.[1] ?? null;
  }

  *range(table: LedgerTable, from: Uint8Array, to: Uint8Array | null): Iterable<Entry> {
    const entries = this.#inOrder(table);
    for (let index = firstFrom(entries, from); index < entries.length; index++) {
      const entry = entries[index]!;
      if (to !== null && compareBytes(entry[0], to) >= 0) return;
      yield entry;
    }
  }

  put(table: LedgerTable, key: Uint8Array, value: Uint8Array): void {
    this.#change(table, key, value);
  }

  create(table: LedgerTable, key: Uint8Array, value: Uint8Array): void {
    assert(this.get(table, key) === null, `an entry of ${table} that is created was not there`);
    this.#change(table, key, value);
  }

  delete(table: LedgerTable, key: Uint8Array): void {
    this.#change(table, key, null);
  }

  remove(table: LedgerTable, key: Uint8Array, value: Uint8Array): void {
    const there = this.get(table, key);
    assert(there !== null && equalBytes(there, value), `an entry of ${table} that is removed was there`);
    this.#change(table, key, null);
  }

  /** Changes since the last `takeJournal`: a place to roll back to. */
  mark(): number {
    return this.#journal.length;
  }

  rollback(mark: number): void {
    this.#undo(this.#journal.splice(mark));
  }

  /** What changed since the last call, in order: enough to undo it. */
  takeJournal(): readonly JournalEntry[] {
    const journal = this.#journal;
    this.#journal = [];
    return journal;
  }

  /** Undoes a taken journal, the youngest first. */
  undo(journal: readonly JournalEntry[]): void {
    assert(this.#journal.length === 0, 'a journal is undone on the state that it led to');
    this.#undo(journal);
  }

  /** All entries, table by table in order. */
  *entries(): Iterable<readonly [table: LedgerTable, key: Uint8Array, value: Uint8Array]> {
    for (const table of LEDGER_TABLES) {
      for (const [key, value] of this.#inOrder(table)) yield [table, key, value];
    }
  }

  #undo(journal: readonly JournalEntry[]): void {
    for (const { table, key, before, after } of journal.toReversed()) {
      const now = this.get(table, key);
      const fits = now === null ? after === null : after !== null && equalBytes(now, after);
      assert(fits, 'an undone change is the last one of its entry');
      this.#set(table, key, before);
    }
  }

  #change(table: LedgerTable, key: Uint8Array, after: Uint8Array | null): void {
    this.#journal.push({ table, key, before: this.get(table, key), after });
    this.#set(table, key, after);
  }

  #set(table: LedgerTable, key: Uint8Array, value: Uint8Array | null): void {
    const entries = this.#table(table);
    const sorted = this.#sorted.get(table);
    if (sorted !== undefined) {
      const at = firstFrom(sorted, key);
      sorted.splice(at, entries.has(name(key)) ? 1 : 0, ...(value === null ? [] : [[key, value] as const]));
    }
    if (value === null) entries.delete(name(key));
    else entries.set(name(key), [key, value]);
  }

  #table(table: LedgerTable): Map<string, Entry> {
    return this.#tables.get(table)!;
  }

  #inOrder(table: LedgerTable): readonly Entry[] {
    const known = this.#sorted.get(table);
    if (known !== undefined) return known;
    const sorted = [...this.#table(table).values()].sort((a, b) => compareBytes(a[0], b[0]));
    this.#sorted.set(table, sorted);
    return sorted;
  }
}

/** A key as a string of one character for each byte, which is cheaper than hexadecimal. */
function name(key: Uint8Array): string {
  return String.fromCharCode.apply(null, key as unknown as number[]);
}

function firstFrom(entries: readonly Entry[], from: Uint8Array): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(entries[middle]![0], from) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
