// Relay of unconfirmed transactions (P2P-34 to P2P-37): it stands between peers and the pool as synchronisation stands between peers and the chain.

import type { Hex32, Now } from '@resonancenet/chain/events';
import type { FeeRate } from '@resonancenet/mempool/fee-rate';
import type { MempoolAction, MempoolEvent } from '@resonancenet/mempool/mempool-events';
import { leafOf, parseTransaction } from '@resonancenet/mempool/parsed-transaction';
import { type BlockSource, tipChange } from '@resonancenet/mempool/tip-change';
import { type Answer, notFound } from './answer-request.ts';
import type { CloseReason } from './close-code.ts';
import type { PeerMessage } from './messages/message.ts';
import type { TransactionMessage, TransactionName } from './messages/transactions.ts';
import type { PoolView } from './pool-view.ts';
import { RandomDelays } from './random-delays.ts';
import { TokenBucket } from './token-bucket.ts';
import { TransactionAnnouncer } from './transaction-announcer.ts';
import { TransactionFetch } from './transaction-fetch.ts';

/** Announced names of a peer that are heard, at once and per second. */
const NAMES = { capacity: 5_000, perSecond: 100 } as const;

/** The fee filter is looked at so often. */
const FILTER_MEAN_MS = 600_000;

/** The operator's transactions that nobody has asked for are announced again after about so long. */
const REBROADCAST_MEAN_MS = 600_000;

/** While a node cannot judge transactions it wants none: the greatest rate there is. */
const NOTHING: FeeRate = 0xffff_ffff_ffff_ffffn;

export interface RelayOptions {
  readonly pool: PoolView;
  readonly blocks: BlockSource;
  readonly maxTransactionBytes: number;
  /** 32 random bytes of this process. */
  readonly seed: Uint8Array;
}

/** Actions of the pool that the caller carries out. */
export type ForwardedPoolAction = Exclude<MempoolAction, { readonly type: 'want-parents' | 'wake' }>;

export type RelayAction =
  | { readonly type: 'send'; readonly peer: string; readonly message: PeerMessage }
  | { readonly type: 'disconnect'; readonly peer: string; readonly reason: CloseReason }
  | ForwardedPoolAction;

interface RelayPeer {
  readonly names: TokenBucket;
  /** The filter that it was told; null: none. */
  told: FeeRate | null;
}

export class TransactionRelay {
  readonly #options: RelayOptions;
  readonly #pool: PoolView;
  readonly #delays: RandomDelays;
  readonly #announcer: TransactionAnnouncer;
  readonly #fetch = new TransactionFetch();
  readonly #peers = new Map<string, RelayPeer>();
  /** Leaf hashes of the operator's transactions that no peer has asked for yet. */
  readonly #unheard = new Set<Hex32>();
  /** Peers that left; the pool is told with the next step. */
  #gone: string[] = [];
  #actions: RelayAction[] = [];
  #isActive = false;
  #poolWakeMs: number = Number.POSITIVE_INFINITY;
  #filterDueMs: number = Number.NEGATIVE_INFINITY;
  #rebroadcastMs: number = Number.POSITIVE_INFINITY;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#pool = options.pool;
    this.#delays = new RandomDelays(options.seed);
    this.#announcer = new TransactionAnnouncer(options.pool, this.#delays);
  }

  /** Whether this node is in sync: else it neither hears nor tells of transactions. */
  setActive(value: boolean, now: Now): void {
    if (value === this.#isActive) return;
    this.#isActive = value;
    this.#filterDueMs = Number.NEGATIVE_INFINITY;
    if (!value) this.#fetch.clear();
    else for (const peer of this.#peers.keys()) this.#announcer.announceAll(peer, now.monotonicMs);
  }

  addPeer(peer: string, outbound: boolean, now: Now): void {
    this.#peers.set(peer, { names: new TokenBucket(NAMES.capacity, NAMES.perSecond, now.monotonicMs), told: null });
    this.#announcer.addPeer(peer, outbound);
    this.#fetch.addPeer(peer, outbound);
    this.#filterDueMs = Number.NEGATIVE_INFINITY;
    if (this.#isActive) this.#announcer.announceAll(peer, now.monotonicMs);
  }

  removePeer(peer: string): void {
    if (!this.#peers.delete(peer)) return;
    this.#announcer.removePeer(peer);
    this.#gone.push(peer);
  }

  /** A message about transactions. */
  receive(peer: string, message: PeerMessage, now: Now): void {
    switch (message.command) {
      case 'newtx':
        this.#announced(peer, message.body.leaves, now);
        break;
      case 'tx':
        this.#delivered(peer, message.body, now);
        break;
      case 'feefilter':
        this.#announcer.setFilter(peer, message.body.rate);
        break;
      default:
        break;
    }
  }

  notFound(peer: string, name: TransactionName, now: Now): void {
    this.#fetch.settle(peer, name, false, now.monotonicMs);
  }

  /** The answer to `gettx`: what is in the pool and may be known to be. */
  answer(peer: string, { by, id }: TransactionName): Answer {
    const transaction = by === 'leaf' ? this.#pool.getByLeaf(id) : this.#pool.get(id);
    if (transaction === null || !this.#announcer.mayServe(peer, transaction)) return notFound(by, id, 0);
    this.#unheard.delete(transaction.leaf);
    this.#announcer.learn(peer, transaction.leaf);
    const { encoded: bytes } = transaction;
    return { message: { command: 'tx', body: { by, id, bytes } }, bytes: 128 + bytes.length };
  }

  tipMoved(from: Hex32, to: Hex32, now: Now): void {
    this.poolEvent(tipChange(from, to, this.#options.blocks), now);
  }

  poolEvent(event: MempoolEvent, now: Now): void {
    for (const action of this.#pool.step(event, now)) this.#route(action, now);
  }

  /** What follows from all that was told: ticks of the pool, fee filters, announcements, requests. */
  finish(now: Now): RelayAction[] {
    const nowMs = now.monotonicMs;
    for (const peer of this.#gone.splice(0)) {
      this.#fetch.removePeer(peer, nowMs);
      this.poolEvent({ type: 'peer-gone', peer }, now);
    }
    if (this.#poolWakeMs <= nowMs) {
      this.#poolWakeMs = Number.POSITIVE_INFINITY;
      this.poolEvent({ type: 'tick' }, now);
    }
    this.#tellFilters(now);
    this.#rebroadcast(nowMs);
    if (this.#isActive) {
      for (const { peer, leaves } of this.#announcer.due(nowMs))
        this.#send(peer, { command: 'newtx', body: { leaves } });
      const wants = (name: TransactionName): boolean => this.#wants(name);
      for (const { peer, by, id } of this.#fetch.next(nowMs, wants, (name) => this.#pool.isIdle(name)))
        this.#send(peer, { command: 'gettx', body: { by, id } });
    }
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  /** When `finish` is due; null if nothing waits for time. */
  nextMs(): number | null {
    if (this.#gone.length > 0) return 0;
    const active = this.#isActive
      ? Math.min(
          this.#announcer.nextMs(),
          this.#fetch.nextMs((peer) => this.#pool.isIdle(peer)),
        )
      : Number.POSITIVE_INFINITY;
    const filters = this.#peers.size > 0 ? this.#filterDueMs : Number.POSITIVE_INFINITY;
    const next = Math.min(this.#poolWakeMs, filters, active, this.#rebroadcastMs);
    return next === Number.POSITIVE_INFINITY ? null : next;
  }

  #wants({ by, id }: TransactionName): boolean {
    return by === 'leaf' ? this.#pool.wants(id) : this.#pool.get(id) === null;
  }

  #announced(peer: string, leaves: readonly Hex32[], now: Now): void {
    const names = this.#peers.get(peer)?.names;
    if (!this.#isActive || names === undefined) return;
    for (const leaf of leaves) {
      // Slowly enough told, nothing is lost: who is heard of it first will be asked for it.
      if (!names.take(1, now.monotonicMs)) return;
      this.#announcer.learn(peer, leaf);
      if (this.#pool.wants(leaf)) this.#fetch.offered(peer, { by: 'leaf', id: leaf }, now.monotonicMs);
    }
  }

  #delivered(peer: string, { by, id, bytes }: TransactionMessage, now: Now): void {
    this.#fetch.settle(peer, { by, id }, true, now.monotonicMs);
    const leaf = leafOf(bytes);
    if (by === 'leaf' ? leaf !== id : !this.#hasTxid(bytes, id)) {
      const detail = `tx: the transaction is not the one that was asked for, ${id} (by ${by})`;
      this.#disconnect(peer, { code: 'message-malformed', detail });
      return;
    }
    this.#announcer.learn(peer, leaf);
    if (this.#isActive) this.poolEvent({ type: 'transactions', encoded: [bytes], peer, ticket: null }, now);
  }

  /** Bytes that are no transaction are for the pool to refuse. */
  #hasTxid(bytes: Uint8Array, id: Hex32): boolean {
    const read = parseTransaction(bytes, this.#options.maxTransactionBytes);
    return !read.ok || read.parsed.txid === id;
  }

  #route(action: MempoolAction, now: Now): void {
    switch (action.type) {
      case 'want-parents':
        for (const id of action.txids) this.#fetch.offered(action.peer, { by: 'txid', id }, now.monotonicMs);
        return;
      case 'wake':
        this.#poolWakeMs = action.atMonotonicMs;
        return;
      case 'transaction-accepted':
        this.#accepted(action.leaf, action.isLocal, now.monotonicMs);
        break;
      case 'transaction-removed':
        this.#unheard.delete(action.leaf);
        break;
      case 'transaction-refused':
        if (action.peer !== null && action.peerFault) {
          const reason: CloseReason = { code: 'transaction-invalid', detail: `${action.code}: ${action.detail}` };
          this.#disconnect(action.peer, reason);
        }
        break;
      case 'verify-transaction':
        break;
      default:
        action satisfies never;
    }
    this.#actions.push(action);
  }

  #accepted(leaf: Hex32, isLocal: boolean, nowMs: number): void {
    const transaction = this.#pool.getByLeaf(leaf);
    if (transaction === null) return;
    if (isLocal) {
      this.#unheard.add(leaf);
      this.#rebroadcastMs = Math.min(this.#rebroadcastMs, nowMs + REBROADCAST_MEAN_MS);
    }
    // What comes while this node is not in sync is told when it is.
    if (this.#isActive) this.#announcer.announce(transaction, nowMs);
  }

  #rebroadcast(nowMs: number): void {
    if (this.#rebroadcastMs > nowMs) return;
    for (const leaf of this.#unheard) {
      const transaction = this.#pool.getByLeaf(leaf);
      if (transaction === null) this.#unheard.delete(leaf);
      else if (this.#isActive) this.#announcer.announceAgain(transaction, nowMs);
    }
    const isDone = this.#unheard.size === 0;
    this.#rebroadcastMs = isDone ? Number.POSITIVE_INFINITY : nowMs + 1 + this.#delays.next(REBROADCAST_MEAN_MS);
  }

  #tellFilters(now: Now): void {
    if (this.#peers.size === 0 || this.#filterDueMs > now.monotonicMs) return;
    this.#filterDueMs = now.monotonicMs + 1 + this.#delays.next(FILTER_MEAN_MS);
    const rate = this.#isActive ? this.#pool.leastRate(now) : NOTHING;
    for (const [peer, state] of this.#peers) {
      if (state.told === rate) continue;
      state.told = rate;
      this.#send(peer, { command: 'feefilter', body: { rate } });
    }
  }

  #disconnect(peer: string, reason: CloseReason): void {
    this.#actions.push({ type: 'disconnect', peer, reason });
  }

  #send(peer: string, message: PeerMessage): void {
    this.#actions.push({ type: 'send', peer, message });
  }
}
