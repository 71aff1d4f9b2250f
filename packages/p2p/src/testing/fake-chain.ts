// A chain without rules for tests of synchronisation: the higher block wins, a body is any byte but 0xff, a chunk holds its own index. The
// number of chunks of a block's checkpoint is its header's `growth`.

import { equalBytes } from '@resonancenet/bytes/compare';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { ChainAction, ChainEvent, Hex32, PeerId } from '@resonancenet/chain/events';
import type { VerdictCode } from '@resonancenet/consensus/verdict-codes';
import { NO_VOTE } from '@resonancenet/primitives/dval-vote';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import type { Standing } from '@resonancenet/chain/chain-queries';
import type { ChainView } from '../chain-view.ts';

interface FakeBlock {
  readonly header: BlockHeader;
  readonly id: Hex32;
  status: Standing;
  body: Uint8Array | null;
}

/** A header on a parent; `salt` makes siblings differ. */
export function fakeHeader(parent: Hex32, height: number, salt = 0, chunks = 1): BlockHeader {
  return {
    version: 1,
    height,
    prevHash: fromHex(parent),
    txRoot: new Uint8Array(32),
    checkpointRoot: Uint8Array.from({ length: 32 }, (_, i) =>
      i < 4 ? height >> (8 * i) : i < 8 ? salt >> (8 * (i - 4)) : 7,
    ),
    valLoss: 1_000_000 - height,
    parentLoss: 1_000_001 - height,
    lossRoot: new Uint8Array(32),
    dvalId: new Uint8Array(32),
    dModel: 16,
    nLayers: 1,
    growth: BigInt(chunks),
    stagnation: 0,
    timestamp: BigInt(1_800_000_000 + height),
    dvalVote: NO_VOTE,
    minerKey: new Uint8Array(32),
    signature: new Uint8Array(64),
  };
}

export const fakeGenesis: BlockHeader = fakeHeader('00'.repeat(32), 0);

export function idOf(header: BlockHeader): Hex32 {
  return toHex(blockId(header));
}

/** A row of headers on block 0. */
export function fakeRow(length: number, salt = 0, chunks = 1): BlockHeader[] {
  const row: BlockHeader[] = [];
  let parent = idOf(fakeGenesis);
  for (let height = 1; height <= length; height += 1) {
    const header = fakeHeader(parent, height, salt, chunks);
    parent = idOf(header);
    row.push(header);
  }
  return row;
}

export function fakeChunk(index: number): Uint8Array {
  return Uint8Array.of(index & 0xff, index >> 8);
}

export class FakeChain implements ChainView {
  readonly #blocks = new Map<Hex32, FakeBlock>();
  readonly #chunks = new Map<Hex32, Set<number>>();
  #active: Hex32[];
  /** Headers that this chain refuses, by id. */
  readonly refuses: Map<Hex32, { readonly code: VerdictCode; readonly peerFault: boolean }> = new Map();
  /** Checkpoints that prove wrong once all chunks are here. */
  readonly falseRoots: Set<Hex32> = new Set();
  readonly events: ChainEvent[] = [];

  constructor() {
    const id = idOf(fakeGenesis);
    this.#blocks.set(id, { header: fakeGenesis, id, status: 'verified', body: Uint8Array.of(0) });
    this.#active = [id];
  }

  /** Blocks that are there from the start, with all their data. */
  seed(headers: readonly BlockHeader[]): this {
    for (const header of headers) {
      const id = idOf(header);
      this.#blocks.set(id, { header, id, status: 'verified', body: Uint8Array.of(1) });
      this.#chunks.set(toHex(header.checkpointRoot), new Set(range(Number(header.growth))));
      this.#activate(id);
    }
    return this;
  }

  step(event: ChainEvent): ChainAction[] {
    this.events.push(event);
    switch (event.type) {
      case 'header':
        return this.#header(event.header, event.peer);
      case 'body':
        return this.#body(event.blockId, event.bytes, event.peer);
      case 'chunk':
        return this.#chunk(event.root, event.index, event.bytes, event.peer);
      case 'checkpoint-stored':
        this.#chunks.set(event.root, new Set(range(1)));
        return [];
      default:
        return [];
    }
  }

  tip(): { readonly id: Hex32; readonly height: number } {
    return { id: this.tipId, height: this.#active.length - 1 };
  }

  get tipId(): Hex32 {
    return this.#active.at(-1) ?? '';
  }

  isActive(id: Hex32): boolean {
    const height = this.heightOf(id);
    return height !== null && this.#active[height] === id;
  }

  header(id: Hex32): BlockHeader | null {
    return this.#blocks.get(id)?.header ?? null;
  }

  heightOf(id: Hex32): number | null {
    return this.#blocks.get(id)?.header.height ?? null;
  }

  activeChainAt(height: number): Hex32 | null {
    return this.#active[height] ?? null;
  }

  locator(): Hex32[] {
    const heights: number[] = [];
    let step = 1;
    for (let height = this.#active.length - 1; height > 0; height -= step) {
      heights.push(height);
      if (heights.length >= 10) step *= 2;
    }
    return [...heights, 0].map((height) => this.#active[height] ?? '').slice(0, 64);
  }

  headersAfter(locator: readonly Hex32[], max: number): BlockHeader[] {
    const common = locator.find((id) => this.isActive(id));
    const start = common === undefined ? 0 : (this.heightOf(common) ?? 0);
    return this.#active.slice(start + 1, start + 1 + max).flatMap((id) => this.header(id) ?? []);
  }

  bodyBytes(id: Hex32): Uint8Array | null {
    return this.#blocks.get(id)?.body ?? null;
  }

  status(id: Hex32): { readonly status: string } | null {
    const standing = this.statusOf(id);
    return standing === null ? null : { status: standing };
  }

  statusOf(id: Hex32): Standing | null {
    return this.#blocks.get(id)?.status ?? null;
  }

  setStatus(id: Hex32, status: Standing): void {
    const block = this.#blocks.get(id);
    if (block !== undefined) block.status = status;
  }

  finalizedHeight(): number {
    return Math.max(0, this.#active.length - 7);
  }

  canOffer(root: Hex32): boolean {
    for (const { header, status } of this.#blocks.values())
      if (status === 'verified' && toHex(header.checkpointRoot) === root) return this.#missing(header).length === 0;
    return false;
  }

  getChunk(root: Hex32, index: number): { readonly bytes: Uint8Array; readonly branch: readonly Uint8Array[] } | null {
    return this.#chunks.get(root)?.has(index) === true ? { bytes: fakeChunk(index), branch: [] } : null;
  }

  write(): void {}

  delete(root: Hex32): void {
    this.#chunks.delete(root);
  }

  #header(header: BlockHeader, peer: PeerId): ChainAction[] {
    const id = idOf(header);
    if (this.#blocks.has(id)) return [];
    const refusal = this.refuses.get(id);
    if (refusal !== undefined) return [{ type: 'refused', blockId: id, peer, detail: 'as told', ...refusal }];
    if (!this.#blocks.has(toHex(header.prevHash)))
      return [
        {
          type: 'refused',
          code: 'header-unknown-parent',
          blockId: id,
          peer,
          peerFault: false,
          detail: 'no such parent',
        },
      ];
    this.#blocks.set(id, { header, id, status: 'pending', body: null });
    return [
      { type: 'header-accepted', blockId: id },
      { type: 'want-body', blockId: id },
    ];
  }

  #body(id: Hex32, bytes: Uint8Array, peer: PeerId): ChainAction[] {
    const block = this.#blocks.get(id);
    if (block === undefined) return [];
    if (bytes[0] === 0xff)
      return [{ type: 'refused', code: 'body-tx-root', blockId: id, peer, peerFault: true, detail: 'not its body' }];
    block.body = bytes;
    const missing = this.#missing(block.header);
    if (missing.length === 0) return this.#complete(block);
    return [{ type: 'want-chunks', root: toHex(block.header.checkpointRoot), missing }];
  }

  #chunk(root: Hex32, index: number, bytes: Uint8Array, peer: PeerId): ChainAction[] {
    if (!equalBytes(bytes, fakeChunk(index)))
      return [
        { type: 'refused', code: 'checkpoint-chunk', blockId: null, peer, peerFault: true, detail: `chunk ${index}` },
      ];
    const held = this.#chunks.get(root) ?? new Set<number>();
    held.add(index);
    this.#chunks.set(root, held);
    const actions: ChainAction[] = [];
    for (const block of this.#blocks.values())
      if (toHex(block.header.checkpointRoot) === root && block.status === 'pending' && block.body !== null)
        if (this.#missing(block.header).length === 0) actions.push(...this.#complete(block));
    return actions;
  }

  #complete(block: FakeBlock): ChainAction[] {
    const root = toHex(block.header.checkpointRoot);
    if (this.falseRoots.has(root)) {
      block.status = 'dead';
      const code = 'evaluation-window-sum';
      return [{ type: 'refused', code, blockId: block.id, peer: null, peerFault: true, detail: 'claims 1, gives 2' }];
    }
    block.status = 'verified';
    const verified: ChainAction = { type: 'verified', blockId: block.id, root };
    if (block.header.height < this.#active.length) return [verified];
    const from = this.tipId;
    this.#activate(block.id);
    return [verified, { type: 'tip', from, to: block.id, height: block.header.height, disconnected: 0 }];
  }

  #missing(header: BlockHeader): number[] {
    const held = this.#chunks.get(toHex(header.checkpointRoot));
    return range(Number(header.growth)).filter((index) => held?.has(index) !== true);
  }

  #activate(id: Hex32): void {
    const parent = this.header(id)?.prevHash;
    if (parent !== undefined && toHex(parent) === this.tipId) {
      this.#active.push(id);
      return;
    }
    const chain: Hex32[] = [];
    for (let at: Hex32 | null = id; at !== null; ) {
      const header = this.header(at);
      if (header === null) break;
      chain.push(at);
      at = header.height === 0 ? null : toHex(header.prevHash);
    }
    this.#active = chain.reverse();
  }
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
