// Blocks that were connected once and taken back, because something is still waited for: what they change is kept, so that it is not computed
// again. The state of a parent is a function of its chain, so what a block changes on it is too.

import type { Hex32 } from './events.ts';
import type { EntryChange } from './store-view.ts';

export class PreparedBlocks {
  readonly #maxChanges: number;
  readonly #blocks = new Map<Hex32, readonly EntryChange[]>();
  #changes = 0;

  /** `maxChanges`: entries of all blocks together; those that nobody asked for the longest give way. */
  constructor(maxChanges: number) {
    this.#maxChanges = maxChanges;
  }

  has(blockId: Hex32): boolean {
    return this.#blocks.has(blockId);
  }

  get(blockId: Hex32): readonly EntryChange[] | undefined {
    const changes = this.#blocks.get(blockId);
    if (changes === undefined) return undefined;
    this.#blocks.delete(blockId);
    this.#blocks.set(blockId, changes);
    return changes;
  }

  keep(blockId: Hex32, changes: readonly EntryChange[]): void {
    this.forget(blockId);
    if (changes.length > this.#maxChanges) return;
    this.#blocks.set(blockId, changes);
    this.#changes += changes.length;
    for (const [oldest] of this.#blocks) {
      if (this.#changes <= this.#maxChanges) return;
      this.forget(oldest);
    }
  }

  forget(blockId: Hex32): void {
    const changes = this.#blocks.get(blockId);
    if (changes === undefined) return;
    this.#blocks.delete(blockId);
    this.#changes -= changes.length;
  }
}
