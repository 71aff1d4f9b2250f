// All blocks from the last final one up, with their records in the store, and the bounds on headers that cost nobody anything to make
// (CON-31).

import { assert } from '@resonancenet/bytes/assert';
import { fromHex } from '@resonancenet/bytes/hex';
import { VERDICT_CODES } from '@resonancenet/consensus/verdict-codes';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { BlockHeader } from '@resonancenet/primitives/header';
import {
  BlockNode,
  type BlockNodeFacts,
  childSpacing,
  type ContactLog,
  type Invalidity,
  recordOf,
} from './block-node.ts';
import type { ChainLimits } from './chain-limits.ts';
import type { Hex32, PeerId } from './events.ts';
import { type BlockRecord, decodeBlockRecord, encodeBlockRecord, type Stage } from './records.ts';
import type { StoreView } from './store-view.ts';

const NOTHING = new Uint8Array(0);

/** Whom blocks from the store are charged to until a peer announces them again. */
const RESTORED = 'restored';

export class BlockIndex {
  readonly #params: NetworkParams;
  readonly #limits: ChainLimits;
  readonly #view: StoreView;
  readonly #contact: ContactLog;
  readonly #nodes = new Map<Hex32, BlockNode>();
  readonly #byRoot = new Map<Hex32, Set<BlockNode>>();
  /** Blocks without a body, by the peer they are charged to: only these are evicted. */
  readonly #charged = new Map<PeerId, Set<BlockNode>>();
  readonly #verified = new Set<BlockNode>();
  readonly #dirty = new Set<BlockNode>();
  #headers = 0;

  constructor(params: NetworkParams, limits: ChainLimits, view: StoreView, contact: ContactLog) {
    this.#limits = limits;
    this.#params = params;
    this.#view = view;
    this.#contact = contact;
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(id: Hex32): BlockNode | undefined {
    return this.#nodes.get(id);
  }

  all(): Iterable<BlockNode> {
    return this.#nodes.values();
  }

  /** Fully verified blocks. */
  verified(): ReadonlySet<BlockNode> {
    return this.#verified;
  }

  /** Blocks that claim this checkpoint. */
  withRoot(root: Hex32): ReadonlySet<BlockNode> {
    return this.#byRoot.get(root) ?? new Set();
  }

  /** Whether facts wait to be stored. */
  get hasDirty(): boolean {
    return this.#dirty.size > 0;
  }

  add(facts: Omit<BlockNodeFacts, 'spacing'>): BlockNode {
    const spacing = facts.parent === null ? 0 : childSpacing(facts.parent, this.#params);
    return this.#insert(new BlockNode({ ...facts, spacing }, this.#contact));
  }

  /** A block from the store, as it was. */
  restore(id: Hex32, record: BlockRecord, parent: BlockNode | null): BlockNode {
    const { header, inSync, headerSeenAt } = record;
    const spacing = parent === null ? 0 : childSpacing(parent, this.#params);
    const owner = record.ours ? null : RESTORED;
    const node = new BlockNode({ id, header, parent, spacing, owner, inSync, headerSeenAt }, this.#contact);
    node.ours = record.ours;
    node.stage = record.stage;
    node.forbidden = record.forbidden;
    node.excused = record.excused;
    node.chunksAt = record.chunksAt;
    node.connectedAt = record.connectedAt;
    node.invalid = knownInvalidity(record.invalid);
    node.stored = true;
    node.dirty = false;
    return this.#insert(node);
  }

  /** The header of a block in memory. */
  headerOf(node: BlockNode): BlockHeader {
    const header = node.header ?? this.storedHeader(node.id);
    assert(header !== null, `the store has no header of block ${node.id}`);
    return header;
  }

  /** The header of any stored block. */
  storedHeader(id: Hex32): BlockHeader | null {
    return this.storedRecord(id)?.header ?? null;
  }

  storedRecord(id: Hex32): BlockRecord | null {
    const bytes = this.#view.get('headers', fromHex(id));
    return bytes === null ? null : decodeBlockRecord(bytes);
  }

  /** Whether the chunks' facts, stage, invalidity or the operator's word about a block changed: it will be stored. */
  touch(node: BlockNode): void {
    if (!this.#nodes.has(node.id)) return;
    node.dirty = true;
    this.#dirty.add(node);
  }

  setStage(node: BlockNode, stage: Stage): void {
    this.#uncharge(node);
    node.stage = stage;
    if (stage === 'verified') this.#verified.add(node);
    else this.#verified.delete(node);
    this.#charge(node);
    this.touch(node);
  }

  /**
   * Puts changed records into the present batch: all of blocks on which anything rests, and as many of bare headers as a step has time for;
   * the others follow with the next batch.
   */
  flush(): void {
    let bare = 0;
    for (const node of this.#dirty) {
      const isBare = node.stage === 'header' && node.isAllowed;
      if (isBare && bare >= this.#limits.headersPerFlush) continue;
      bare += isBare ? 1 : 0;
      this.#dirty.delete(node);
      this.#view.put('headers', fromHex(node.id), encodeBlockRecord(recordOf(node, this.headerOf(node))));
      if (!node.stored) this.#view.put('live', fromHex(node.id), NOTHING);
      node.stored = true;
      node.dirty = false;
    }
  }

  /** Takes a block that became history out of memory; its record stays. */
  archive(node: BlockNode): void {
    assert(!node.dirty, 'a block is stored before it leaves memory');
    this.#view.delete('live', fromHex(node.id));
    this.#forget(node);
  }

  /** The opposite: a block of the store that is not final any more. */
  unarchive(node: BlockNode): void {
    this.#view.put('live', fromHex(node.id), NOTHING);
  }

  /** Removes a block from memory and store; its children must be gone. */
  remove(node: BlockNode): void {
    assert(node.children.size === 0, 'a block is removed after its children');
    this.#forget(node);
    if (!node.stored) return;
    for (const table of ['headers', 'bodies', 'live'] as const) this.#view.delete(table, fromHex(node.id));
  }

  /** Headers that a peer already has on this parent. */
  keptFrom(peer: PeerId, parent: BlockNode): number {
    let kept = 0;
    for (const child of parent.children) if (child.owner === peer) kept += 1;
    return kept;
  }

  /**
   * Several peers announced the block: it is charged to the one that has least undecided, so that nobody can crowd it out. True if that
   * changed something.
   */
  announcedBy(node: BlockNode, peer: PeerId): boolean {
    if (peer === node.owner || node.owner === null || peer === null || node.isTrusted) return false;
    if (this.#undecided(peer) + 1 >= this.#undecided(node.owner)) return false;
    this.#uncharge(node);
    node.owner = peer;
    this.#charge(node);
    return true;
  }

  /**
   * Room for one more header of this peer: free, or to be made by removing `victim`, the newest end of a branch of the peer that has most;
   * null if that is this peer itself.
   */
  roomFor(peer: PeerId): { readonly victim: BlockNode | null } | null {
    if (this.#headers < this.#limits.headers || peer === null) return { victim: null };
    let heaviest: PeerId = peer;
    for (const owner of this.#charged.keys()) if (this.#load(owner) > this.#load(heaviest)) heaviest = owner;
    if (heaviest === peer) return null;
    // Asked for every header of a flood, so without a copy of the thousands there are.
    let victim: BlockNode | null = null;
    for (const node of this.#charged.get(heaviest) ?? []) if (node.children.size === 0) victim = node;
    return victim === null ? null : { victim };
  }

  /** Blocks of a peer that are not verified. */
  #undecided(peer: PeerId): number {
    let count = 0;
    for (const node of this.#nodes.values()) if (node.owner === peer && !node.isTrusted) count += 1;
    return count;
  }

  #load(owner: PeerId): number {
    return this.#charged.get(owner)?.size ?? 0;
  }

  #insert(node: BlockNode): BlockNode {
    assert(!this.#nodes.has(node.id), `block ${node.id} is added twice`);
    this.#nodes.set(node.id, node);
    node.parent?.children.add(node);
    const same = this.#byRoot.get(node.root) ?? new Set<BlockNode>();
    same.add(node);
    this.#byRoot.set(node.root, same);
    if (node.stage === 'verified') this.#verified.add(node);
    this.#charge(node);
    if (node.dirty) this.#dirty.add(node);
    return node;
  }

  #forget(node: BlockNode): void {
    this.#uncharge(node);
    this.#nodes.delete(node.id);
    this.#verified.delete(node);
    this.#dirty.delete(node);
    node.parent?.children.delete(node);
    const same = this.#byRoot.get(node.root);
    same?.delete(node);
    if (same?.size === 0) this.#byRoot.delete(node.root);
  }

  #charge(node: BlockNode): void {
    if (node.stage !== 'header' || node.owner === null) return;
    const nodes = this.#charged.get(node.owner) ?? new Set<BlockNode>();
    nodes.add(node);
    this.#charged.set(node.owner, nodes);
    this.#headers += 1;
  }

  #uncharge(node: BlockNode): void {
    const nodes = this.#charged.get(node.owner);
    if (nodes?.delete(node) !== true) return;
    this.#headers -= 1;
    if (nodes.size === 0) this.#charged.delete(node.owner);
  }
}

/** A code of another version of this program says nothing: the block is checked again. */
function knownInvalidity(invalid: BlockRecord['invalid']): Invalidity | null {
  const code = VERDICT_CODES.find((known) => known === invalid?.code);
  return code === undefined || invalid === null ? null : { code, detail: invalid.detail };
}
