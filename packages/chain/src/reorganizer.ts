// Moving the tip. Everything that one move changes lies in one batch, and what cannot be finished is taken back to the byte: a block that the
// ledger refuses, signatures that are still being checked, a loss that is still being computed.

import { branchAbove, forkPoint } from '@resonancenet/consensus/fork-tree';
import { isAlarming } from '@resonancenet/consensus/finality';
import type { BlockConnector, Connection } from './block-connector.ts';
import type { BlockNode, Invalidity } from './block-node.ts';
import type { Hex32 } from './events.ts';
import type { MachineContext } from './machine-context.ts';
import type { SignatureJobs } from './signature-jobs.ts';

export interface MoveListener {
  /** The ledger refuses the block. */
  invalid(node: BlockNode, invalidity: Invalidity): void;
  /** The loss of this checkpoint is needed before a child of it can be connected. */
  needsLoss(node: BlockNode, dvalId: Hex32): void;
}

export interface Move {
  /** Blocks that were disconnected, highest first. */
  readonly disconnected: readonly BlockNode[];
  readonly moved: boolean;
}

const STAYED: Move = { disconnected: [], moved: false };

interface Waiting {
  readonly from: BlockNode;
  readonly to: BlockNode;
  /** The block that was looked at last, if it was one as far ahead as may be: what is beyond makes no difference. */
  readonly farthest: BlockNode | null;
  readonly knowledge: number;
}

/** How a branch was connected on the view: as far as it is known to hold. */
interface Advance {
  readonly connected: readonly BlockNode[];
  /** Why not farther; null if there is no more. `waits-far`: and no more is connected ahead; `full`: the next step goes on. */
  readonly stop: 'waits' | 'waits-far' | 'invalid' | 'full' | null;
  readonly last: BlockNode | null;
  /** The first block that needs something other than signatures, or is refused. */
  readonly stopped: { readonly node: BlockNode; readonly connection: Connection } | null;
}

export class Reorganizer {
  /** A move went as far as one batch should: there is more to do in the next step. */
  hasMore = false;
  readonly #context: MachineContext;
  readonly #connector: BlockConnector;
  readonly #signatures: SignatureJobs;
  readonly #listener: MoveListener;
  #waiting: Waiting | null = null;
  /** Grows with every answer that a move may wait for. */
  #knowledge = 0;

  constructor(context: MachineContext, connector: BlockConnector, signatures: SignatureJobs, listener: MoveListener) {
    this.#context = context;
    this.#connector = connector;
    this.#signatures = signatures;
    this.#listener = listener;
  }

  /** Something that moves may have waited for is known now. */
  learned(): void {
    this.#knowledge += 1;
  }

  /** The block leaves memory, or is refused. */
  release(node: BlockNode): void {
    this.#connector.forget(node);
  }

  /**
   * Moves the tip towards a block above the final one: onto it, or up to where the branch is not known to hold, if nothing has to be
   * disconnected for that. A branch that waits or fails otherwise leaves the tip where it is.
   */
  moveTip(to: BlockNode): Move {
    const { active, view } = this.#context;
    const from = active.tip;
    if (to === from || this.#isWaiting(from, to)) return STAYED;
    const fork = forkPoint(from, to) as BlockNode;
    const start = view.mark();
    const down = (branchAbove(from, fork) as BlockNode[]).reverse();
    for (const node of down) this.#connector.disconnect(node);
    const up = branchAbove(to, fork) as BlockNode[];
    const { connected, stop, last, stopped } = this.#advance(up, down.length === 0);
    const moved = stop === null || (down.length === 0 && connected.length > 0);
    if (moved) {
      for (const node of down) this.#leave(node);
      for (const node of connected) this.#join(node);
      this.#report(from, fork, active.tip, down.length);
    } else view.rollback(start);
    if (stop === 'waits' || stop === 'waits-far') {
      const farthest = stop === 'waits-far' ? last : null;
      this.#waiting = { from: active.tip, to, farthest, knowledge: this.#knowledge };
    }
    if (stop === 'full') this.hasMore = true;
    this.#tell(stopped);
    return moved ? { disconnected: down, moved } : STAYED;
  }

  /**
   * Whether the ledger accepts a block off the active chain; null if that is not known yet. Branches that leave the chain far below the tip are not
   * tried: the move decides.
   */
  tryBlock(node: BlockNode): boolean | null {
    const { active, view, limits } = this.#context;
    const fork = forkPoint(active.tip, node) as BlockNode;
    const up = branchAbove(node, fork) as BlockNode[];
    const down = (branchAbove(active.tip, fork) as BlockNode[]).reverse();
    if (up.length + down.length > limits.triedBlocks) return true;
    const start = view.mark();
    for (const each of down) this.#connector.disconnect(each);
    const { stop, stopped } = this.#advance(up, false);
    view.rollback(start);
    this.#tell(stopped);
    return stop === null ? true : stop === 'invalid' ? false : null;
  }

  /**
   * Connects blocks on the view, lowest first, and leaves there those that are known to hold. Signatures of several blocks are checked at
   * once: those after the first that waits are connected too, and taken back. What holds is written before more is computed ahead, if `mayStop`.
   */
  #advance(up: readonly BlockNode[], mayStop: boolean): Advance {
    const { view, limits } = this.#context;
    const connected: BlockNode[] = [];
    let mark = view.mark();
    let size = 0;
    let stop: Advance['stop'] = null;
    let last: BlockNode | null = null;
    let stopped: Advance['stopped'] = null;
    for (const node of up) {
      const waits = stop !== null;
      const isNew = !this.#connector.isPrepared(node);
      if (mayStop && connected.length > 0 && (waits ? isNew : view.size >= limits.changesPerStep)) {
        stop = 'full';
        break;
      }
      if (
        waits &&
        (this.#signatures.inFlight >= limits.signaturesInFlight || view.size - size >= limits.changesAhead)
      ) {
        stop = 'waits-far';
        break;
      }
      const connection = this.#connector.connect(node);
      const { kind } = connection;
      last = node;
      if (kind === 'connected' && !waits) {
        connected.push(node);
        mark = view.mark();
        size = view.size;
        continue;
      }
      if (kind === 'unchecked' || kind === 'needs-loss') stop = 'waits';
      if (kind === 'connected' || kind === 'unchecked') continue;
      stopped = { node, connection };
      break;
    }
    view.rollback(mark);
    return { connected, stop: stop ?? (stopped === null ? null : 'invalid'), last, stopped };
  }

  #tell(stopped: Advance['stopped']): void {
    if (stopped === null) return;
    const { node, connection } = stopped;
    if (connection.kind === 'invalid') this.#listener.invalid(node, connection.invalidity);
    if (connection.kind === 'needs-loss') this.#listener.needsLoss(node.parent!, connection.dvalId);
  }

  #isWaiting(from: BlockNode, to: BlockNode): boolean {
    const waiting = this.#waiting;
    if (waiting?.from !== from || waiting.knowledge !== this.#knowledge) return false;
    return waiting.to === to || (waiting.farthest !== null && descendsFrom(to, waiting.farthest));
  }

  #join(node: BlockNode): void {
    const { active, index, inSync, time } = this.#context;
    active.push(node);
    // Finality counts time only where the node saw the block become active among its rivals (CON-29).
    node.connectedAt = inSync ? time : null;
    index.touch(node);
    this.#connector.forget(node);
  }

  #leave(node: BlockNode): void {
    const { active, index } = this.#context;
    active.pop();
    node.connectedAt = null;
    index.touch(node);
  }

  #report(from: BlockNode, fork: BlockNode, to: BlockNode, disconnected: number): void {
    const { height } = to;
    this.#context.emit({ type: 'tip', from: from.id, to: to.id, height, disconnected });
    if (disconnected === 0) return;
    this.#context.view.setPurpose('reorganize');
    if (!isAlarming(from.height, fork.height)) return;
    const reason = `a reorganisation of ${disconnected} blocks, from height ${from.height} back to ${fork.height} and up to ${height}: look at both branches`;
    this.#context.emit({ type: 'alarm', reason, blockId: to.id });
  }
}

function descendsFrom(node: BlockNode, ancestor: BlockNode): boolean {
  let at: BlockNode | null = node;
  while (at !== null && at.height > ancestor.height) at = at.parent;
  return at === ancestor;
}
