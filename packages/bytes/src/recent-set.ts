// A set that remembers the most recent values and forgets older ones: memory stays bounded whatever comes from outside.

export class RecentSet<T> {
  readonly #capacity: number;
  readonly #values = new Set<T>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#values.size;
  }

  has(value: T): boolean {
    return this.#values.has(value);
  }

  add(value: T): void {
    this.#values.delete(value);
    this.#values.add(value);
    const [oldest] = this.#values;
    if (this.#values.size > this.#capacity && oldest !== undefined) this.#values.delete(oldest);
  }

  delete(value: T): void {
    this.#values.delete(value);
  }

  clear(): void {
    this.#values.clear();
  }
}
