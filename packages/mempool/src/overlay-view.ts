// A state of the ledger laid over another one: what unconfirmed transactions would change, thrown away after use.

import type { LedgerReader, LedgerTable, LedgerView } from '@resonancenet/ledger/ledger-view';

interface Change {
  readonly key: Uint8Array;
  /** Null: deleted. */
  readonly value: Uint8Array | null;
}

export class OverlayView implements LedgerView {
  readonly #base: LedgerReader;
  readonly #changes = new Map<LedgerTable, Map<string, Change>>();

  constructor(base: LedgerReader) {
    this.#base = base;
  }

  get(table: LedgerTable, key: Uint8Array): Uint8Array | null {
    const change = this.#changes.get(table)?.get(textOf(key));
    return change === undefined ? this.#base.get(table, key) : change.value;
  }

  put(table: LedgerTable, key: Uint8Array, value: Uint8Array): void {
    this.#change(table, { key, value });
  }

  create(table: LedgerTable, key: Uint8Array, value: Uint8Array): void {
    this.#change(table, { key, value });
  }

  delete(table: LedgerTable, key: Uint8Array): void {
    this.#change(table, { key, value: null });
  }

  remove(table: LedgerTable, key: Uint8Array): void {
    this.delete(table, key);
  }

  *range(
    table: LedgerTable,
    from: Uint8Array,
    to: Uint8Array | null,
  ): Iterable<readonly [key: Uint8Array, value: Uint8Array]> {
    const [low, high] = [textOf(from), to === null ? null : textOf(to)];
    const own = [...(this.#changes.get(table) ?? [])]
      .filter(([key]) => key >= low && (high === null || key < high))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    let next = 0;
    for (const [key, value] of this.#base.range(table, from, to)) {
      const text = textOf(key);
      for (; next < own.length && own[next]![0] < text; next += 1) yield* present(own[next]![1]);
      if (own[next]?.[0] !== text) {
        yield [key, value];
        continue;
      }
      yield* present(own[next]![1]);
      next += 1;
    }
    for (; next < own.length; next += 1) yield* present(own[next]![1]);
  }

  #change(table: LedgerTable, change: Change): void {
    const changes = this.#changes.get(table) ?? new Map<string, Change>();
    changes.set(textOf(change.key), change);
    this.#changes.set(table, changes);
  }
}

function present({ key, value }: Change): (readonly [Uint8Array, Uint8Array])[] {
  return value === null ? [] : [[key, value]];
}

/** One character per byte: texts have the order of the bytes. */
function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
