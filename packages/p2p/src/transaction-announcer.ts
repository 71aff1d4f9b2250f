// Which transactions are announced to whom, and when (P2P-34): never to who sent it, in batches after random delays, so that the moment does not tell
// where a transaction came from.

import type { Hex32 } from '@resonancenet/chain/events';
import { RecentSet } from '@resonancenet/bytes/recent-set';
import { type FeeRate, feeRateOf } from '@resonancenet/mempool/fee-rate';
import { MAX_NEW_TRANSACTIONS } from './messages/transactions.ts';
import type { PooledTransaction, PoolView } from './pool-view.ts';
import type { RandomDelays } from './random-delays.ts';

/** Mean delays. We chose whom we connect to; those who connect to us may be many of one, so they wait longer. */
const OUTBOUND_MEAN_MS = 2_000;
const INBOUND_MEAN_MS = 5_000;

/** Names that are remembered per peer as known to it. */
const KNOWN_PER_PEER = 4_096;

/** Names that wait per peer; above that the oldest are not announced. */
const WAITING_PER_PEER = 5_000;

interface AnnouncerPeer {
  readonly outbound: boolean;
  /** It announced them, or they were announced to it. */
  readonly known: RecentSet<Hex32>;
  readonly waiting: Set<Hex32>;
  /** When what waits is announced; infinity if nothing does. */
  dueMs: number;
  /** It wants to hear of nothing that pays less. */
  filter: FeeRate;
  /** All transactions of the pool up to this one may be known to be here. */
  servedOrder: number;
}

export interface Announcement {
  readonly peer: string;
  readonly leaves: readonly Hex32[];
}

export class TransactionAnnouncer {
  readonly #pool: Pick<PoolView, 'getByLeaf' | 'entries'>;
  readonly #delays: RandomDelays;
  readonly #peers = new Map<string, AnnouncerPeer>();
  #latestOrder = 0;

  constructor(pool: Pick<PoolView, 'getByLeaf' | 'entries'>, delays: RandomDelays) {
    this.#pool = pool;
    this.#delays = delays;
  }

  addPeer(peer: string, outbound: boolean): void {
    this.#peers.set(peer, {
      outbound,
      known: new RecentSet(KNOWN_PER_PEER),
      waiting: new Set(),
      dueMs: Number.POSITIVE_INFINITY,
      filter: 0n,
      servedOrder: 0,
    });
  }

  removePeer(peer: string): void {
    this.#peers.delete(peer);
  }

  setFilter(peer: string, rate: FeeRate): void {
    const state = this.#peers.get(peer);
    if (state !== undefined) state.filter = rate;
  }

  /** The peer has it: it is not told. */
  learn(peer: string, leaf: Hex32): void {
    const state = this.#peers.get(peer);
    state?.known.add(leaf);
    state?.waiting.delete(leaf);
  }

  /** A transaction came into the pool. */
  announce({ leaf, order }: Pick<PooledTransaction, 'leaf' | 'order'>, nowMs: number): void {
    this.#latestOrder = Math.max(this.#latestOrder, order);
    for (const state of this.#peers.values()) this.#enqueue(state, leaf, nowMs);
  }

  /** It is announced once more, to those who were told as well: nobody has asked for it. */
  announceAgain(transaction: PooledTransaction, nowMs: number): void {
    for (const { known } of this.#peers.values()) known.delete(transaction.leaf);
    this.announce(transaction, nowMs);
  }

  /** Everything in the pool is news to a peer that has just come. */
  announceAll(peer: string, nowMs: number): void {
    const state = this.#peers.get(peer);
    if (state === undefined) return;
    for (const { leaf, order } of this.#pool.entries()) {
      this.#latestOrder = Math.max(this.#latestOrder, order);
      if (state.waiting.size >= WAITING_PER_PEER) return;
      this.#enqueue(state, leaf, nowMs);
    }
  }

  /** What is to be announced now. */
  due(nowMs: number): Announcement[] {
    const announcements: Announcement[] = [];
    for (const [peer, state] of this.#peers) {
      if (state.dueMs > nowMs) continue;
      const leaves = this.#take(state);
      state.dueMs = state.waiting.size > 0 ? this.#nextMs(state, nowMs) : Number.POSITIVE_INFINITY;
      state.servedOrder = this.#latestOrder;
      if (leaves.length > 0) announcements.push({ peer, leaves });
    }
    return announcements;
  }

  /** Whether a peer may know that it is here: else who asks for it would learn when it came. */
  mayServe(peer: string, { order }: Pick<PooledTransaction, 'order'>): boolean {
    return order <= (this.#peers.get(peer)?.servedOrder ?? 0);
  }

  nextMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueMs } of this.#peers.values()) next = Math.min(next, dueMs);
    return next;
  }

  #enqueue(state: AnnouncerPeer, leaf: Hex32, nowMs: number): void {
    if (state.known.has(leaf)) return;
    state.waiting.add(leaf);
    const [oldest] = state.waiting;
    if (state.waiting.size > WAITING_PER_PEER && oldest !== undefined) state.waiting.delete(oldest);
    if (state.dueMs === Number.POSITIVE_INFINITY) state.dueMs = this.#nextMs(state, nowMs);
  }

  #nextMs({ outbound }: AnnouncerPeer, nowMs: number): number {
    return nowMs + this.#delays.next(outbound ? OUTBOUND_MEAN_MS : INBOUND_MEAN_MS);
  }

  /** The next batch, parents first, then those that pay most; its order says nothing about the order of their coming. */
  #take(state: AnnouncerPeer): Hex32[] {
    const present: Ranked[] = [];
    for (const leaf of state.waiting) {
      const transaction = this.#pool.getByLeaf(leaf);
      const rate = transaction === null ? 0n : feeRateOf(transaction);
      if (transaction === null || rate < state.filter) state.waiting.delete(leaf);
      else present.push({ leaf, rate, ancestors: transaction.ancestors.count });
    }
    present.sort(compareForRelay);
    const leaves = present.slice(0, MAX_NEW_TRANSACTIONS).map(({ leaf }) => leaf);
    for (const leaf of leaves) {
      state.waiting.delete(leaf);
      state.known.add(leaf);
    }
    return leaves;
  }
}

interface Ranked {
  readonly leaf: Hex32;
  readonly rate: FeeRate;
  readonly ancestors: number;
}

function compareForRelay(a: Ranked, b: Ranked): number {
  if (a.ancestors !== b.ancestors) return a.ancestors - b.ancestors;
  if (a.rate !== b.rate) return a.rate < b.rate ? 1 : -1;
  return a.leaf < b.leaf ? -1 : 1;
}
