// Finality (CON-29): it moves forward only, what does not descend from the final block is dropped, and only the operator moves it back.

import { advanceFinality, type ConnectedBlock, nextFinalityMs } from '@resonancenet/consensus/finality';
import { assert } from '@resonancenet/bytes/assert';
import { type BlockNode, childSpacing } from './block-node.ts';
import type { Hex32 } from './events.ts';
import type { MachineContext } from './machine-context.ts';
import type { FinalityHold } from './records.ts';

export interface FinalityListener {
  /** A block that can never become active any more leaves memory and store. */
  dropped(node: BlockNode): void;
}

export class Finalizer {
  readonly #context: MachineContext;
  readonly #listener: FinalityListener;
  #hold: FinalityHold | null;

  constructor(context: MachineContext, listener: FinalityListener, hold: FinalityHold | null) {
    this.#hold = hold;
    this.#context = context;
    this.#listener = listener;
  }

  /** Moves finality as far as it goes. True if it moved. */
  advance(): boolean {
    const { active, params, time } = this.#context;
    // Only verified blocks confirm what is below them.
    const reached = advanceFinality(active.final.height, this.#connected(), active.anchor.height, time, params);
    const height = Math.min(reached, this.#holdHeight());
    if (height <= active.final.height) return false;
    this.#finalize(height);
    this.#context.emit({ type: 'finalized', blockId: active.final.id, height });
    return true;
  }

  /** Chain clock at which `advance` has more to do; null if a block has to come first. */
  nextAt(): number | null {
    const { active, params } = this.#context;
    if (this.#holdHeight() === active.final.height) return this.#hold?.until ?? null;
    return nextFinalityMs(active.final.height, this.#connected(), active.anchor.height, params);
  }

  /** The branch that finality waits for, to be stored. */
  get holds(): FinalityHold[] {
    return this.#hold === null ? [] : [this.#hold];
  }

  /** The operator wants a branch from the final block considered: its own chain must not make what is above final again before it came. */
  hold(branch: Hex32): void {
    const { active, time } = this.#context;
    this.#hold = { height: active.final.height, branch, until: time + this.#context.limits.reconsiderMs };
  }

  /** The height that finality may not pass now. */
  #holdHeight(): number {
    const { active, time } = this.#context;
    if (this.#hold === null) return Number.POSITIVE_INFINITY;
    const { height, branch, until } = this.#hold;
    // The branch is followed, or it did not come in time.
    if (time < until && active.nodeAt(height + 1)?.id !== branch) return height;
    this.#hold = null;
    return Number.POSITIVE_INFINITY;
  }

  /** The operator's command: the block at this height becomes the last final one. */
  retreat(height: number): void {
    const { active, index, params } = this.#context;
    if (height >= active.final.height) return;
    const nodes: BlockNode[] = [];
    for (let at = height; at < active.final.height; at++) {
      const id = active.idAt(at);
      const record = id === null ? null : index.storedRecord(id);
      assert(id !== null && record !== null, `the store has no active block at height ${at}`);
      const node = index.restore(id, record, nodes.at(-1) ?? null);
      index.unarchive(node);
      nodes.push(node);
    }
    const first = active.final;
    first.parent = nodes.at(-1)!;
    first.spacing = childSpacing(first.parent, params);
    first.parent.children.add(first);
    active.unfinalize(nodes);
    this.#context.view.setPurpose('reorganize');
  }

  #connected(): ConnectedBlock[] {
    const blocks: ConnectedBlock[] = [];
    const { active } = this.#context;
    for (const { height, connectedAt, spacing } of active.aboveFinal()) {
      blocks.push({ height, connectedAt, spacing });
      // Enough to see where it stops; while catching up the rest is long.
      if (blocks.length > active.anchor.height - active.final.height) break;
    }
    return blocks;
  }

  #finalize(height: number): void {
    const { active, index } = this.#context;
    const below = active.finalize(height);
    const kept = new Set<BlockNode>();
    const descend = (node: BlockNode): void => {
      for (const pending = [node]; pending.length > 0; ) {
        const next = pending.pop()!;
        kept.add(next);
        pending.push(...next.children);
      }
    };
    descend(active.final);
    const settled = new Set(below);
    const losers = [...index.all()].filter((node) => !kept.has(node) && !settled.has(node));
    for (const node of losers.sort((a, b) => b.height - a.height)) {
      this.#listener.dropped(node);
      index.remove(node);
    }
    index.flush();
    for (const node of below.reverse()) {
      node.children.clear();
      index.archive(node);
    }
  }
}
