// Which transaction is asked of whom (P2P-35): of one peer that announced it, of the next one when that one does not answer. Peers that we chose are
// asked first, so that those who connect to us cannot keep a transaction from us by announcing it and staying silent.

import type { TransactionName } from './messages/transactions.ts';

/** Open requests per peer. */
const WINDOW = 16;

/** Announcements that are remembered per peer; more are not heard. */
const QUEUE_PER_PEER = 5_000;

/** Without an answer for so long, the next peer is asked. The first keeps the place until it answers. */
const TIMEOUT_MS = 20_000;

/** Peers that opened the connection themselves are asked so much later. */
const INBOUND_DELAY_MS = 2_000;

export interface TransactionRequest extends TransactionName {
  readonly peer: string;
}

interface Queued extends TransactionName {
  readonly notBeforeMs: number;
}

interface FetchPeer {
  readonly outbound: boolean;
  /** Oldest first; the key is `by id`. */
  readonly queue: Map<string, Queued>;
  /** Requests whose answers it owes. */
  readonly open: Set<string>;
}

/** One transaction that somebody is asked for. */
interface Asked {
  readonly name: TransactionName;
  peer: string;
  sinceMs: number;
  /** Others that announced it. */
  readonly others: Set<string>;
}

export class TransactionFetch {
  readonly #peers = new Map<string, FetchPeer>();
  /** In the order in which they were asked for. */
  readonly #asked = new Map<string, Asked>();

  addPeer(peer: string, outbound: boolean): void {
    this.#peers.set(peer, { outbound, queue: new Map(), open: new Set() });
  }

  removePeer(peer: string, nowMs: number): void {
    this.#peers.delete(peer);
    for (const [key, asked] of [...this.#asked]) {
      asked.others.delete(peer);
      if (asked.peer === peer) this.#passOn(key, asked, nowMs);
    }
  }

  /** The peer announced it, or (by id) sent a child of it. */
  offered(peer: string, name: TransactionName, nowMs: number): void {
    const state = this.#peers.get(peer);
    if (state === undefined || state.queue.size >= QUEUE_PER_PEER) return;
    const key = keyOf(name);
    const asked = this.#asked.get(key);
    if (asked !== undefined) {
      if (asked.peer !== peer) asked.others.add(peer);
      return;
    }
    const notBeforeMs = nowMs + (state.outbound || name.by === 'txid' ? 0 : INBOUND_DELAY_MS);
    if (!state.queue.has(key)) state.queue.set(key, { by: name.by, id: name.id, notBeforeMs });
  }

  /** The peer has answered; whether it had it. */
  settle(peer: string, name: TransactionName, isHere: boolean, nowMs: number): void {
    const key = keyOf(name);
    this.#peers.get(peer)?.open.delete(key);
    const asked = this.#asked.get(key);
    if (asked === undefined) return;
    if (isHere) this.#asked.delete(key);
    else if (asked.peer === peer) this.#passOn(key, asked, nowMs);
  }

  /** Nothing is wanted any more. */
  clear(): void {
    this.#asked.clear();
    for (const { queue } of this.#peers.values()) queue.clear();
  }

  /** Requests to be sent now. `wants`: whether it is still needed; `isIdle`: whether a peer should be asked for more. */
  next(
    nowMs: number,
    wants: (name: TransactionName) => boolean,
    isIdle: (peer: string) => boolean,
  ): TransactionRequest[] {
    for (const [key, asked] of this.#asked) {
      if (asked.sinceMs + TIMEOUT_MS > nowMs) break;
      this.#passOn(key, asked, nowMs);
    }
    const requests: TransactionRequest[] = [];
    for (const [peer, state] of this.#peers) {
      if (state.queue.size === 0 || !isIdle(peer)) continue;
      this.#ask(peer, state, nowMs, wants, requests);
    }
    return requests;
  }

  /** When `next` may have more to ask; infinity if nothing waits for time. */
  nextMs(isIdle: (peer: string) => boolean): number {
    const [first] = this.#asked.values();
    let next = first === undefined ? Number.POSITIVE_INFINITY : first.sinceMs + TIMEOUT_MS;
    for (const [peer, { queue, open }] of this.#peers) {
      const [head] = queue.values();
      if (head !== undefined && open.size < WINDOW && isIdle(peer)) next = Math.min(next, head.notBeforeMs);
    }
    return next;
  }

  #ask(
    peer: string,
    state: FetchPeer,
    nowMs: number,
    wants: (name: TransactionName) => boolean,
    requests: TransactionRequest[],
  ): void {
    for (const [key, { by, id, notBeforeMs }] of state.queue) {
      if (state.open.size >= WINDOW || notBeforeMs > nowMs) return;
      state.queue.delete(key);
      const name = { by, id };
      const asked = this.#asked.get(key);
      if (asked !== undefined) asked.others.add(peer);
      // It may still owe an answer to an earlier request for it.
      else if (wants(name) && !state.open.has(key)) {
        state.open.add(key);
        this.#asked.set(key, { name, peer, sinceMs: nowMs, others: new Set() });
        requests.push({ peer, by, id });
      }
    }
  }

  /** Who was asked does not deliver: the next one that announced it takes over, one that we chose before others. */
  #passOn(key: string, { name, others }: Asked, nowMs: number): void {
    this.#asked.delete(key);
    const known = [...others].filter((peer) => this.#peers.has(peer));
    const next = known.find((peer) => this.#peers.get(peer)?.outbound === true) ?? known[0];
    if (next === undefined) return;
    // The others come after it, should it be silent too.
    for (const peer of [next, ...known.filter((other) => other !== next)]) {
      const queue = this.#peers.get(peer)?.queue;
      if (queue !== undefined && (peer === next || queue.size < QUEUE_PER_PEER))
        queue.set(key, { ...name, notBeforeMs: peer === next ? nowMs : nowMs + INBOUND_DELAY_MS });
    }
  }
}

function keyOf({ by, id }: TransactionName): string {
  return `${by} ${id}`;
}
