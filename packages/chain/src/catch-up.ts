// Catching up (CON-32): while the node is not in sync it follows the best header branch by its claims. Blocks six or more below that
// branch's end need header and transactions only; the last six are verified in full before anything counts on them.

import { plainlyBetter } from '@resonancenet/consensus/fork-choice';
import { isBranchAllowed } from './branch-claims.ts';
import type { BlockNode } from './block-node.ts';
import type { MachineContext } from './machine-context.ts';

export class CatchUp {
  readonly #context: MachineContext;
  #target: BlockNode | null = null;
  /** Blocks of the branch that is followed, lowest first, from where it was not trusted when it was chosen. */
  #path: BlockNode[] = [];
  #progressAt: number;

  constructor(context: MachineContext) {
    this.#context = context;
    this.#progressAt = context.time;
  }

  /** The end of the branch that is followed; null while in sync. */
  get target(): BlockNode | null {
    return this.#target;
  }

  /** A new end of a branch. */
  consider(node: BlockNode): void {
    if (this.#context.inSync) return;
    const target = this.#target;
    if (target === null) this.choose();
    else if (node.parent === target) this.#follow(node);
    else if (plainlyBetter(node, target, Math.max(node.height, target.height)) && !this.#isStuck(node))
      this.#follow(node);
  }

  /** Chooses anew among all ends: something was removed, refused or withheld, or the tip moved. */
  choose(): void {
    const { active, index, inSync } = this.#context;
    if (inSync) {
      this.#target = null;
      this.#path = [];
      return;
    }
    let best: BlockNode = active.anchor;
    for (const node of index.all()) {
      if (node.children.size > 0 && node !== active.anchor) continue;
      if (!isBranchAllowed(this.#context, node) || this.#isStuck(node)) continue;
      if (plainlyBetter(node, best, Math.max(node.height, best.height))) best = node;
    }
    this.#follow(best);
  }

  /** Whether the block needs no evaluation: on the branch that is followed, far enough below its end. */
  isAssumable(node: BlockNode): boolean {
    const { finalityDepth } = this.#context.params;
    return this.#target !== null && node.height <= this.#target.height - finalityDepth && this.#isOnPath(node);
  }

  /** The blocks from the highest trusted one (excluded) to the target, lowest first. */
  path(): BlockNode[] {
    const first = this.#path.findIndex((node) => !node.isTrusted);
    return first < 0 ? [] : this.#path.slice(first);
  }

  /** Marks the branch as one that nobody delivers if nothing came of it for a while. */
  tick(): void {
    const first = this.path()[0];
    if (first === undefined || this.#context.time - this.#progressAt < this.#context.limits.downloadStallMs) return;
    this.#progressAt = this.#context.time;
    if (first.stage === 'header') first.withheld = true;
    if (this.#target !== null && this.#isStuck(this.#target)) this.choose();
  }

  /** Something of a block came. */
  progress(node: BlockNode): void {
    if (this.#isOnPath(node)) this.#progressAt = this.#context.time;
  }

  nextTickAt(): number | null {
    return this.#target === null || this.#target.isTrusted
      ? null
      : this.#progressAt + this.#context.limits.downloadStallMs;
  }

  #follow(node: BlockNode): void {
    // Waiting begins when there is something to wait for.
    if (this.#target === null || this.#target.isTrusted) this.#progressAt = this.#context.time;
    if (this.#target !== null && node.parent === this.#target) this.#path.push(node);
    else {
      this.#path = [];
      for (let at: BlockNode | null = node; at !== null && !at.isTrusted; at = at.parent) this.#path.push(at);
      this.#path.reverse();
    }
    this.#target = node;
  }

  #isOnPath(node: BlockNode): boolean {
    const lowest = this.#path[0];
    return lowest !== undefined && this.#path[node.height - lowest.height] === node;
  }

  /** Whether a body on the branch, or a checkpoint near its end, where it is needed, does not come. */
  #isStuck(end: BlockNode): boolean {
    let depth = 0;
    for (let at: BlockNode | null = end; at !== null && !at.isTrusted; at = at.parent, depth++)
      if (at.withheld && (at.stage === 'header' || depth < this.#context.params.finalityDepth)) return true;
    return false;
  }
}
