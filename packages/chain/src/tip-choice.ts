// Which of the candidates is followed (CON-24 to CON-28), and what the losers are told.

import { compareBranches, reachOf, selectTip } from '@resonancenet/consensus/fork-choice';
import { isAlarming } from '@resonancenet/consensus/finality';
import { earliestCandidacyMs } from '@resonancenet/consensus/timing';
import { explainLoss } from './branch-claims.ts';
import type { BlockNode } from './block-node.ts';
import type { MachineContext } from './machine-context.ts';
import type { Reorganizer } from './reorganizer.ts';

export class TipChoice {
  readonly #context: MachineContext;
  readonly #reorganizer: Reorganizer;

  constructor(context: MachineContext, reorganizer: Reorganizer) {
    this.#context = context;
    this.#reorganizer = reorganizer;
  }

  /** Moves the tip to the best candidate if it is not there yet. True if it moved. */
  choose(): boolean {
    const { active } = this.#context;
    const tips = this.#candidateTips();
    const { tip, moves } = selectTip(tips, active.anchor);
    let moved = false;
    if (moves.length > 0) {
      const before = active.tip;
      const move = this.#reorganizer.moveTip(tip as BlockNode);
      // It waits for something, or was refused: then the choice is made anew.
      if (active.tip !== tip) return move.moved;
      moved = move.moved;
      const [highest] = move.disconnected;
      for (const node of active.aboveFinal()) node.reported = false;
      if (highest === before && before.reached('verified')) this.#report(before, [...tips, before]);
    }
    for (const node of tips) if (!active.contains(node) && !node.reported) this.#report(node, tips);
    return moved;
  }

  /** When the next verified block becomes a candidate (chain clock); null if none waits. */
  nextCandidateAt(): number | null {
    let earliest: number | null = null;
    for (const node of this.#context.index.verified()) {
      const at = candidateAt(node);
      if (at > this.#context.time) earliest = Math.min(earliest ?? at, at);
    }
    return earliest;
  }

  /** Candidates without a candidate on top of them. */
  #candidateTips(): BlockNode[] {
    const candidates = new Set([...this.#context.index.verified()].filter((node) => this.#isCandidate(node)));
    const below = new Set([...candidates].map((node) => node.parent));
    return [...candidates].filter((node) => !below.has(node));
  }

  /** Whether a verified block may be chosen: its own time and that of all below it has come, and nothing forbids them. */
  #isCandidate(node: BlockNode): boolean {
    const { active, time } = this.#context;
    for (let at: BlockNode | null = node; at !== null && !active.contains(at); at = at.parent)
      if (!at.isTrusted || candidateAt(at) > time) return false;
    return true;
  }

  /** Tells why a valid block is not active, and the operator if two verified branches parted too long ago. */
  #report(node: BlockNode, tips: readonly BlockNode[]): void {
    const { active } = this.#context;
    node.reported = true;
    const comparison = compareBranches(active.tip, node, reachOf([active.tip, ...tips]));
    const reason = explainLoss(comparison, active.tip.height, node.height);
    this.#context.emit({ type: 'not-active', blockId: node.id, reason });
    const { height } = comparison.fork;
    if (isAlarming(active.tip.height, height) && isAlarming(node.height, height)) {
      const text = `two verified branches have parted at height ${height} and reached ${active.tip.height} and ${node.height}: look why the network is divided`;
      this.#context.emit({ type: 'alarm', reason: text, blockId: node.id });
    }
  }
}

/** When a block becomes a candidate (CON-24): for headers that came while the node was in sync, half the spacing after the parent. */
export function candidateAt(node: BlockNode): number {
  return node.inSync && node.parent !== null ? earliestCandidacyMs(node.parent.atHandAt, node.spacing) : 0;
}
