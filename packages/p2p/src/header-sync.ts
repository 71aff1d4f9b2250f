// The dialogue about headers with every peer (P2P-25 to P2P-27): what was asked, what came and waits to be checked, and how far
// each peer's headers are ahead of what this node has decided on.

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import type { Hex32 } from '@resonancenet/chain/events';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import type { ChainView } from './chain-view.ts';
import type { CloseReason } from './close-code.ts';
import {
  ANNOUNCEMENT,
  type GetHeadersMessage,
  type HeadersMessage,
  MAX_ANNOUNCED,
  MAX_HEADERS,
  MAX_LOCATOR,
} from './messages/headers.ts';
import { NO_ID } from './messages/ids.ts';
import type { TokenBucket } from './token-bucket.ts';

/** Every peer is asked this long after its last answer, in case an announcement was lost. */
const POLL_MS = 30_000;

/** A request that is not answered by then is repeated. */
const ANSWER_MS = 30_000;

/** Least time between two requests to a peer, unless the last answer was full. */
const ASK_INTERVAL_MS = 1_000;

/** A header ahead of our clock is asked for again after this. */
const LATER_MS = 2_000;

/** A peer whose headers go beyond its quota is asked again after this. */
const QUOTA_MS = 10_000;

/** Pending headers that are counted at most. */
const MAX_LAG = 32;

/** What became of a header (P2P-26); `accepted` also if it was known before. */
export type HeaderOutcome = 'accepted' | 'unknown-parent' | 'later' | 'quota' | 'diverged' | 'refused' | 'fault';

export type FeedHeader = (header: BlockHeader, id: Hex32, peer: string) => HeaderOutcome;

export interface QueuedHeader {
  readonly header: BlockHeader;
  readonly id: Hex32;
}

interface ReceivedHeader extends QueuedHeader {
  /** It belongs to an answer about the peer's own chain. */
  readonly isClaimed: boolean;
}

interface HeaderPeer {
  readonly budget: TokenBucket;
  queue: ReceivedHeader[];
  /** The queue ends an answer: `full` if the answer was. Null if only announcements are queued. */
  answer: 'full' | 'last' | null;
  request: { readonly number: number; readonly sentMs: number; readonly stop: Hex32 } | null;
  askAtMs: number;
  askStop: Hex32;
  lastAskedMs: number;
  /** The last header from this peer that we hold; null if it sent none. */
  best: Hex32 | null;
  /** The last block that it says it has made its own: by its answers and offers. What it merely passes on does not count. */
  claimed: Hex32 | null;
  /** An answer told its tip. */
  isComplete: boolean;
  /** What it told does not count any more: it is being asked anew. */
  isStale: boolean;
  /** It builds below our finality. */
  isDiverged: boolean;
}

export interface HeaderRequest {
  readonly peer: string;
  readonly message: GetHeadersMessage;
}

export class HeaderSync {
  readonly #chain: ChainView;
  readonly #peers = new Map<string, HeaderPeer>();
  #requests = 0;

  constructor(chain: ChainView) {
    this.#chain = chain;
  }

  /** `budget`: headers that the peer's host may still be asked for. */
  addPeer(peer: string, budget: TokenBucket, nowMs: number): void {
    assert(!this.#peers.has(peer), `peer ${peer} is added twice`);
    this.#peers.set(peer, {
      budget,
      queue: [],
      answer: null,
      request: null,
      askAtMs: nowMs,
      askStop: NO_ID,
      lastAskedMs: Number.NEGATIVE_INFINITY,
      best: null,
      claimed: null,
      isComplete: false,
      isStale: false,
      isDiverged: false,
    });
  }

  hasPeer(peer: string): boolean {
    return this.#peers.has(peer);
  }

  removePeer(peer: string): void {
    this.#peers.delete(peer);
  }

  /** Takes a message; a reason to close if its headers do not follow each other. */
  receive(peer: string, message: HeadersMessage, nowMs: number): CloseReason | null {
    const state = this.#peers.get(peer);
    if (state === undefined) return null;
    const isClaimed = message.request !== ANNOUNCEMENT && state.request?.stop === NO_ID;
    const queued = message.headers.map((header) => ({ header, id: toHex(blockId(header)), isClaimed }));
    if (message.request === ANNOUNCEMENT) {
      // What does not fit is asked for later; nothing is lost.
      if (state.queue.length > MAX_HEADERS) this.askSoon(peer, nowMs);
      else state.queue.push(...queued);
      return null;
    }
    if (message.request !== state.request?.number) return null;
    for (const [index, { header }] of queued.entries()) {
      const before = queued[index - 1];
      if (before !== undefined && toHex(header.prevHash) !== before.id)
        return {
          code: 'headers-discontinuous',
          detail: `header ${index} builds on ${toHex(header.prevHash)}, the one before it is ${before.id}`,
        };
    }
    state.request = null;
    state.budget.charge(queued.length, nowMs);
    state.queue.push(...queued);
    state.answer = queued.length === MAX_HEADERS ? 'full' : 'last';
    if (state.queue.length === 0) this.#finishQueue(state, nowMs);
    return null;
  }

  /** Asks the peer for its headers as soon as the interval allows. */
  askSoon(peer: string, nowMs: number): void {
    const state = this.#peers.get(peer);
    if (state !== undefined) this.#askAt(state, nowMs, NO_ID);
  }

  /** Asks everybody anew, for instance after the operator changed what is valid. */
  askAll(nowMs: number): void {
    for (const state of this.#peers.values()) {
      state.isDiverged = false;
      state.isStale = true;
      this.#askAt(state, nowMs, NO_ID);
    }
  }

  get hasQueued(): boolean {
    for (const { queue } of this.#peers.values()) if (queue.length > 0) return true;
    return false;
  }

  /** Checks at most `budget` queued headers, peers in turn. */
  process(budget: number, feed: FeedHeader, nowMs: number): void {
    let left = budget;
    while (left > 0 && this.hasQueued) {
      const share = Math.max(1, Math.floor(left / Math.max(1, this.#peers.size)));
      for (const [peer, state] of [...this.#peers]) {
        const count = Math.min(share, left, state.queue.length);
        this.#processPeer(peer, state, count, feed, nowMs);
        left -= count;
      }
    }
  }

  /** Requests to send now. */
  due(nowMs: number): HeaderRequest[] {
    const requests: HeaderRequest[] = [];
    for (const [peer, state] of this.#peers) {
      if (state.queue.length > 0 || state.askAtMs > nowMs || state.budget.waitMs(1, nowMs) > 0) continue;
      if (state.request !== null && nowMs - state.request.sentMs < ANSWER_MS) continue;
      this.#requests += 1;
      state.request = { number: this.#requests, sentMs: nowMs, stop: state.askStop };
      state.lastAskedMs = nowMs;
      state.askAtMs = nowMs + POLL_MS;
      requests.push({ peer, message: { request: this.#requests, locator: this.#locator(state), stop: state.askStop } });
      state.askStop = NO_ID;
    }
    return requests;
  }

  /** When something is to be done next. */
  nextMs(nowMs: number): number | null {
    let earliest: number | null = null;
    for (const state of this.#peers.values()) {
      const answerMs = state.request === null ? 0 : state.request.sentMs + ANSWER_MS;
      const budgetMs = nowMs + state.budget.waitMs(1, nowMs);
      const at = state.queue.length > 0 ? nowMs : Math.max(budgetMs, state.askAtMs, answerMs);
      earliest = earliest === null ? at : Math.min(earliest, at);
    }
    return earliest;
  }

  /** The last header of this peer that we hold; null if it has none beyond ours. */
  best(peer: string): Hex32 | null {
    return this.#peers.get(peer)?.best ?? null;
  }

  /** The peer offers a block: it has verified it. */
  offered(peer: string, blockId: Hex32): void {
    const state = this.#peers.get(peer);
    if (state !== undefined && this.#chain.header(blockId) !== null) state.claimed = blockId;
  }

  /**
   * How many headers of the peer's own chain this node has neither accepted as blocks nor ruled out: 0 if it agrees or is behind. Null if that is
   * not known, or if the peer's chain and ours differ below finality.
   */
  lag(peer: string): number | null {
    const state = this.#peers.get(peer);
    if (state === undefined || !state.isComplete || state.isStale || state.isDiverged) return null;
    let lag = 0;
    let id = state.claimed;
    for (let steps = 0; id !== null && steps < MAX_LAG; steps += 1) {
      const status = this.#chain.statusOf(id);
      if (status === null || status === 'verified') return lag;
      // What lies below a block that is ruled out may still be to be decided on.
      lag = status === 'dead' ? 0 : lag + 1;
      const header = this.#chain.header(id);
      id = header === null ? null : toHex(header.prevHash);
    }
    return lag;
  }

  /** Whether the peer has told all its headers. */
  isComplete(peer: string): boolean {
    return this.#peers.get(peer)?.isComplete ?? false;
  }

  /** Whether the peer builds below our finality. */
  isDiverged(peer: string): boolean {
    return this.#peers.get(peer)?.isDiverged ?? false;
  }

  #processPeer(peer: string, state: HeaderPeer, count: number, feed: FeedHeader, nowMs: number): void {
    for (let i = 0; i < count; i += 1) {
      const next = state.queue.shift();
      if (next === undefined) return;
      this.#apply(state, next, feed(next.header, next.id, peer), nowMs);
      if (state.queue.length === 0) this.#finishQueue(state, nowMs);
    }
  }

  #apply(state: HeaderPeer, { id, isClaimed }: ReceivedHeader, outcome: HeaderOutcome, nowMs: number): void {
    if (isClaimed && outcome === 'accepted') state.claimed = id;
    switch (outcome) {
      case 'accepted':
        state.best = id;
        state.isDiverged = this.#chain.status(id)?.status === 'foreign';
        return;
      case 'diverged':
        // The chain keeps the headers of such a branch for the operator; what follows belongs to it.
        state.best = id;
        state.isDiverged = true;
        return;
      case 'unknown-parent':
        // An answer connects to what we told in the locator; if it does not, there is no hurry.
        this.#askAt(state, state.answer === null ? nowMs : nowMs + QUOTA_MS, id);
        break;
      case 'later':
        this.#askAt(state, nowMs + LATER_MS, NO_ID);
        break;
      case 'quota':
        this.#askAt(state, nowMs + QUOTA_MS, NO_ID);
        break;
      case 'refused':
      case 'fault':
        break;
      default:
        outcome satisfies never;
    }
    // What follows builds on it.
    state.queue = [];
    state.answer = null;
  }

  #finishQueue(state: HeaderPeer, nowMs: number): void {
    if (state.answer === 'last') {
      state.isComplete = true;
      state.isStale = false;
    }
    if (state.answer === 'full') {
      state.lastAskedMs = Number.NEGATIVE_INFINITY;
      this.#askAt(state, nowMs, NO_ID);
    }
    state.answer = null;
  }

  #askAt(state: HeaderPeer, atMs: number, stop: Hex32): void {
    state.askAtMs = Math.min(state.askAtMs, Math.max(atMs, state.lastAskedMs + ASK_INTERVAL_MS));
    state.askStop = stop;
  }

  /** The peer's own last header first, so that the answer goes on where the last one ended, also on a branch. */
  #locator(state: HeaderPeer): readonly Hex32[] {
    const ours = this.#chain.locator();
    const last = state.best;
    // The chain may have dropped it since.
    if (last === null || ours.includes(last) || this.#chain.header(last) === null) return ours;
    return [last, ...ours].slice(0, MAX_LOCATOR);
  }
}

/** Headers to announce of those newly accepted: only the last of each row, the others follow from it. */
export function announceable(accepted: readonly QueuedHeader[]): QueuedHeader[] {
  const parents = new Set(accepted.map(({ header }) => toHex(header.prevHash)));
  return accepted.filter(({ id }) => !parents.has(id)).slice(-MAX_ANNOUNCED);
}
