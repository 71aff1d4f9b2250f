// Before a block is evaluated the ledger must accept it: transactions cost less than an evaluation, and whoever offers a checkpoint's chunks
// vouches for the whole block.

import type { BlockNode } from './block-node.ts';
import type { Reorganizer } from './reorganizer.ts';

export class LedgerGate {
  readonly #reorganizer: Reorganizer;
  /** Blocks of which the ledger does not know yet: their signatures are being checked, or a loss is being computed. */
  readonly #waiting = new Set<BlockNode>();

  constructor(reorganizer: Reorganizer) {
    this.#reorganizer = reorganizer;
  }

  /** Whether the ledger is known to accept the block, whose parent is trusted. */
  accepts(node: BlockNode): boolean {
    if (node.ledgerAccepts) return true;
    if (this.#waiting.has(node)) return false;
    const verdict = this.#reorganizer.tryBlock(node);
    if (verdict === null) this.#waiting.add(node);
    node.ledgerAccepts = verdict === true;
    return node.ledgerAccepts;
  }

  /** An answer came that blocks may have waited for: those to ask about again. */
  reopen(): BlockNode[] {
    const nodes = [...this.#waiting];
    this.#waiting.clear();
    return nodes;
  }

  release(node: BlockNode): void {
    this.#waiting.delete(node);
  }
}
