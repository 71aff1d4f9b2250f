// A heap whose items know their place in it, so that one whose order has changed is moved and one that goes is taken out.

/** The item that comes first is on top. `compare` is negative if the first of two comes first. */
export class IndexedHeap<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #items: T[] = [];
  readonly #places = new Map<T, number>();

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  has(item: T): boolean {
    return this.#places.has(item);
  }

  /** The first item; null if there is none. */
  peek(): T | null {
    return this.#items[0] ?? null;
  }

  /** Takes the first item out; null if there is none. */
  pop(): T | null {
    const first = this.peek();
    if (first !== null) this.remove(first);
    return first;
  }

  /** Adds an item, or moves it to where it belongs now. */
  update(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) {
      this.#place(item, this.#items.length);
      this.#rise(this.#items.length - 1);
    } else {
      this.#rise(place);
      this.#sink(this.#places.get(item)!);
    }
  }

  remove(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    const last = this.#items.pop()!;
    if (last === item) return;
    this.#place(last, place);
    this.#rise(place);
    this.#sink(this.#places.get(last)!);
  }

  #place(item: T, place: number): void {
    this.#items[place] = item;
    this.#places.set(item, place);
  }

  #rise(from: number): void {
    for (let child = from; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (this.#compare(this.#items[child]!, this.#items[parent]!) >= 0) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #sink(from: number): void {
    for (let parent = from; ; ) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2])
        if (child < this.#items.length && this.#compare(this.#items[child]!, this.#items[least]!) < 0) least = child;
      if (least === parent) return;
      this.#swap(parent, least);
      parent = least;
    }
  }

  #swap(a: number, b: number): void {
    const kept = this.#items[a]!;
    this.#place(this.#items[b]!, a);
    this.#place(kept, b);
  }
}
