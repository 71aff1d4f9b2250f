// Headers of branches that leave the active chain below the final block (CON-29). Nothing of them is fetched; they are kept for the alarm
// and for the operator, whose `reconsiderblock` makes blocks of them.

import { toHex } from '@resonancenet/bytes/hex';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { Hex32, PeerId } from './events.ts';

/** Headers that are kept, in all. */
const MAX_FOREIGN = 2048;
/** Headers with one parent. */
const MAX_SIBLINGS = 8;

export interface ForeignBlock {
  readonly id: Hex32;
  readonly header: BlockHeader;
  readonly peer: PeerId;
  /** Height of the active chain's block that the branch leaves from. */
  readonly forkHeight: number;
}

export class ForeignBranches {
  readonly #blocks = new Map<Hex32, ForeignBlock>();
  readonly #siblings = new Map<Hex32, number>();

  get(id: Hex32): ForeignBlock | undefined {
    return this.#blocks.get(id);
  }

  /** Keeps a header, at the cost of the branch that came first if there are too many; false if its parent has enough children. */
  add(block: ForeignBlock): boolean {
    const parent = toHex(block.header.prevHash);
    const siblings = this.#siblings.get(parent) ?? 0;
    if (this.#blocks.has(block.id) || siblings >= MAX_SIBLINGS) return false;
    if (this.#blocks.size >= MAX_FOREIGN) {
      const oldest = this.#blocks.keys().next().value!;
      for (const { id } of this.descendants(oldest)) this.remove(id);
      this.remove(oldest);
      // It may have been the branch that this header belongs to.
      if (block.header.height > block.forkHeight + 1 && !this.#blocks.has(parent)) return false;
    }
    this.#blocks.set(block.id, block);
    this.#siblings.set(parent, siblings + 1);
    return true;
  }

  /** A header and those below it down to the active chain, lowest first. */
  branch(id: Hex32): ForeignBlock[] {
    const branch: ForeignBlock[] = [];
    for (let at = this.#blocks.get(id); at !== undefined; at = this.#blocks.get(toHex(at.header.prevHash)))
      branch.push(at);
    return branch.reverse();
  }

  /** Everything that descends from a header. */
  descendants(id: Hex32): ForeignBlock[] {
    const found = new Set([id]);
    // Headers are kept after their parents.
    return [...this.#blocks.values()].filter((block) => {
      if (!found.has(toHex(block.header.prevHash))) return false;
      found.add(block.id);
      return true;
    });
  }

  remove(id: Hex32): void {
    const block = this.#blocks.get(id);
    if (block === undefined) return;
    this.#blocks.delete(id);
    const parent = toHex(block.header.prevHash);
    const siblings = (this.#siblings.get(parent) ?? 1) - 1;
    if (siblings === 0) this.#siblings.delete(parent);
    else this.#siblings.set(parent, siblings);
  }
}
