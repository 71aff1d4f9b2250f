// A wallet's tables in memory, for tests.

import { compareBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import type { WalletChange } from '../wallet-changes.ts';
import { WALLET_TABLES, type WalletTable, type WalletView } from '../wallet-view.ts';

type Entry = readonly [key: Uint8Array, value: Uint8Array];

export class MemoryWallet implements WalletView {
  readonly #tables = new Map<WalletTable, Map<string, Entry>>(WALLET_TABLES.map((table) => [table, new Map()]));
  readonly #sorted = new Map<WalletTable, readonly Entry[]>();

  get(table: WalletTable, key: Uint8Array): Uint8Array | null {
    return this.#tables.get(table)!.get(toHex(key))?.[1] ?? null;
  }

  *range(table: WalletTable, from: Uint8Array, to: Uint8Array | null): Iterable<Entry> {
    const entries = this.#inOrder(table);
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes(entries[middle]![0], from) < 0) low = middle + 1;
      else high = middle;
    }
    for (; low < entries.length; low++) {
      const entry = entries[low]!;
      if (to !== null && compareBytes(entry[0], to) >= 0) return;
      yield entry;
    }
  }

  put(table: WalletTable, key: Uint8Array, value: Uint8Array): void {
    this.#tables.get(table)!.set(toHex(key), [key, value]);
    this.#sorted.delete(table);
  }

  delete(table: WalletTable, key: Uint8Array): void {
    this.#tables.get(table)!.delete(toHex(key));
    this.#sorted.delete(table);
  }

  apply(changes: readonly WalletChange[]): void {
    for (const { table, key, after } of changes) {
      if (after === null) this.delete(table, key);
      else this.put(table, key, after);
    }
  }

  /** All entries as text, to be compared. */
  dump(): string {
    const lines = WALLET_TABLES.flatMap((table) =>
      this.#inOrder(table).map(([key, value]) => `${table} ${toHex(key)} ${toHex(value)}`),
    );
    return lines.join('\n');
  }

  #inOrder(table: WalletTable): readonly Entry[] {
    const known = this.#sorted.get(table);
    if (known !== undefined) return known;
    const sorted = [...this.#tables.get(table)!.values()].sort((a, b) => compareBytes(a[0], b[0]));
    this.#sorted.set(table, sorted);
    return sorted;
  }
}
