// Questions about the chain that P2P, RPC and the miner ask between steps. None of them changes anything.

import { assert } from '@resonancenet/bytes/assert';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { decodeBody } from '@resonancenet/consensus/admission-checks';
import { dvalDeadline } from '@resonancenet/consensus/dval-rotation';
import { parentLossOn } from '@resonancenet/consensus/evaluation-checks';
import { nextGrowth } from '@resonancenet/consensus/growth';
import { decodeCoin, coinKey, type Coin } from '@resonancenet/ledger/coin';
import type { LedgerReader } from '@resonancenet/ledger/ledger-view';
import { readTotals, type Totals } from '@resonancenet/ledger/totals';
import type { CheckpointDescription } from '@resonancenet/model/checkpoint-header';
import type { BlockHeader } from '@resonancenet/primitives/header';
import { type Outpoint, type Output, type Transaction, txid } from '@resonancenet/primitives/transaction';
import { type BlockNode, checkpointDescription, childSpacing } from './block-node.ts';
import type { Downloads } from './downloads.ts';
import type { Dvals, KnownLosses } from './dvals.ts';
import type { EvaluationCache } from './evaluation-cache.ts';
import type { Hex32 } from './events.ts';
import type { ForeignBranches } from './foreign-branches.ts';
import type { MachineContext } from './machine-context.ts';
import { ancestorKey, decodeHeight, decodePlace, type Stage } from './records.ts';

/** What is decided about a block: everything is known to hold; nothing is decided yet; or it cannot become active as things stand. */
export type Standing = 'verified' | 'pending' | 'dead';

/** What a block of the active chain paid. */
export interface RewardRecord {
  readonly blockId: Hex32;
  readonly txid: Hex32;
  readonly outputs: readonly Output[];
}

export interface TransactionRecord {
  readonly blockId: Hex32;
  readonly height: number;
  /** 0: the coinbase. */
  readonly place: number;
  readonly transaction: Transaction;
}

export interface ChainPoint {
  readonly id: Hex32;
  readonly height: number;
}

export interface BlockStatus extends ChainPoint {
  /** `invalid`: refused by the rules. `forbidden`: by `invalidateblock`, here or below. `foreign`: leaves the chain below finality. */
  readonly status: Stage | 'invalid' | 'forbidden' | 'foreign';
  readonly active: boolean;
  readonly final: boolean;
  /** Why it is invalid. */
  readonly reason: { readonly code: string; readonly detail: string } | null;
  /** Blocks of its branch above the active chain; 0 on it. */
  readonly branchLength: number;
  /** For people. */
  readonly text: string;
}

/** What the next block must be, computed before training (CON-5, CON-6, CON-9, CON-10). */
export interface ExpectedChild {
  readonly parentId: Hex32;
  readonly parentRoot: Hex32;
  readonly height: number;
  readonly timestamp: bigint;
  /** The least timestamp that a block on this parent may have. */
  readonly earliest: bigint;
  readonly growth: bigint;
  readonly stagnation: number;
  readonly checkpoint: CheckpointDescription;
  readonly dvalId: Hex32;
  /** Micro-nats; null while the parent's checkpoint is being evaluated on a new D_val. */
  readonly parentLoss: number | null;
  /** The greatest val_loss that is valid; null as above. */
  readonly maxValLoss: number | null;
  /** Of the parent's state: with both losses they give the reward (LED-22). */
  readonly totals: Totals;
  /** Timestamp from which another D_val must be used; null for block 1. */
  readonly dvalDeadline: bigint | null;
}

export class ChainQueries {
  readonly #context: MachineContext;
  readonly #cache: EvaluationCache;
  readonly #dvals: Dvals;
  readonly #downloads: Downloads;
  readonly #foreign: ForeignBranches;

  constructor(
    context: MachineContext,
    cache: EvaluationCache,
    dvals: Dvals,
    downloads: Downloads,
    foreign: ForeignBranches,
  ) {
    this.#context = context;
    this.#cache = cache;
    this.#dvals = dvals;
    this.#downloads = downloads;
    this.#foreign = foreign;
  }

  tip(): ChainPoint & { readonly header: BlockHeader } {
    const { tip } = this.#context.active;
    return { id: tip.id, height: tip.height, header: this.#context.index.headerOf(tip) };
  }

  finalizedHeight(): number {
    return this.#context.active.final.height;
  }

  inSync(): boolean {
    return this.#context.inSync;
  }

  /** Any header that is known, also of final blocks. */
  header(id: Hex32): BlockHeader | null {
    const node = this.#context.index.get(id);
    if (node !== undefined) return this.#context.index.headerOf(node);
    return this.#foreign.get(id)?.header ?? this.#context.index.storedHeader(id);
  }

  heightOf(id: Hex32): number | null {
    return this.header(id)?.height ?? null;
  }

  /** Id of the active chain's block at a height. */
  activeChainAt(height: number): Hex32 | null {
    return this.#context.active.idAt(height);
  }

  isActive(id: Hex32): boolean {
    const height = this.heightOf(id);
    return height !== null && this.#context.active.idAt(height) === id;
  }

  /** The encoded body; null if it is not here. Genesis has none. */
  bodyBytes(id: Hex32): Uint8Array | null {
    return this.#context.view.get('bodies', fromHex(id));
  }

  status(id: Hex32): BlockStatus | null {
    const { index, active } = this.#context;
    const node = index.get(id);
    if (node !== undefined) return this.#statusOf(node);
    const foreign = this.#foreign.get(id);
    if (foreign !== undefined) {
      const { header, forkHeight } = foreign;
      return describeBlock({
        id,
        height: header.height,
        status: 'foreign',
        active: false,
        final: false,
        reason: null,
        branchLength: header.height - forkHeight,
      });
    }
    const record = index.storedRecord(id);
    if (record === null) return null;
    const { height } = record.header;
    const isActive = active.idAt(height) === id;
    const facts = {
      id,
      height,
      status: record.stage,
      active: isActive,
      final: isActive,
      reason: null,
      branchLength: 0,
    };
    return describeBlock(facts);
  }

  /** Whether a header that a peer has is one that this node still has to decide on. Asked often: bare headers cost no walk. */
  statusOf(id: Hex32): Standing | null {
    const node = this.#context.index.get(id);
    // A header whose claims would not change the tip is decided on, and so is one whose data nobody delivers. None that is forbidden is wanted.
    if (node !== undefined && !node.reached('assumed'))
      return node.invalid === null && node.wanted && !node.withheld ? 'pending' : 'dead';
    const status = this.status(id);
    if (status === null) return null;
    return status.status === 'verified' || status.status === 'assumed' ? 'verified' : 'dead';
  }

  /** Whether the block was fully verified and may be vouched for. */
  isVerified(id: Hex32): boolean {
    return this.status(id)?.status === 'verified';
  }

  /** Ends of all branches above the last final block, the active one first, then the highest. */
  tips(): BlockStatus[] {
    const { index, active } = this.#context;
    const ends = [...index.all()].filter((node) => node.children.size === 0 && node !== active.tip);
    ends.sort((a, b) => b.height - a.height || (a.id < b.id ? -1 : 1));
    return [active.tip, ...ends].map((node) => this.#statusOf(node));
  }

  /** Ids of the active chain from the tip down: ten one by one, then ever farther apart, genesis last (P2P-15). */
  locator(): Hex32[] {
    const { active } = this.#context;
    const ids: Hex32[] = [];
    let step = 1;
    for (let height = active.tip.height; height > 0 && ids.length < this.#context.limits.locator - 1; height -= step) {
      ids.push(active.idAt(height)!);
      if (ids.length >= LOCATOR_STEPS) step *= 2;
    }
    ids.push(active.idAt(0)!);
    return ids;
  }

  /** Headers of the active chain after the first id of a locator that lies on it (else after genesis), lowest first (P2P-15). */
  headersAfter(locator: readonly Hex32[], max: number = this.#context.limits.headersPerAnswer): BlockHeader[] {
    const { active } = this.#context;
    const common = locator.find((id) => this.isActive(id));
    const start = common === undefined ? 0 : (this.heightOf(common) ?? 0);
    const end = Math.min(active.tip.height, start + Math.min(max, this.#context.limits.headersPerAnswer));
    const headers: BlockHeader[] = [];
    for (let height = start + 1; height <= end; height++) headers.push(this.header(active.idAt(height)!)!);
    return headers;
  }

  /** Chunks of a wanted checkpoint that are not here yet. */
  missingChunks(root: Hex32): readonly number[] {
    return this.#downloads.missing(root);
  }

  /** Whether the checkpoint is complete and belongs to a block that was fully verified, so that it may be offered. */
  canOffer(root: Hex32): boolean {
    const { index, checkpoints, view } = this.#context;
    if (!checkpoints.isComplete(root)) return false;
    for (const node of index.withRoot(root)) if (node.stage === 'verified' && node.invalid === null) return true;
    const height = view.get('roots', ancestorKey(root));
    const id = height === null ? null : this.activeChainAt(decodeHeight(height));
    return id !== null && this.isVerified(id);
  }

  /** What a block of the active chain paid; null elsewhere and for genesis. */
  reward(id: Hex32): RewardRecord | null {
    const coinbase = this.isActive(id) ? this.#transactionsOf(id)?.[0] : undefined;
    return coinbase === undefined ? null : { blockId: id, txid: toHex(txid(coinbase)), outputs: coinbase.outputs };
  }

  /** The state of the ledger at the tip; valid until the next step. */
  get ledger(): LedgerReader {
    return this.#context.view;
  }

  /** Sums of all money at the tip. */
  totals(): Totals {
    return readTotals(this.ledger);
  }

  /** An unspent output; null if there is none. */
  coin({ txid: id, index }: Outpoint): Coin | null {
    const bytes = this.ledger.get('coins', coinKey(id, index));
    return bytes === null ? null : decodeCoin(bytes);
  }

  /** A transaction of the active chain; null if there is none or it is not looked for by an index (`transactionIndex`). */
  transaction(id: Hex32): TransactionRecord | null {
    const bytes = this.#context.view.get('transactions', fromHex(id));
    if (bytes === null) return null;
    const { height, place } = decodePlace(bytes);
    const blockId = this.activeChainAt(height)!;
    return { blockId, height, place, transaction: this.#transactionsOf(blockId)![place]! };
  }

  /** All that a miner must know to build on the tip with this timestamp (Unix seconds). */
  expectedChild(timestamp: bigint): ExpectedChild {
    const { params, active } = this.#context;
    const { tip } = active;
    const { growth, stagnation } = nextGrowth(tip, timestamp, params);
    const dvalId = this.#dvals.ofChild(timestamp);
    const parentLoss = this.#lossOn(tip, dvalId);
    return {
      parentId: tip.id,
      parentRoot: tip.root,
      height: tip.height + 1,
      timestamp,
      earliest: tip.timestamp + BigInt(childSpacing(tip, params)),
      growth,
      stagnation,
      checkpoint: checkpointDescription(growth, params),
      dvalId,
      parentLoss,
      maxValLoss: parentLoss === null ? null : parentLoss - params.lossStep,
      totals: this.totals(),
      dvalDeadline: dvalDeadline(tip, params),
    };
  }

  #transactionsOf(id: Hex32): readonly Transaction[] | null {
    const bytes = this.bodyBytes(id);
    if (bytes === null) return null;
    const decoded = decodeBody(bytes, this.#context.params);
    assert(decoded.ok, `the stored body of block ${id} was decoded before`);
    return decoded.body.transactions;
  }

  /**
   * The D_val of a child of the tip with this timestamp (LED-27). Where it depends on a loss of the tip that neither the chain nor the caller knows,
   * it is the proposed set on which the loss is needed.
   */
  dvalAt(timestamp: bigint, known: KnownLosses): Hex32 {
    return this.#dvals.ofChild(timestamp, known);
  }

  /** Bytes of a validation set that was revealed on a branch that is known here (NET-7); null if there is none. */
  revealedDval(id: Hex32): Uint8Array | null {
    return this.#dvals.revealed(id);
  }

  #lossOn(tip: BlockNode, dvalId: Hex32): number | null {
    if (tip.dvalId === dvalId) return tip.valLoss;
    const known = this.#cache.get(tip.root, dvalId);
    return known === null ? null : parentLossOn(known.sums, tip.valLoss, this.#context.params);
  }

  #statusOf(node: BlockNode): BlockStatus {
    const { active } = this.#context;
    const isActive = active.contains(node);
    let forbidden = false;
    for (let at: BlockNode | null = node; at !== null && !isActive && !active.contains(at); at = at.parent)
      forbidden ||= at.forbidden;
    return describeBlock({
      id: node.id,
      height: node.height,
      status: node.invalid !== null ? 'invalid' : forbidden ? 'forbidden' : node.stage,
      active: isActive,
      final: node === active.final,
      reason: node.invalid,
      branchLength: this.#branchLength(node),
    });
  }

  #branchLength(node: BlockNode): number {
    let length = 0;
    for (let at: BlockNode | null = node; at !== null && !this.#context.active.contains(at); at = at.parent)
      length += 1;
    return length;
  }
}

const TEXTS: Readonly<Record<BlockStatus['status'], string>> = {
  header: 'headers only',
  body: 'waiting for its checkpoint or evaluation',
  assumed: 'not evaluated: below the last six blocks when the node caught up',
  verified: 'fully verified, a rival is followed',
  invalid: 'invalid',
  forbidden: 'invalidated by the operator',
  foreign: 'leaves the chain below the last final block',
};

function describeBlock(facts: Omit<BlockStatus, 'text'>): BlockStatus {
  const { status, active, final, reason } = facts;
  const plain = active ? (final ? 'active, final' : 'active') : TEXTS[status];
  return { ...facts, text: reason === null ? plain : `${plain}: ${reason.code}, ${reason.detail}` };
}

/** Ids of a locator that follow each other directly. */
const LOCATOR_STEPS = 10;
