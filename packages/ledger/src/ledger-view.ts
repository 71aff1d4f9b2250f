// The state of the ledger as its rules see it: tables of bytes that are read, changed and walked in key order (LED-29). Whoever owns the store
// lays changes over it, journals them for undoing, and throws them away if a block is refused.

/**
 * Tables of the state, in the order of their numbers (LED-29, which says what they hold). Each has one owner, which alone writes it: coin.ts and outputs.ts,
 * policy-registry.ts, ages.ts, deadlines.ts, rotation/rotation-records.ts, totals.ts.
 */
export const LEDGER_TABLES = ['coins', 'policies', 'ages', 'deadlines', 'rotation', 'ledger'] as const;

export type LedgerTable = (typeof LEDGER_TABLES)[number];

export interface LedgerReader {
  get(table: LedgerTable, key: Uint8Array): Uint8Array | null;
  /** Entries with from <= key < to (no `to`: to the table's end) in ascending order of the keys' bytes. What the caller changes while it walks is not promised to be seen. */
  range(
    table: LedgerTable,
    from: Uint8Array,
    to: Uint8Array | null,
  ): Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
}

export interface LedgerView extends LedgerReader {
  /** Keys and values are not changed by anybody after they were handed over. */
  put(table: LedgerTable, key: Uint8Array, value: Uint8Array): void;
  /** The same for an entry that is not there, as the rules know: nobody has to look. */
  create(table: LedgerTable, key: Uint8Array, value: Uint8Array): void;
  delete(table: LedgerTable, key: Uint8Array): void;
  /** The same for an entry that is there and holds this, as the rules know: nobody has to look. */
  remove(table: LedgerTable, key: Uint8Array, value: Uint8Array): void;
}
