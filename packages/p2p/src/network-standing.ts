// Where this node stands among its peers (P2P-29 to P2P-31): whom a new node follows, whether it may mine, whether it is in contact.
// It changes nothing; it says what has changed.

import type { ChainEvent } from '@resonancenet/chain/events';
import type { ChainView } from './chain-view.ts';
import { type ChosenPeer, Contact } from './contact.ts';
import { type FinalBlock, FirstSync, type FirstSyncQuestion, type Quorum } from './first-sync.ts';
import type { HeaderSync } from './header-sync.ts';
import { type GateFacts, type GateVerdict, gateNextMs, gateVerdict, SETTLE_MS } from './mining-gate.ts';
import type { TargetContact } from './outbound-targets.ts';

export interface StandingOptions {
  readonly hasKnownPeers: boolean;
  readonly mineAlone: boolean;
  readonly quorum: Quorum;
  /** The chain has no final block but block 0. */
  readonly isNew: boolean;
  /** The given addresses and the connections to them. */
  readonly contacts: () => readonly TargetContact[];
  /** When a connection was last heard from. */
  readonly heardMs: (peer: string) => number;
  readonly nowMs: number;
}

/** Least time between two alarms about a first synchronisation that finds no agreement. */
const ALARM_MS = 600_000;

export interface StandingChange {
  /** For the chain: `in-sync` and `contact`. */
  readonly events: readonly Extract<ChainEvent, { readonly type: 'in-sync' | 'contact' }>[];
  /** Null if it stays as it was. */
  readonly verdict: GateVerdict | null;
}

export interface ChainChoice {
  readonly questions: readonly FirstSyncQuestion[];
  /** Why no chain is followed, for the operator. */
  readonly alarm: string | null;
  /** Whose headers are taken from now on: `all` once the choice is made and carried out. */
  readonly join: readonly string[] | 'all';
}

const nobodyNew: ChainChoice = { questions: [], alarm: null, join: [] };

export class NetworkStanding {
  readonly #options: StandingOptions;
  readonly #headers: HeaderSync;
  readonly #contact = new Contact();
  /** Null once it is over, or where one peer is enough. */
  #firstSync: FirstSync | null;
  #alarmedMs: number = Number.NEGATIVE_INFINITY;
  #hasKnownPeers: boolean;
  #everHadPeer = false;
  #verdict: GateVerdict | null = null;
  /** Until when the operator's decision is being carried out. */
  #settlingUntilMs = 0;

  constructor(options: StandingOptions, headers: HeaderSync) {
    this.#options = options;
    this.#headers = headers;
    this.#hasKnownPeers = options.hasKnownPeers;
    const { hasKnownPeers, isNew, quorum, nowMs } = options;
    this.#firstSync = hasKnownPeers && isNew && quorum.outbound > 1 ? new FirstSync(quorum, nowMs) : null;
  }

  setHasKnownPeers(value: boolean): void {
    this.#hasKnownPeers = value;
  }

  /** The operator has reconsidered a branch: all peers count until their headers are decided on. */
  settle(nowMs: number): void {
    this.#settlingUntilMs = nowMs + SETTLE_MS;
  }

  /** The first synchronisation while it lasts. */
  get firstSync(): FirstSync | null {
    return this.#firstSync;
  }

  /** The block that the followed chain must have; null if there is no such condition. */
  get anchor(): FinalBlock | null {
    return this.#firstSync?.decision?.anchor ?? null;
  }

  verdict(peers: Iterable<string>, nowMs: number): GateVerdict {
    return gateVerdict(this.#facts(peers, nowMs), nowMs);
  }

  /** A new node asks around before it takes anybody's headers, and takes first those of the peers that agree. */
  choose(chain: Pick<ChainView, 'finalizedHeight'>, nowMs: number): ChainChoice {
    const firstSync = this.#firstSync;
    if (firstSync === null) return nobodyNew;
    const questions = firstSync.next(nowMs);
    const { decision } = firstSync;
    if (decision === null) {
      const problem = firstSync.problem(nowMs);
      const isDue = problem !== null && nowMs - this.#alarmedMs >= ALARM_MS;
      if (isDue) this.#alarmedMs = nowMs;
      return { questions, alarm: isDue ? problem : null, join: [] };
    }
    // Once the block is final here, no other history can take its place.
    const isFinal = chain.finalizedHeight() >= decision.anchor.height;
    if (isFinal) this.#firstSync = null;
    return { questions, alarm: null, join: isFinal ? 'all' : decision.holders };
  }

  /** What has changed since the last call. */
  update(peers: Iterable<string>, nowMs: number): StandingChange {
    const facts = this.#facts(peers, nowMs);
    this.#everHadPeer = facts.everHadPeer;
    const verdict = gateVerdict(facts, nowMs);
    if (verdict.code === 'in-sync') this.#settlingUntilMs = 0;
    const before = this.#verdict;
    this.#verdict = verdict;
    const events: StandingChange['events'][number][] = [];
    if (before?.mayMine !== verdict.mayMine) events.push({ type: 'in-sync', value: verdict.mayMine });
    const contact = this.#contact.update(this.#chosen(), nowMs);
    if (contact !== null) events.push({ type: 'contact', value: contact.value, sinceMonotonicMs: contact.sinceMs });
    return { events, verdict: before?.code === verdict.code ? null : verdict };
  }

  /** When time alone may change something. */
  nextMs(nowMs: number): number | null {
    const { nowMs: startedMs } = this.#options;
    const times = [
      this.#contact.nextMs(this.#chosen(), nowMs),
      this.#firstSync?.nextMs() ?? null,
      gateNextMs({ startedMs, hasKnownPeers: this.#hasKnownPeers, everHadPeer: this.#everHadPeer }, nowMs),
      this.#settlingUntilMs > nowMs ? this.#settlingUntilMs : null,
    ].filter((time) => time !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  #facts(peers: Iterable<string>, nowMs: number): GateFacts {
    const standings = [...peers].map((peer) => ({
      lag: this.#headers.lag(peer),
      isDiverged: this.#headers.isDiverged(peer),
    }));
    return {
      startedMs: this.#options.nowMs,
      hasKnownPeers: this.#hasKnownPeers,
      everHadPeer: this.#everHadPeer || standings.some(({ lag, isDiverged }) => lag !== null || isDiverged),
      mineAlone: this.#options.mineAlone,
      isSettling: nowMs < this.#settlingUntilMs,
      isChoosing: this.#firstSync !== null && this.#firstSync.decision === null,
      standings,
    };
  }

  #chosen(): ChosenPeer[] {
    return this.#options.contacts().flatMap(({ peer, heardMs }) => {
      if (peer !== null) return [{ heardMs: this.#options.heardMs(peer), isReady: this.#headers.isComplete(peer) }];
      return heardMs === null ? [] : [{ heardMs, isReady: false }];
    });
  }
}
