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
import type { BlockNode } from './block-node.ts';
import type { EvaluationCache } from './evaluation-cache.ts';
import type { Hex32 } from './events.ts';
import type { LossLookup } from './ledger.ts';
import type { MachineContext } from './machine-context.ts';

/** Losses that the caller knows beside the chain, by D_val, micro-nats. */
export type KnownLosses = ReadonlyMap<Hex32, number>;

const NO_LOSSES: KnownLosses = new Map();

export class Dvals {
  readonly #context: MachineContext;
  readonly #cache: EvaluationCache;

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

  /** The bytes of a set that was revealed on the active chain, or on a branch whose blocks are here; null if there is none. */
  revealed(id: Hex32): Uint8Array | null {
    const known = revealedShard(this.#context.view, fromHex(id));
    if (known !== null) return known;
    const { active, index } = this.#context;
    for (const node of index.all()) {
      if (node.stage === 'header' || active.contains(node)) continue;
      const found = this.#revealedIn(node, id);
      if (found !== null) return found;
    }
    return null;
  }

  #revealedIn(node: BlockNode, id: Hex32): Uint8Array | null {
    const bytes = this.#context.view.get('bodies', fromHex(node.id));
    assert(bytes !== null, `the body of block ${node.id} is stored`);
    const decoded = decodeBody(bytes, this.#context.params);
    assert(decoded.ok, `the stored body of block ${node.id} was decoded before`);
    for (const { actions } of decoded.body.transactions)
      for (const action of actions) {
        const read = action.kind === ACTION_KIND.reveal ? decodeAction(action) : null;
        if (read?.ok !== true || read.content.kind !== 'reveal') continue;
        const { shard } = read.content;
        if (equalBytes(dvalId(shard), fromHex(id))) return shard;
      }
    return null;
  }
}
