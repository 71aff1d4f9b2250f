// Validation sets as the chain knows them: which one a child of the tip must use, which ones a header may claim, and the bytes of those that
// were revealed (CON-10, LED-25, LED-27).

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { decodeBody } from '@resonancenet/consensus/admission-checks';
import { isReserve, isStalled } from '@resonancenet/consensus/dval-rotation';
import type { ParentView } from '@resonancenet/consensus/header-checks';
import { decideDval, mayActivate } from '@resonancenet/ledger/rotation/required-dval';
import { revealedShard } from '@resonancenet/ledger/rotation/rotation-records';
import { dvalId } from '@resonancenet/params/dval';
import { ACTION_KIND, decodeAction } from '@resonancenet/primitives/action-content';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { Transaction } from '@resonancenet/primitives/transaction';
import type { BlockNode } from './block-node.ts';
import type { EvaluationCache } from './evaluation-cache.ts';
import type { Hex32 } from './events.ts';
import type { LossLookup } from './ledger.ts';
import type { MachineContext } from './machine-context.ts';

/** Losses that the caller knows beside the chain, by D_val, micro-nats. */
export type KnownLosses = ReadonlyMap<Hex32, number>;

const NO_LOSSES: KnownLosses = new Map();

/** Revealed sets of inactive branches that are remembered; a block of mainnet holds at most seven. */
const MAX_REVEALING = 4_096;

export class Dvals {
  readonly #context: MachineContext;
  readonly #cache: EvaluationCache;
  /** By D_val the block whose body reveals it, for sets that the state of the active chain may not have. */
  readonly #revealing = new Map<Hex32, Hex32>();

  constructor(context: MachineContext, cache: EvaluationCache) {
    this.#context = context;
    this.#cache = cache;
  }

  /**
   * The set that a child of the tip with this timestamp must use. While that depends on a loss of the tip that is not known, it is the proposed
   * set on which the loss is needed.
   */
  ofChild(timestamp: bigint, known: KnownLosses = NO_LOSSES): Hex32 {
    const { active, params, view } = this.#context;
    const { tip } = active;
    const { valLoss, growth } = tip;
    const parent = {
      valLoss,
      growth,
      timestamp: tip.timestamp,
      checkpointRoot: fromHex(tip.root),
      dvalId: fromHex(tip.dvalId),
    };
    const lossOf: LossLookup = (root, id) => known.get(toHex(id)) ?? this.#cache.lossOf(toHex(root), toHex(id), params);
    const decided = decideDval(view, { height: tip.height + 1, timestamp }, parent, params, lossOf);
    return toHex(decided.ok ? decided.decision.dvalId : decided.needs.dvalId);
  }

  /** Whether a proposed set may come into force with this header; `onActive`: its parent is of the active chain, elsewhere nothing is known. */
  mayActivate(header: BlockHeader, parent: ParentView, onActive: boolean): boolean {
    const { params, view } = this.#context;
    if (!onActive) return true;
    return mayActivate(view, header.dvalId, header.height, isStalled(parent, header.timestamp, params));
  }

  /** Whether the block claims a set that is neither its parent's nor the network's: before more is fetched for it, the ledger must agree. */
  isProposed({ dvalId: id, parent }: BlockNode): boolean {
    return parent !== null && parent.dvalId !== id && !isReserve(fromHex(id), this.#context.params);
  }

  /** A body that is here now: what it reveals can be evaluated on, also while its branch is not active. */
  noteBody(blockId: Hex32, transactions: readonly Transaction[]): void {
    for (const shard of reveals(transactions)) this.#revealing.set(toHex(dvalId(shard)), blockId);
    for (const [oldest] of this.#revealing) {
      if (this.#revealing.size <= MAX_REVEALING) return;
      this.#revealing.delete(oldest);
    }
  }

  /** The same for the bodies that were here when the node stopped. */
  noteStored(): void {
    const { active, index } = this.#context;
    for (const node of index.all()) {
      if (node.stage === 'header' || active.contains(node)) continue;
      const transactions = this.#transactionsOf(node.id);
      if (transactions !== null) this.noteBody(node.id, transactions);
    }
  }

  /** The bytes of a set that was revealed on the active chain, or on a branch whose blocks are here; null if there is none. */
  revealed(id: Hex32): Uint8Array | null {
    const known = revealedShard(this.#context.view, fromHex(id));
    const blockId = this.#revealing.get(id);
    if (known !== null || blockId === undefined) return known;
    for (const shard of reveals(this.#transactionsOf(blockId) ?? []))
      if (equalBytes(dvalId(shard), fromHex(id))) return shard;
    return null;
  }

  /** null: the block is not here any more. */
  #transactionsOf(blockId: Hex32): readonly Transaction[] | null {
    const bytes = this.#context.view.get('bodies', fromHex(blockId));
    if (bytes === null) return null;
    const decoded = decodeBody(bytes, this.#context.params);
    assert(decoded.ok, `the stored body of block ${blockId} was decoded before`);
    return decoded.body.transactions;
  }
}

/** Sets that transactions reveal. */
function* reveals(transactions: readonly Transaction[]): Generator<Uint8Array> {
  for (const { actions } of transactions)
    for (const action of actions) {
      const read = action.kind === ACTION_KIND.reveal ? decodeAction(action) : null;
      if (read?.ok === true && read.content.kind === 'reveal') yield read.content.shard;
    }
}
