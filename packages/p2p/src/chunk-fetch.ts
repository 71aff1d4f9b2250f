// Which checkpoint chunk is asked of whom (P2P-19): of all who offer the checkpoint at once, rarest first. While chunks are left that
// nobody was asked for, no chunk is asked for twice; at the end, what is slow to come is asked of more and more peers. A peer keeps
// the places of the answers that it owes: one that withholds or is slow gets no further requests, and delays nobody.

import { assert } from '@resonancenet/bytes/assert';
import type { Hex32 } from '@resonancenet/chain/events';

export interface ChunkFetchLimits {
  /** Open requests per peer at first, and at most once it has proved quick. */
  readonly firstWindow: number;
  readonly maxWindow: number;
  /** After each such time without an answer the number of peers that may be asked for the same chunk doubles. */
  readonly stallMs: number;
  /** Roots that are remembered per peer as offered; older ones are forgotten. */
  readonly offersPerPeer: number;
}

export const chunkFetchLimits: ChunkFetchLimits = { firstWindow: 2, maxWindow: 8, stallMs: 1_500, offersPerPeer: 64 };

export interface ChunkRequest {
  readonly peer: string;
  readonly root: Hex32;
  readonly index: number;
}

interface WantedRoot {
  /** In the order of preference; a chunk stays here until it is stored. */
  readonly missing: Set<number>;
  /** Who was asked for a chunk and has not answered yet, and since when the first of them. */
  readonly asked: Map<number, Asked>;
  /** Peers that said they do not have a chunk: what makes it rare. */
  readonly lacking: Map<number, Set<string>>;
}

interface Asked {
  readonly sinceMs: number;
  readonly peers: Set<string>;
}

interface FetchPeer {
  /** Insertion order is age. */
  readonly offers: Set<Hex32>;
  /** Time of asking by `root index`. */
  readonly open: Map<string, number>;
  window: number;
  delivered: number;
}

export class ChunkFetch {
  readonly #limits: ChunkFetchLimits;
  readonly #salt: number;
  readonly #roots = new Map<Hex32, WantedRoot>();
  readonly #peers = new Map<string, FetchPeer>();

  /** `salt`: random u32 of this node, so that not every node begins with the same chunk. */
  constructor(salt: number, limits: ChunkFetchLimits = chunkFetchLimits) {
    this.#salt = salt;
    this.#limits = limits;
  }

  addPeer(peer: string): void {
    assert(!this.#peers.has(peer), `peer ${peer} is added twice`);
    this.#peers.set(peer, { offers: new Set(), open: new Map(), window: this.#limits.firstWindow, delivered: 0 });
  }

  removePeer(peer: string): void {
    this.#peers.delete(peer);
    for (const wanted of this.#roots.values()) {
      for (const [index, asked] of wanted.asked) dropAsked(wanted, index, asked, peer);
      for (const peers of wanted.lacking.values()) peers.delete(peer);
    }
  }

  /** The peer says that it holds and has verified all chunks. */
  offer(peer: string, root: Hex32): void {
    const offers = this.#peers.get(peer)?.offers;
    if (offers === undefined) return;
    offers.delete(root);
    offers.add(root);
    const [oldest] = offers;
    if (offers.size > this.#limits.offersPerPeer && oldest !== undefined) offers.delete(oldest);
  }

  /** Peers that offer a root. */
  offerers(root: Hex32): string[] {
    return [...this.#peers].filter(([, { offers }]) => offers.has(root)).map(([peer]) => peer);
  }

  /** These chunks of a root are to be fetched; a second call replaces the first. */
  want(root: Hex32, missing: readonly number[]): void {
    const before = this.#roots.get(root);
    this.#roots.set(root, {
      missing: new Set(shuffled(missing, this.#salt)),
      asked: before?.asked ?? new Map(),
      lacking: before?.lacking ?? new Map(),
    });
  }

  unwant(root: Hex32): void {
    this.#roots.delete(root);
  }

  isWanted(root: Hex32): boolean {
    return this.#roots.has(root);
  }

  /** A chunk has come from a peer that was asked for it. `stored`: it was right and is kept. */
  received(peer: string, root: Hex32, index: number, stored: boolean, nowMs: number): void {
    const sinceMs = this.#settle(peer, root, index);
    const state = this.#peers.get(peer);
    if (state !== undefined && sinceMs !== undefined && stored) {
      state.delivered += 1;
      const wasQuick = nowMs - sinceMs < this.#limits.stallMs;
      state.window = wasQuick ? Math.min(this.#limits.maxWindow, state.window + 1) : this.#limits.firstWindow;
    }
    const wanted = this.#roots.get(root);
    if (wanted === undefined || !stored) return;
    wanted.missing.delete(index);
    wanted.asked.delete(index);
    wanted.lacking.delete(index);
    if (wanted.missing.size === 0) this.#roots.delete(root);
  }

  /** The peer does not have the chunk after all. */
  notFound(peer: string, root: Hex32, index: number): void {
    this.#settle(peer, root, index);
    const wanted = this.#roots.get(root);
    if (wanted?.missing.has(index) !== true) return;
    const lacking = wanted.lacking.get(index) ?? new Set<string>();
    lacking.add(peer);
    wanted.lacking.set(index, lacking);
  }

  /** Requests to be sent now; they count as open from here on. */
  next(nowMs: number): ChunkRequest[] {
    const requests: ChunkRequest[] = [];
    // Those who have delivered most and owe least come first. One request per peer and round spreads the chunks over all of them.
    const peers = [...this.#peers].sort(([, a], [, b]) => b.delivered - a.delivered || a.open.size - b.open.size);
    for (let progress = true; progress; ) {
      progress = false;
      for (const [peer, state] of peers) {
        if (state.open.size >= state.window) continue;
        const request = this.#choose(peer, state, nowMs);
        if (request === null) continue;
        this.#open(state, request, nowMs);
        requests.push(request);
        progress = true;
      }
    }
    return requests;
  }

  /** When a chunk that was asked for may be asked of further peers; null if none is. */
  nextStallMs(nowMs: number): number | null {
    let earliest: number | null = null;
    for (const wanted of this.#roots.values())
      for (const { sinceMs } of wanted.asked.values()) {
        const at = sinceMs + this.#limits.stallMs * (Math.floor((nowMs - sinceMs) / this.#limits.stallMs) + 1);
        earliest = earliest === null ? at : Math.min(earliest, at);
      }
    return earliest;
  }

  #choose(peer: string, state: FetchPeer, nowMs: number): ChunkRequest | null {
    for (const isFresh of [true, false])
      for (const [root, wanted] of this.#roots) {
        if (!state.offers.has(root)) continue;
        const index = isFresh ? this.#freshChunk(peer, wanted) : this.#slowChunk(peer, wanted, nowMs);
        if (index !== null && !state.open.has(requestKey(root, index))) return { peer, root, index };
      }
    return null;
  }

  /** The rarest chunk that nobody is asked for. What somebody lacks is the rarer; the others are held by all who offer. */
  #freshChunk(peer: string, wanted: WantedRoot): number | null {
    const count = (index: number): number => wanted.lacking.get(index)?.size ?? 0;
    const rare = [...wanted.lacking.keys()].sort((a, b) => count(b) - count(a));
    for (const candidates of [rare, wanted.missing])
      for (const index of candidates)
        if (!wanted.asked.has(index) && wanted.lacking.get(index)?.has(peer) !== true) return index;
    return null;
  }

  /** The chunk that is awaited longest, if so many times too long that one more peer may be asked. */
  #slowChunk(peer: string, wanted: WantedRoot, nowMs: number): number | null {
    let found: number | null = null;
    let oldest = Number.POSITIVE_INFINITY;
    for (const [index, { sinceMs, peers }] of wanted.asked) {
      if (peers.has(peer) || wanted.lacking.get(index)?.has(peer) === true || sinceMs >= oldest) continue;
      const stalls = Math.floor((nowMs - sinceMs) / this.#limits.stallMs);
      if (peers.size >= 2 ** stalls) continue;
      found = index;
      oldest = sinceMs;
    }
    return found;
  }

  #open(state: FetchPeer, { peer, root, index }: ChunkRequest, nowMs: number): void {
    state.open.set(requestKey(root, index), nowMs);
    const wanted = this.#roots.get(root);
    const asked = wanted?.asked.get(index) ?? { sinceMs: nowMs, peers: new Set<string>() };
    asked.peers.add(peer);
    wanted?.asked.set(index, asked);
  }

  /** Closes a request and says when it was opened. */
  #settle(peer: string, root: Hex32, index: number): number | undefined {
    const open = this.#peers.get(peer)?.open;
    const sinceMs = open?.get(requestKey(root, index));
    open?.delete(requestKey(root, index));
    const wanted = this.#roots.get(root);
    const asked = wanted?.asked.get(index);
    if (wanted !== undefined && asked !== undefined) dropAsked(wanted, index, asked, peer);
    return sinceMs;
  }
}

function dropAsked(wanted: WantedRoot, index: number, asked: Asked, peer: string): void {
  asked.peers.delete(peer);
  if (asked.peers.size === 0) wanted.asked.delete(index);
}

function requestKey(root: Hex32, index: number): string {
  return `${root} ${index}`;
}

/** The indices in an order that depends on the salt: each node begins elsewhere, so that they can soon serve each other. */
function shuffled(indices: readonly number[], salt: number): number[] {
  const order = [...indices];
  let state = (salt | 1) >>> 0;
  for (let last = order.length - 1; last > 0; last -= 1) {
    // A linear congruential generator is enough: nothing but the spread of requests hangs on it.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (last + 1));
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}
