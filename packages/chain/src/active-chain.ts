// The active chain: in memory from the last final block up to the tip, below that in the store.

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import type { BlockNode } from './block-node.ts';
import type { Hex32 } from './events.ts';
import { encodeHeight } from './records.ts';
import type { StoreView } from './store-view.ts';

export class ActiveChain {
  readonly #view: StoreView;
  /** From the final block up. */
  #nodes: BlockNode[];
  /** Place of the highest verified block, or of the final one. */
  #anchor = 0;

  constructor(view: StoreView, nodes: readonly BlockNode[]) {
    assert(nodes.length > 0, 'the active chain has at least the final block');
    this.#view = view;
    this.#nodes = [...nodes];
    this.#findAnchor();
  }

  /** The last final block. */
  get final(): BlockNode {
    return this.#nodes[0]!;
  }

  get tip(): BlockNode {
    return this.#nodes.at(-1)!;
  }

  /** The highest block whose loss was computed; blocks above it were connected on trust during catch-up. */
  get anchor(): BlockNode {
    return this.#nodes[this.#anchor]!;
  }

  /** Blocks above the final one, lowest first. */
  aboveFinal(): readonly BlockNode[] {
    return this.#nodes.slice(1);
  }

  contains(node: BlockNode): boolean {
    return this.nodeAt(node.height) === node;
  }

  /** The block at a height from the final one up; undefined elsewhere. */
  nodeAt(height: number): BlockNode | undefined {
    return height < this.final.height ? undefined : this.#nodes[height - this.final.height];
  }

  /** Id at any height up to the tip's, else null. */
  idAt(height: number): Hex32 | null {
    if (!Number.isInteger(height) || height < 0 || height > this.tip.height) return null;
    const node = this.nodeAt(height);
    if (node !== undefined) return node.id;
    const stored = this.#view.get('heights', encodeHeight(height));
    assert(stored !== null, `the store has no active block at height ${height}`);
    return toHex(stored);
  }

  push(node: BlockNode): void {
    assert(node.parent === this.tip, 'a block is connected to the tip');
    this.#nodes.push(node);
    if (node.stage === 'verified') this.#anchor = this.#nodes.length - 1;
  }

  pop(): BlockNode {
    assert(this.#nodes.length > 1, 'a final block is never disconnected');
    const node = this.#nodes.pop()!;
    if (this.#anchor === this.#nodes.length) this.#findAnchor();
    return node;
  }

  /** Makes the block at this height the final one; returns those below it. */
  finalize(height: number): BlockNode[] {
    const below = this.#nodes.splice(0, height - this.final.height);
    this.final.parent = null;
    this.#anchor = Math.max(0, this.#anchor - below.length);
    return below;
  }

  /** Puts blocks below the final one back into memory, lowest first: the first becomes the final one. */
  unfinalize(nodes: readonly BlockNode[]): void {
    this.#nodes = [...nodes, ...this.#nodes];
    this.#findAnchor();
  }

  #findAnchor(): void {
    this.#anchor = Math.max(
      0,
      this.#nodes.findLastIndex((node) => node.stage === 'verified'),
    );
  }
}
