// Changes of one table that are not stored yet, by key, and in key order where somebody walks them.

export interface TableChange {
  /** `keyText` of the key. */
  readonly text: string;
  readonly key: Uint8Array;
  /** null: removed. */
  readonly value: Uint8Array | null;
  /** Number of the change among those of all tables since the last batch. */
  readonly number: number;
}

/** One character per byte: texts sort as their keys do. */
export function keyText(key: Uint8Array): string {
  return Reflect.apply(String.fromCharCode, undefined, key) as string;
}

export class TableChanges {
  readonly #changes = new Map<string, TableChange>();
  /** Keys in order, but for the fresh ones; some may have gone. Never changed in place: somebody may be walking it. */
  #sorted: readonly string[] = [];
  #fresh: string[] = [];

  get size(): number {
    return this.#changes.size;
  }

  get(text: string): TableChange | undefined {
    return this.#changes.get(text);
  }

  values(): Iterable<TableChange> {
    return this.#changes.values();
  }

  /** Returns what was there. */
  set(change: TableChange): TableChange | undefined {
    const { text } = change;
    const before = this.#changes.get(text);
    if (before === undefined) this.#fresh.push(text);
    this.#changes.set(text, change);
    return before;
  }

  delete(text: string): void {
    if (!this.#changes.delete(text)) return;
    if (this.#fresh.at(-1) === text) this.#fresh.pop();
    else if (this.#sorted.length + this.#fresh.length > 2 * this.#changes.size + SLACK) {
      this.#sorted = [];
      this.#fresh = [...this.#changes.keys()];
    }
  }

  clear(): void {
    this.#changes.clear();
    this.#sorted = [];
    this.#fresh = [];
  }

  /** Keys of changes with from <= key < to in order, as they are now. */
  *keysBetween(from: string, to: string | null): Iterable<string> {
    const keys = this.#inOrder();
    for (let at = lowerBound(keys, from); at < keys.length; at++) {
      const text = keys[at]!;
      if (to !== null && text >= to) return;
      if (this.#changes.has(text)) yield text;
    }
  }

  #inOrder(): readonly string[] {
    if (this.#fresh.length === 0) return this.#sorted;
    this.#sorted = merged(this.#sorted, this.#fresh.sort(byText));
    this.#fresh = [];
    return this.#sorted;
  }
}

/** Keys that have gone and may still be in the order. */
const SLACK = 1024;

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Both lists in one, without repetitions. */
function merged(a: readonly string[], b: readonly string[]): string[] {
  const all: string[] = [];
  let at = 0;
  for (const text of b) {
    const end = lowerBound(a, text, at);
    for (; at < end; at++) all.push(a[at]!);
    if (text !== a[at] && text !== all.at(-1)) all.push(text);
  }
  for (; at < a.length; at++) all.push(a[at]!);
  return all;
}

/** Place of the first key that is not below `text`. */
function lowerBound(keys: readonly string[], text: string, start = 0): number {
  let low = start;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
