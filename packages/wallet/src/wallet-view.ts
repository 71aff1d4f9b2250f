// What a wallet remembers of the chain and of its user, as tables of bytes that are read, changed and walked in key order. Whoever owns the store
// lays changes over it and journals what a block does (wallet-changes.ts).

/**
 * Each table has one owner, which alone writes it. Of these, blocks change the first six and the sums (scan-block.ts); the others are the user's.
 * coins, ages: coin-table.ts; transactions, history: history-table.ts; accounts, tip: account-state.ts; pending, claims: pending-table.ts;
 * handed: next-address.ts; locked: locked-coins.ts; labels: labels.ts; sums: coin-sums.ts; references: payment-references.ts.
 */
export const WALLET_TABLES = [
  'coins',
  'ages',
  'transactions',
  'history',
  'accounts',
  'tip',
  'pending',
  'claims',
  'handed',
  'locked',
  'labels',
  'sums',
  'references',
] as const;

export type WalletTable = (typeof WALLET_TABLES)[number];

export interface WalletReader {
  get(table: WalletTable, key: Uint8Array): Uint8Array | null;
  /** Entries with from <= key < to (no `to`: to the table's end) in ascending order of the keys' bytes. What the caller changes while it walks is not promised to be seen. */
  range(
    table: WalletTable,
    from: Uint8Array,
    to: Uint8Array | null,
  ): Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
}

export interface WalletView extends WalletReader {
  /** Keys and values are not changed by anybody after they were handed over. */
  put(table: WalletTable, key: Uint8Array, value: Uint8Array): void;
  delete(table: WalletTable, key: Uint8Array): void;
}
