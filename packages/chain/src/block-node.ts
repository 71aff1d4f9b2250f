// A block in memory: everything above the last final block, and that block itself as the root.

import { toHex } from '@resonancenet/bytes/hex';
import type { ForkBlock } from '@resonancenet/consensus/fork-tree';
import { shapeAt } from '@resonancenet/consensus/growth';
import { countedSeenAt, type Outage, revealedAt } from '@resonancenet/consensus/late';
import { minSpacing } from '@resonancenet/consensus/timing';
import type { VerdictCode } from '@resonancenet/consensus/verdict-codes';
import type { CheckpointDescription } from '@resonancenet/model/checkpoint-header';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { Hex32, PeerId } from './events.ts';
import { type BlockRecord, STAGES, type Stage } from './records.ts';

/** Spans out of contact, one list for all blocks: when a rival becomes late depends on them. */
export interface ContactLog {
  outages: readonly Outage[];
}

export interface Invalidity {
  readonly code: VerdictCode;
  readonly detail: string;
}

export interface BlockNodeFacts {
  readonly id: Hex32;
  readonly header: BlockHeader;
  readonly parent: BlockNode | null;
  /** Seconds that the block must keep from its parent. */
  readonly spacing: number;
  readonly owner: PeerId;
  readonly inSync: boolean;
  readonly headerSeenAt: number;
}

export class BlockNode implements ForkBlock {
  readonly id: Hex32;
  readonly height: number;
  readonly valLoss: number;
  readonly parentLoss: number;
  readonly timestamp: bigint;
  readonly growth: bigint;
  readonly root: Hex32;
  readonly dvalId: Hex32;
  readonly inSync: boolean;
  readonly headerSeenAt: number;
  readonly children: Set<BlockNode> = new Set();
  /** Seconds that it must keep from its parent; 0 for the root of the view. */
  spacing: number;
  /** null for the root of the view. */
  parent: BlockNode | null;
  /** null where it is to be read from the store, which holds it. */
  header: BlockHeader | null;
  /** The peer that the block is charged to; null: ours, or nobody's since it has a body. */
  owner: PeerId;
  ours: boolean;
  stage: Stage = 'header';
  invalid: Invalidity | null = null;
  forbidden = false;
  chunksAt: number | null = null;
  connectedAt: number | null = null;
  /** The operator has decided that it is not late (`reconsiderblock`). */
  excused = false;
  /** Its claims, taken as true, would change the tip, so the rest of it is fetched. */
  wanted = false;
  bodyAsked = false;
  /** Peers that sent its chunks: they vouched for the block. */
  chunkSenders: readonly PeerId[] = [];
  /** Nobody delivers its chunks. */
  withheld = false;
  /** The ledger accepts its transactions, signatures included. Not stored: whoever starts anew finds out again. */
  ledgerAccepts = false;
  /** Whether the outcome of the competition was already told. */
  reported = false;
  /** Whether the store has it, and whether it has it as it is now. */
  stored = false;
  dirty = true;
  readonly #contact: ContactLog;

  constructor(facts: BlockNodeFacts, contact: ContactLog) {
    const { header } = facts;
    this.id = facts.id;
    this.parent = facts.parent;
    this.header = header;
    this.height = header.height;
    this.valLoss = header.valLoss;
    this.parentLoss = header.parentLoss;
    this.timestamp = header.timestamp;
    this.growth = header.growth;
    this.root = toHex(header.checkpointRoot);
    this.dvalId = toHex(header.dvalId);
    this.spacing = facts.spacing;
    this.owner = facts.owner;
    this.ours = facts.owner === null;
    this.inSync = facts.inSync;
    this.headerSeenAt = facts.headerSeenAt;
    this.#contact = contact;
  }

  /** CON-27: before its chunks have come, as if they came in time. */
  get seenAt(): number {
    if (this.excused) return 0;
    return this.chunksAt === null ? this.headerSeenAt : countedSeenAt(this.headerSeenAt, this.chunksAt, this.spacing);
  }

  /** CON-27: a block whose chunks are not here makes nobody late. */
  get revealedAt(): number {
    return this.chunksAt === null
      ? Number.POSITIVE_INFINITY
      : revealedAt(this.chunksAt, this.#contact.outages, this.spacing);
  }

  /** When the block was at hand, from which its children's time counts (CON-24). */
  get atHandAt(): number {
    return this.chunksAt ?? this.connectedAt ?? this.headerSeenAt;
  }

  reached(stage: Stage): boolean {
    return STAGES.indexOf(this.stage) >= STAGES.indexOf(stage);
  }

  /** Whether children may be verified on it: its own loss is verified or assumed, and so are all below. */
  get isTrusted(): boolean {
    return this.reached('assumed') && this.isAllowed;
  }

  /** Whether neither the rules nor the operator forbid it. Descendants of a forbidden block are forbidden too. */
  get isAllowed(): boolean {
    return this.invalid === null && !this.forbidden;
  }
}

/** What the file of a block's checkpoint must say of itself. */
export function checkpointDescription(growth: bigint, params: NetworkParams): CheckpointDescription {
  return { shape: shapeAt(growth, params), baseLayers: params.baseShape.layers, growth: Number(growth) };
}

/** Seconds that a child of this block must keep from it (CON-6). */
export function childSpacing(parent: { readonly growth: bigint }, params: NetworkParams): number {
  return minSpacing(shapeAt(parent.growth, params), params);
}

/** The stored record of a node whose header is in memory. */
export function recordOf(node: BlockNode, header: BlockHeader): BlockRecord {
  return {
    header,
    stage: node.stage,
    ours: node.ours,
    inSync: node.inSync,
    forbidden: node.forbidden,
    excused: node.excused,
    headerSeenAt: node.headerSeenAt,
    chunksAt: node.chunksAt,
    connectedAt: node.connectedAt,
    invalid: node.invalid,
  };
}
