// Simulated time: what is due next runs next, ties in the order in which they were planned.

interface Planned {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class EventQueue {
  #heap: Planned[] = [];
  #order = 0;
  #nowMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  get isEmpty(): boolean {
    return this.#heap.length === 0;
  }

  /** Plans something for a time; what is past runs now. */
  at(atMs: number, run: () => void): void {
    this.#order += 1;
    const item: Planned = { atMs: Math.max(atMs, this.#nowMs), order: this.#order, run };
    this.#heap.push(item);
    let child = this.#heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) break;
      this.#swap(child, parent);
      child = parent;
    }
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + delayMs, run);
  }

  /** Runs everything that is due up to a time. */
  runUntil(untilMs: number): void {
    for (let first = this.#heap[0]; first !== undefined && first.atMs <= untilMs; first = this.#heap[0]) {
      this.#removeFirst();
      this.#nowMs = first.atMs;
      first.run();
    }
    this.#nowMs = untilMs;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let parent = 0; ; ) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2])
        if (child < this.#heap.length && this.#isBefore(child, least)) least = child;
      if (least === parent) return;
      this.#swap(parent, least);
      parent = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const left = this.#heap[a];
    const right = this.#heap[b];
    if (left === undefined || right === undefined) return false;
    return left.atMs !== right.atMs ? left.atMs < right.atMs : left.order < right.order;
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a];
    const other = this.#heap[b];
    if (kept === undefined || other === undefined) return;
    this.#heap[a] = other;
    this.#heap[b] = kept;
  }
}
