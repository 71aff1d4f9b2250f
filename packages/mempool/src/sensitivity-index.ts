// Which transactions of the pool must be judged anew when the tip moves.

import { IndexedHeap } from './indexed-heap.ts';
import type { PoolEntry } from './pool-entry.ts';

export class SensitivityIndex {
  readonly #ending = new IndexedHeap<PoolEntry>((a, b) => a.sensitivity.validBelow - b.sensitivity.validBelow);
  readonly #byPolicy = new Map<string, Set<PoolEntry>>();
  readonly #volatile = new Set<PoolEntry>();

  add(entry: PoolEntry): void {
    const { validBelow, policies, isVolatile } = entry.sensitivity;
    if (validBelow !== Number.POSITIVE_INFINITY) this.#ending.update(entry);
    if (isVolatile) this.#volatile.add(entry);
    for (const policy of policies) {
      const watching = this.#byPolicy.get(policy) ?? new Set<PoolEntry>();
      watching.add(entry);
      this.#byPolicy.set(policy, watching);
    }
  }

  /** With the sensitivity that it was added with. */
  remove(entry: PoolEntry): void {
    this.#ending.remove(entry);
    this.#volatile.delete(entry);
    for (const policy of entry.sensitivity.policies) {
      const watching = this.#byPolicy.get(policy);
      watching?.delete(entry);
      if (watching?.size === 0) this.#byPolicy.delete(policy);
    }
  }

  /** After blocks that touched these policies, when the next block has this height. */
  afterBlocks(policies: ReadonlySet<string>, height: number): Set<PoolEntry> {
    const found = new Set(this.#volatile);
    for (const policy of policies) for (const entry of this.#byPolicy.get(policy) ?? []) found.add(entry);
    const ended: PoolEntry[] = [];
    for (let first = this.#ending.peek(); first !== null; first = this.#ending.peek()) {
      if (first.sensitivity.validBelow > height) break;
      found.add(first);
      ended.push(first);
      this.#ending.remove(first);
    }
    for (const entry of ended) this.#ending.update(entry);
    return found;
  }

  /** After blocks above `fork` were taken back, when the next block has this height. */
  afterReorganisation(entries: Iterable<PoolEntry>, fork: number, height: number): Set<PoolEntry> {
    const found = new Set(this.#volatile);
    for (const entry of entries) {
      const { highestCoin, validFrom, policies } = entry.sensitivity;
      if (highestCoin > fork || validFrom > height || policies.length > 0) found.add(entry);
    }
    return found;
  }
}
