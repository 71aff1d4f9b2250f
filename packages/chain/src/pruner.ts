// Which checkpoints are kept: those near the tip, which every node serves, those of blocks that may still win, and in an archive all of
// the active chain. Genesis is rebuilt from its seed, so that it is no exception.

import { toHex } from '@resonancenet/bytes/hex';
import type { BlockNode } from './block-node.ts';
import { EvaluationCache } from './evaluation-cache.ts';
import type { Hex32 } from './events.ts';
import type { MachineContext } from './machine-context.ts';
import { ancestorKey, decodeHeight } from './records.ts';

export class Pruner {
  readonly #context: MachineContext;
  /** Checkpoints of the active chain below this height have been given up. */
  prunedHeight: number;

  constructor(context: MachineContext, prunedHeight: number) {
    this.#context = context;
    this.prunedHeight = prunedHeight;
  }

  /** Gives up checkpoints that fell out of the range. */
  advance(): void {
    const { active, options, params } = this.#context;
    if (options.archive) return;
    // Final blocks only, with as much again as a reorganisation may take as margin.
    const limit = Math.min(
      active.tip.height - options.keepCheckpoints + 1,
      active.final.height - params.finalityDepth + 1,
    );
    while (this.prunedHeight < limit) {
      const root = this.#rootAt(this.prunedHeight);
      this.prunedHeight += 1;
      if (root !== null) this.giveUp(root);
    }
  }

  /** Deletes a checkpoint unless something still needs it. */
  giveUp(root: Hex32): void {
    if (this.isNeeded(root)) return;
    new EvaluationCache(this.#context.view).delete(root);
    if (this.#context.checkpoints.present(root) !== null) this.#context.emit({ type: 'delete-checkpoint', root });
  }

  isNeeded(root: Hex32): boolean {
    const { index, view, options } = this.#context;
    for (const node of index.withRoot(root)) if (this.#needs(node)) return true;
    const height = view.get('roots', ancestorKey(root));
    return height !== null && (options.archive || decodeHeight(height) >= this.prunedHeight);
  }

  /** Blocks off the active chain need theirs as long as they may still win. */
  #needs(node: BlockNode): boolean {
    if (this.#context.active.contains(node)) return this.#context.options.archive || node.height >= this.prunedHeight;
    return node.invalid === null && (node.wanted || node.reached('body'));
  }

  #rootAt(height: number): Hex32 | null {
    const { active, index } = this.#context;
    const node = active.nodeAt(height);
    if (node !== undefined) return node.root;
    const id = active.idAt(height);
    const header = id === null ? null : index.storedHeader(id);
    return header === null ? null : toHex(header.checkpointRoot);
  }
}
