// The store as a step sees it: what the step has changed lies over what is stored, and leaves as one batch.

import { toHex } from '@resonancenet/bytes/hex';
import type { ChainBatch, ChainTable } from './events.ts';
import type { ChainStore } from './ports.ts';

interface Change {
  readonly table: ChainTable;
  readonly key: Uint8Array;
  /** null: removed. */
  readonly value: Uint8Array | null;
}

export class StoreView {
  readonly #store: ChainStore;
  readonly #changes = new Map<string, Change>();
  #purpose: NonNullable<ChainBatch['purpose']> = 'extend';

  constructor(store: ChainStore) {
    this.#store = store;
  }

  get(table: ChainTable, key: Uint8Array): Uint8Array | null {
    const change = this.#changes.get(changeKey(table, key));
    return change === undefined ? this.#store.get(table, key) : change.value;
  }

  /** Stored entries, without the changes: for start-up. */
  stored(table: ChainTable): Iterable<readonly [Uint8Array, Uint8Array]> {
    return this.#store.entries(table);
  }

  put(table: ChainTable, key: Uint8Array, value: Uint8Array): void {
    this.#changes.set(changeKey(table, key), { table, key, value });
  }

  delete(table: ChainTable, key: Uint8Array): void {
    this.#changes.set(changeKey(table, key), { table, key, value: null });
  }

  /** Names what the batch does; undoing outranks extending. */
  setPurpose(purpose: NonNullable<ChainBatch['purpose']>): void {
    this.#purpose = purpose;
  }

  get isEmpty(): boolean {
    return this.#changes.size === 0;
  }

  /** The changes as a batch, and a clean view: the caller writes the batch before anything is read again. */
  take(): ChainBatch {
    const changes = [...this.#changes.values()];
    const purpose = this.#purpose;
    this.#changes.clear();
    this.#purpose = 'extend';
    return {
      purpose,
      puts: changes.flatMap(({ table, key, value }) => (value === null ? [] : [{ table, key, value }])),
      deletes: changes.flatMap(({ table, key, value }) => (value === null ? [{ table, key }] : [])),
    };
  }
}

function changeKey(table: ChainTable, key: Uint8Array): string {
  return `${table} ${toHex(key)}`;
}
