// What is fetched: bodies and checkpoints of branches whose claims, taken as true, would change the tip, and of nothing else.

import type { Comparison } from '@resonancenet/consensus/fork-choice';
import { compareClaims, isBranchAllowed } from './branch-claims.ts';
import type { BlockNode } from './block-node.ts';
import type { PeerId } from './events.ts';
import type { MachineContext } from './machine-context.ts';

export interface WantListener {
  /** The block is wanted and has its body. */
  wanted(node: BlockNode): void;
  /** The block is not wanted any more. */
  unwanted(node: BlockNode): void;
}

export class Wants {
  readonly #context: MachineContext;
  readonly #listener: WantListener;
  /** Blocks whose body was asked for, by the peer they are charged to. */
  readonly #asked = new Map<PeerId, Set<BlockNode>>();
  readonly #queue = new Set<BlockNode>();

  constructor(context: MachineContext, listener: WantListener) {
    this.#context = context;
    this.#listener = listener;
  }

  /** A new end of a branch: null if the branch is wanted now, else why not (undefined: it is forbidden). */
  consider(node: BlockNode): Comparison | null | undefined {
    if (!isBranchAllowed(this.#context, node)) return undefined;
    // A longer branch is never worse, and above the active tip nobody can be late.
    const { active } = this.#context;
    const extendsWanted = node.parent?.wanted === true && node.height > active.tip.height;
    if (!extendsWanted && node.parent !== active.tip) {
      const comparison = compareClaims(this.#context, node);
      if (comparison.prefer === 'active') return comparison;
    }
    this.#mark(node);
    return null;
  }

  /** Decides anew about every branch: the tip moved, or something was refused or allowed. */
  refresh(): void {
    const { index, active } = this.#context;
    const before = new Set<BlockNode>();
    const ends: BlockNode[] = [];
    for (const node of index.all()) {
      if (node.wanted) before.add(node);
      node.wanted = false;
      if (node.children.size === 0 && !active.contains(node)) ends.push(node);
    }
    for (const end of ends) {
      // Where the end of a branch is late, a part of it may not be.
      for (let at: BlockNode | null = end; at !== null && !active.contains(at) && !at.wanted; at = at.parent) {
        if (at.reached('verified')) break;
        const comparison = this.consider(at);
        if (comparison === null || comparison?.reason !== 'late') break;
      }
    }
    for (const node of before) {
      if (node.wanted || active.contains(node)) continue;
      this.release(node);
      this.#listener.unwanted(node);
    }
  }

  /** The block is charged to somebody else now. */
  retry(node: BlockNode): void {
    if (this.#queue.has(node) && this.#askBody(node)) this.#queue.delete(node);
  }

  /** The block's body came, or the block goes. */
  release(node: BlockNode): void {
    this.#queue.delete(node);
    if (!node.bodyAsked) return;
    node.bodyAsked = false;
    for (const [owner, nodes] of this.#asked) {
      nodes.delete(node);
      if (nodes.size === 0) this.#asked.delete(owner);
    }
    for (const next of [...this.#queue]) if (this.#askBody(next)) this.#queue.delete(next);
  }

  #mark(end: BlockNode): void {
    const { active } = this.#context;
    const path: BlockNode[] = [];
    for (let at: BlockNode | null = end; at !== null && !at.wanted && !active.contains(at); at = at.parent)
      path.push(at);
    for (const node of path.reverse()) {
      node.wanted = true;
      if (node.stage !== 'header') this.#listener.wanted(node);
      else if (!node.bodyAsked && !this.#askBody(node)) this.#queue.add(node);
    }
  }

  #askBody(node: BlockNode): boolean {
    const asked = this.#asked.get(node.owner) ?? new Set<BlockNode>();
    if (asked.size >= this.#context.limits.bodiesPerPeer) return false;
    asked.add(node);
    this.#asked.set(node.owner, asked);
    node.bodyAsked = true;
    this.#context.emit({ type: 'want-body', blockId: node.id });
    return true;
  }
}
