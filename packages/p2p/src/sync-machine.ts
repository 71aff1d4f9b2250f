// Synchronisation with all ready peers at once (P2P-25 to P2P-31): headers first, then bodies, then the chunks of the checkpoints that the
// chain wants. It stands between the sessions, which know bytes, and the chain machine, which knows rules; sans-IO like both.

import { toHex } from '@resonancenet/bytes/hex';
import type { ChainAction, ChainEvent, Hex32, Now } from '@resonancenet/chain/events';
import type { ChainStore, CheckpointStore } from '@resonancenet/chain/ports';
import { type VerdictCode, verdictCodes } from '@resonancenet/consensus/verdict-codes';
import type { BlockHeader } from '@resonancenet/primitives/header';
import { type Answer, answerRequest, notFound } from './answer-request.ts';
import { BodyFetch } from './body-fetch.ts';
import type { ChainView } from './chain-view.ts';
import { ChunkFetch } from './chunk-fetch.ts';
import type { CloseReason } from './close-code.ts';
import type { FinalBlock } from './first-sync.ts';
import { announceable, type HeaderOutcome, HeaderSync } from './header-sync.ts';
import { toPrintable } from './messages/ascii.ts';
import { ANNOUNCEMENT } from './messages/headers.ts';
import { NO_ID } from './messages/ids.ts';
import type { PeerMessage } from './messages/message.ts';
import { MAX_REJECT_DETAIL } from './messages/notices.ts';
import type { NotFoundMessage } from './messages/transfer.ts';
import type { GateVerdict } from './mining-gate.ts';
import { NetworkStanding, type StandingOptions } from './network-standing.ts';
import { RecentSet } from '@resonancenet/bytes/recent-set';
import { TokenBucket } from './token-bucket.ts';
import {
  type ForwardedPoolAction,
  type RelayAction,
  type RelayOptions,
  TransactionRelay,
} from './transaction-relay.ts';
import type { MempoolEvent } from '@resonancenet/mempool/mempool-events';
import { type UploadLimits, UploadQueue, type UploadRequest } from './upload-queue.ts';

/** Headers checked in one step, so that a long answer does not hold up everything else: about 20 ms of signatures. */
const HEADERS_PER_STEP = 128;

/** Blocks whose checkpoints are offered on a new connection. */
const OFFERED_BLOCKS = 12;

/** Where the node stands among its peers is looked at this often at most, whatever they send. */
const STANDING_MS = 100;

/** Ids that are remembered per peer as known to it. */
const KNOWN_PER_PEER = 1024;

export interface SyncOptions {
  readonly chain: ChainView;
  // The chain relies in the next step on what it wrote and deleted in this one, so both are done at once.
  readonly checkpoints: Pick<CheckpointStore, 'getChunk' | 'delete'>;
  readonly store: Pick<ChainStore, 'write'>;
  readonly uploads: UploadLimits;
  /** Random u32 of this node: the order in which it fetches chunks. */
  readonly salt: number;
  readonly standing: Omit<StandingOptions, 'isNew' | 'nowMs'>;
  /** Null: this node neither keeps nor passes on unconfirmed transactions. */
  readonly relay: RelayOptions | null;
  readonly now: Now;
}

export type SyncAction =
  | { readonly type: 'send'; readonly peer: string; readonly message: PeerMessage }
  | { readonly type: 'disconnect'; readonly peer: string; readonly reason: CloseReason }
  /** The gate's verdict has changed. */
  | { readonly type: 'mining'; readonly verdict: GateVerdict }
  /** What a peer says about something that we sent it. */
  | {
      readonly type: 'peer-rejects';
      readonly peer: string;
      readonly code: string;
      readonly id: Hex32;
      readonly detail: string;
    }
  | ForwardedAction
  | ForwardedPoolAction;

/** Actions of the chain that the caller carries out. */
export type ForwardedAction = Exclude<
  ChainAction,
  { readonly type: 'persist' | 'delete-checkpoint' | 'want-body' | 'want-chunks' | 'unwant' | 'wake' }
>;

/** What is known of a connection when it becomes ready. */
export interface ReadyPeer {
  readonly outbound: boolean;
  /** Peers of one group count once where agreement is asked for. */
  readonly group: string;
  /** Its last final block, as it says. */
  readonly final: FinalBlock;
  /** Headers that its host may still be asked for. */
  readonly budget: TokenBucket;
}

interface SyncPeer extends ReadyPeer {
  /** Headers that it sent or was sent. */
  readonly known: RecentSet<Hex32>;
  /** Blocks that it offers. */
  readonly offered: RecentSet<Hex32>;
  readonly rejects: TokenBucket;
}

export class SyncMachine {
  readonly #options: SyncOptions;
  readonly #chain: ChainView;
  readonly #peers = new Map<string, SyncPeer>();
  readonly #headers: HeaderSync;
  readonly #bodies = new BodyFetch();
  readonly #chunks: ChunkFetch;
  readonly #uploads: UploadQueue;
  readonly #standing: NetworkStanding;
  readonly #relay: TransactionRelay | null;
  #actions: SyncAction[] = [];
  #accepted: { readonly header: BlockHeader; readonly id: Hex32 }[] = [];
  #chainWakeMs: number | null = null;
  /** Something happened since the node looked where it stands, and from when on it may look again. */
  #isStandingOpen = true;
  #standingDueMs: number = Number.NEGATIVE_INFINITY;
  /** When time alone changes where it stands. */
  #standingWakeMs: number = Number.POSITIVE_INFINITY;

  constructor(options: SyncOptions) {
    this.#options = options;
    this.#chain = options.chain;
    this.#headers = new HeaderSync(options.chain);
    this.#chunks = new ChunkFetch(options.salt);
    this.#uploads = new UploadQueue(options.uploads, options.now.monotonicMs);
    this.#relay = options.relay === null ? null : new TransactionRelay(options.relay);
    const isNew = options.chain.finalizedHeight() === 0;
    this.#standing = new NetworkStanding({ ...options.standing, isNew, nowMs: options.now.monotonicMs }, this.#headers);
  }

  /** Whether mining is allowed now, and why (P2P-30). */
  mayMine(now: Now): GateVerdict {
    return this.#standing.verdict(this.#peers.keys(), now.monotonicMs);
  }

  /** How far the peer's headers are ahead of what is decided here; null if unknown. */
  lag(peer: string): number | null {
    return this.#headers.lag(peer);
  }

  /** The last header of the peer that is held here; null if it has none beyond ours. */
  bestHeader(peer: string): Hex32 | null {
    return this.#headers.best(peer);
  }

  /** The operator gave the address of a peer. */
  setHasKnownPeers(value: boolean): void {
    this.#standing.setHasKnownPeers(value);
    this.#isStandingOpen = true;
  }

  peerReady(peer: string, facts: ReadyPeer, now: Now): SyncAction[] {
    this.#isStandingOpen = true;
    this.#peers.set(peer, {
      ...facts,
      known: new RecentSet(KNOWN_PER_PEER),
      offered: new RecentSet(KNOWN_PER_PEER),
      rejects: new TokenBucket(20, 1, now.monotonicMs),
    });
    const { firstSync } = this.#standing;
    if (firstSync === null) this.#headers.addPeer(peer, facts.budget, now.monotonicMs);
    else if (facts.outbound) firstSync.addPeer(peer, facts.group, facts.final);
    this.#bodies.addPeer(peer);
    this.#chunks.addPeer(peer);
    this.#uploads.addPeer(peer);
    this.#relay?.addPeer(peer, facts.outbound, now);
    this.#offerRecent(peer);
    return this.#finish(now);
  }

  peerGone(peer: string, now: Now): SyncAction[] {
    this.#isStandingOpen = true;
    // Contact and the gate depend on it at once.
    this.#standingDueMs = now.monotonicMs;
    this.#forget(peer);
    return this.#finish(now);
  }

  message(peer: string, message: PeerMessage, now: Now): SyncAction[] {
    this.#isStandingOpen = true;
    if (this.#peers.has(peer)) this.#receive(peer, message, now);
    return this.#finish(now);
  }

  /** Announcements of this peer were dropped unread. */
  announcementsDropped(peer: string, now: Now): SyncAction[] {
    this.#headers.askSoon(peer, now.monotonicMs);
    return this.#finish(now);
  }

  /** So many bytes were handed to the peer's connection and have not left yet. */
  unsent(peer: string, bytes: number, now: Now): SyncAction[] {
    this.#uploads.setUnsent(peer, bytes);
    return this.#finish(now);
  }

  /** An event of our own: a mined block, an evaluation, an operator's command. */
  chainEvent(event: ChainEvent, now: Now): SyncAction[] {
    this.#isStandingOpen = true;
    this.#step(event, now);
    if (event.type === 'reconsider') this.#standing.settle(now.monotonicMs);
    if (event.type === 'reconsider' || event.type === 'invalidate') this.#headers.askAll(now.monotonicMs);
    return this.#finish(now);
  }

  /** An event for the pool: transactions of the operator, checked signatures, what an earlier run left. */
  poolEvent(event: MempoolEvent, now: Now): SyncAction[] {
    this.#relay?.poolEvent(event, now);
    return this.#finish(now);
  }

  tick(now: Now): SyncAction[] {
    if (this.#headers.hasQueued) this.#isStandingOpen = true;
    if (this.#chainWakeMs !== null && this.#chainWakeMs <= now.monotonicMs) {
      this.#chainWakeMs = null;
      this.#step({ type: 'tick' }, now);
    }
    return this.#finish(now);
  }

  /** When `tick` is due; null if nothing waits for time. */
  nextTickMs(now: Now): number | null {
    const nowMs = now.monotonicMs;
    const times = [
      this.#chainWakeMs,
      this.#headers.nextMs(nowMs),
      this.#bodies.nextMs(nowMs),
      this.#chunks.nextStallMs(nowMs),
      this.#uploads.nextMs(nowMs),
      this.#isStandingOpen ? this.#standingDueMs : null,
      this.#standingWakeMs === Number.POSITIVE_INFINITY ? null : this.#standingWakeMs,
      this.#relay?.nextMs() ?? null,
    ].filter((time) => time !== null);
    return times.length === 0 ? null : Math.max(nowMs, Math.min(...times));
  }

  #receive(peer: string, message: PeerMessage, now: Now): void {
    switch (message.command) {
      case 'headers': {
        if (this.#standing.firstSync?.answer(peer, message.body.request, message.body.headers) === true) break;
        const reason = this.#headers.receive(peer, message.body, now.monotonicMs);
        if (reason !== null) this.#disconnect(peer, reason);
        break;
      }
      case 'body':
        this.#receiveBody(peer, message.body.blockId, message.body.bytes, now);
        break;
      case 'chunk': {
        const { root, index } = message.body;
        // Nobody waits for it any more: the chain did not ask, or another peer was quicker.
        const isWanted = this.#chunks.isWanted(root);
        const isStored =
          isWanted && this.#refusal(this.#step({ type: 'chunk', peer, ...message.body }, now), null) === null;
        this.#chunks.received(peer, root, index, isStored, now.monotonicMs);
        break;
      }
      case 'notfound':
        this.#notFound(peer, message.body, now);
        break;
      case 'offer':
        this.#chunks.offer(peer, message.body.root);
        this.#bodies.available(peer, message.body.blockId);
        this.#peers.get(peer)?.offered.add(message.body.blockId);
        this.#peers.get(peer)?.known.add(message.body.blockId);
        this.#headers.offered(peer, message.body.blockId);
        if (this.#chain.header(message.body.blockId) === null) this.#headers.askSoon(peer, now.monotonicMs);
        break;
      case 'getheaders':
        this.#enqueue(peer, { what: 'headers', ...message.body });
        break;
      case 'getbody':
        this.#enqueue(peer, { what: 'body', id: message.body.blockId });
        break;
      case 'getchunk':
        this.#enqueue(peer, { what: 'chunk', id: message.body.root, index: message.body.index });
        break;
      case 'gettx':
        this.#enqueue(peer, { what: 'transaction', ...message.body });
        break;
      case 'newtx':
      case 'tx':
      case 'feefilter':
        this.#relay?.receive(peer, message, now);
        break;
      case 'reject':
        if (this.#peers.get(peer)?.rejects.take(1, now.monotonicMs) === true)
          this.#actions.push({ type: 'peer-rejects', peer, ...message.body });
        break;
      // The session keeps these to itself.
      case 'version':
      case 'verack':
      case 'ping':
      case 'pong':
        break;
      default:
        message satisfies never;
    }
  }

  #notFound(peer: string, { what, id, index }: NotFoundMessage, now: Now): void {
    if (what === 'body') this.#bodies.settle(peer, id, false);
    else if (what === 'chunk') this.#chunks.notFound(peer, id, index);
    else this.#relay?.notFound(peer, { by: what, id }, now);
  }

  #receiveBody(peer: string, id: Hex32, bytes: Uint8Array, now: Now): void {
    if (!this.#bodies.isWanted(id)) {
      this.#bodies.settle(peer, id, false);
      return;
    }
    const code = this.#refusal(this.#step({ type: 'body', blockId: id, bytes, peer }, now), id);
    this.#bodies.settle(peer, id, code === null);
    // What condemns only the message leaves the block open: another peer may have the right body.
    if (code === null || verdictCodes[code].condemns === 'id') this.#bodies.unwant(id);
  }

  #enqueue(peer: string, request: UploadRequest): void {
    if (this.#uploads.push(peer, request)) return;
    const detail = 'too many requests at once; wait for the answers';
    this.#disconnect(peer, { code: 'request-rate', detail });
  }

  /** Steps the chain and routes what it wants; the actions are returned as well, so that the outcome can be read from them. */
  #step(event: ChainEvent, now: Now): readonly ChainAction[] {
    const actions = this.#chain.step(event, now);
    for (const action of actions) this.#route(action, now);
    return actions;
  }

  #route(action: ChainAction, now: Now): void {
    switch (action.type) {
      case 'persist':
        this.#options.store.write(action.batch);
        return;
      case 'delete-checkpoint':
        this.#options.checkpoints.delete(action.root);
        return;
      case 'want-body':
        this.#bodies.want(action.blockId);
        return;
      case 'want-chunks':
        this.#chunks.want(action.root, action.missing);
        return;
      case 'unwant':
        this.#chunks.unwant(action.root);
        return;
      case 'wake':
        // It takes the place of the one before: the chain tells every change, earlier or later.
        this.#chainWakeMs = action.atMonotonicMs;
        return;
      case 'header-accepted': {
        const header = this.#chain.header(action.blockId);
        if (header !== null) this.#accepted.push({ header, id: action.blockId });
        break;
      }
      case 'verified':
        for (const peer of this.#peers.keys()) this.#offer(peer, action.root, action.blockId);
        break;
      case 'refused':
        this.#punish(action, now);
        break;
      case 'tip':
        // What the tip's state is has been written before.
        this.#relay?.tipMoved(action.from, action.to, now);
        break;
      case 'evaluate':
      case 'cancel-evaluate':
      case 'verify-signatures':
      case 'finalized':
      case 'not-active':
      case 'alarm':
        break;
      default:
        action satisfies never;
    }
    this.#actions.push(action);
  }

  /** Disconnects who broke a rule or his word, and tells others why we did not take what they sent. */
  #punish(action: Extract<ChainAction, { readonly type: 'refused' }>, now: Now): void {
    const { code, blockId, peer, peerFault, detail } = action;
    const about = blockId === null ? {} : { blockId };
    const reason: CloseReason = { code: 'block-invalid', detail: `${code}: ${detail}`, ...about };
    if (peer !== null && peerFault) this.#disconnect(peer, reason);
    else if (peer !== null) this.#explain(peer, code, blockId, detail, now);
    if (blockId === null || verdictCodes[code].condemns !== 'id') return;
    this.#bodies.unwant(blockId);
    // An offer asserts full verification: whoever made one for this block has not done it. (What the operator forbids has no fault.)
    if (verdictCodes[code].fault !== 'peer') return;
    for (const [other, { offered }] of this.#peers) if (offered.has(blockId)) this.#disconnect(other, reason);
  }

  #explain(peer: string, code: VerdictCode, blockId: Hex32 | null, detail: string, now: Now): void {
    if (code === 'header-unknown-parent' || this.#peers.get(peer)?.rejects.take(1, now.monotonicMs) !== true) return;
    const body = { code, id: blockId ?? NO_ID, detail: toPrintable(detail, MAX_REJECT_DETAIL) };
    this.#actions.push({ type: 'send', peer, message: { command: 'reject', body } });
  }

  #disconnect(peer: string, reason: CloseReason): void {
    if (!this.#peers.has(peer)) return;
    this.#actions.push({ type: 'disconnect', peer, reason });
    this.#forget(peer);
  }

  #forget(peer: string): void {
    this.#peers.delete(peer);
    this.#headers.removePeer(peer);
    this.#standing.firstSync?.removePeer(peer);
    this.#bodies.removePeer(peer);
    this.#chunks.removePeer(peer);
    this.#uploads.removePeer(peer);
    this.#relay?.removePeer(peer);
  }

  /** The code with which a step refused this block (null: anything); null if it did not. */
  #refusal(actions: readonly ChainAction[], blockId: Hex32 | null): VerdictCode | null {
    for (const action of actions)
      if (action.type === 'refused' && (blockId === null || action.blockId === blockId)) return action.code;
    return null;
  }

  #feedHeader(header: BlockHeader, id: Hex32, peer: string, now: Now): HeaderOutcome {
    const { anchor } = this.#standing;
    if (anchor !== null && header.height === anchor.height && id !== anchor.id) {
      const detail = `block ${id} at height ${header.height}, where it said to hold ${anchor.id}`;
      this.#disconnect(peer, { code: 'block-invalid', detail, blockId: id });
      return 'fault';
    }
    const refusal = this.#step({ type: 'header', header, peer }, now).find((action) => action.type === 'refused');
    this.#peers.get(peer)?.known.add(id);
    this.#bodies.available(peer, id);
    if (refusal === undefined) return 'accepted';
    if (refusal.peerFault) return 'fault';
    if (refusal.code === 'header-unknown-parent') return 'unknown-parent';
    if (refusal.code === 'header-future') return 'later';
    if (refusal.code === 'header-quota') return 'quota';
    return refusal.code === 'header-below-finality' ? 'diverged' : 'refused';
  }

  /** What follows from every event: headers in their turn, requests, answers, announcements, the gate. */
  #finish(now: Now): SyncAction[] {
    const nowMs = now.monotonicMs;
    this.#chooseChain(nowMs);
    this.#headers.process(HEADERS_PER_STEP, (header, id, peer) => this.#feedHeader(header, id, peer, now), nowMs);
    this.#announce();
    this.#updateStanding(now);
    for (const { peer, message } of this.#headers.due(nowMs))
      this.#send(peer, { command: 'getheaders', body: message });
    this.#bodies.prune(nowMs, (id) => this.#chain.header(id) !== null && this.#chain.bodyBytes(id) === null);
    for (const { peer, blockId } of this.#bodies.next(nowMs, (name, id) => this.#knows(name, id)))
      this.#send(peer, { command: 'getbody', body: { blockId } });
    for (const { peer, root, index } of this.#chunks.next(nowMs))
      this.#send(peer, { command: 'getchunk', body: { root, index } });
    this.#serve(nowMs);
    for (const action of this.#relay?.finish(now) ?? []) this.#routeRelay(action);
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  #routeRelay(action: RelayAction): void {
    if (action.type === 'disconnect') this.#disconnect(action.peer, action.reason);
    else this.#actions.push(action);
  }

  /** A new node asks around before it takes anybody's headers (P2P-31). */
  #chooseChain(nowMs: number): void {
    const { questions, alarm, join } = this.#standing.choose(this.#chain, nowMs);
    for (const { peer, message } of questions) this.#send(peer, { command: 'getheaders', body: message });
    if (alarm !== null) this.#actions.push({ type: 'alarm', reason: alarm, blockId: this.#chain.tip().id });
    for (const peer of join === 'all' ? this.#peers.keys() : join) {
      const facts = this.#peers.get(peer);
      if (facts !== undefined && !this.#headers.hasPeer(peer)) this.#headers.addPeer(peer, facts.budget, nowMs);
    }
  }

  /** Tells chain and miner what has changed between this node and its peers. */
  #updateStanding(now: Now): void {
    const nowMs = now.monotonicMs;
    const dueMs = this.#isStandingOpen ? Math.min(this.#standingDueMs, this.#standingWakeMs) : this.#standingWakeMs;
    if (nowMs < dueMs) return;
    this.#isStandingOpen = false;
    this.#standingDueMs = nowMs + STANDING_MS;
    const { events, verdict } = this.#standing.update(this.#peers.keys(), nowMs);
    for (const event of events) {
      this.#step(event, now);
      if (event.type === 'in-sync') this.#relay?.setActive(event.value, now);
    }
    this.#standingWakeMs = this.#standing.nextMs(nowMs) ?? Number.POSITIVE_INFINITY;
    if (verdict !== null) this.#actions.push({ type: 'mining', verdict });
  }

  #announce(): void {
    // While headers still wait, more of the same row may follow; its last one is enough.
    if (this.#accepted.length === 0 || this.#headers.hasQueued) return;
    const announced = announceable(this.#accepted);
    this.#accepted = [];
    for (const [peer, { known }] of this.#peers) {
      const news = announced.filter(({ id }) => !known.has(id));
      if (news.length === 0) continue;
      for (const { id } of news) known.add(id);
      const headers = news.map(({ header }) => header);
      this.#send(peer, { command: 'headers', body: { request: ANNOUNCEMENT, headers } });
    }
  }

  #offerRecent(peer: string): void {
    const tipHeight = this.#chain.tip().height;
    for (let height = Math.max(0, tipHeight - OFFERED_BLOCKS + 1); height <= tipHeight; height += 1) {
      const id = this.#chain.activeChainAt(height);
      const header = id === null ? null : this.#chain.header(id);
      if (id === null || header === null) continue;
      const root = toHex(header.checkpointRoot);
      if (this.#chain.canOffer(root)) this.#offer(peer, root, id);
    }
  }

  #offer(peer: string, root: Hex32, blockId: Hex32): void {
    this.#send(peer, { command: 'offer', body: { root, blockId } });
  }

  /** Whether the peer has shown that it has a block: it told the header, or its chain reaches that height. */
  #knows(peer: string, id: Hex32): boolean {
    if (this.#peers.get(peer)?.known.has(id) === true) return true;
    const best = this.#headers.best(peer);
    const bestHeight = best === null ? null : this.#chain.heightOf(best);
    const height = this.#chain.heightOf(id);
    return bestHeight !== null && height !== null && height <= bestHeight;
  }

  /** Answers requests as far as the peers take the answers and the cap allows. */
  #serve(nowMs: number): void {
    for (let turn = this.#uploads.next(nowMs); turn !== null; turn = this.#uploads.next(nowMs)) {
      const { message, bytes } = this.#answer(turn.peer, turn.request);
      this.#send(turn.peer, message);
      this.#uploads.charge(turn.peer, bytes, nowMs);
    }
  }

  #answer(peer: string, request: UploadRequest): Answer {
    if (request.what !== 'transaction') return answerRequest(this.#chain, this.#options.checkpoints, request);
    return this.#relay?.answer(peer, request) ?? notFound(request.by, request.id, 0);
  }

  #send(peer: string, message: PeerMessage): void {
    this.#actions.push({ type: 'send', peer, message });
  }
}
