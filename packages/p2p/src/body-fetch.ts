// Which block body is asked of whom (P2P-16): of one who knows the block; while it does not come, of more and more of them. A peer keeps the
// places of the answers that it owes.

import type { Hex32 } from '@resonancenet/chain/events';

/** Open requests per peer. */
const WINDOW = 16;

/** After each such time without the body the number of peers that may be asked for it doubles. */
const STALL_MS = 1_000;

/** When all who know a block were asked in vain, they are asked again after this. */
const RETRY_MS = 5_000;

export interface BodyRequest {
  readonly peer: string;
  readonly blockId: Hex32;
}

/** Whether a peer has shown that it has a block. */
export type Knows = (peer: string, blockId: Hex32) => boolean;

interface WantedBody {
  /** Peers that were asked in this round, the answer open or not. */
  readonly tried: Set<string>;
  /** When the first of them was asked. */
  sinceMs: number | null;
  /** Nobody was left to ask; until then. */
  restsUntilMs: number | null;
  /** All who have it owe as much as they may. */
  isBlocked: boolean;
}

/** Wanted bodies are looked through this often for those that nobody waits for any more. */
const PRUNE_MS = 60_000;

interface BodyPeer {
  /** Bodies that it owes. */
  readonly open: Set<Hex32>;
  delivered: number;
}

export class BodyFetch {
  readonly #wanted = new Map<Hex32, WantedBody>();
  readonly #peers = new Map<string, BodyPeer>();
  #prunedMs = 0;
  /** Something changed since `next` looked. */
  #isDirty = false;
  /** An answer came, so that somebody owes less. */
  #isFreed = false;
  /** When time alone gives `next` something to do. */
  #dueMs: number = Number.POSITIVE_INFINITY;

  addPeer(peer: string): void {
    this.#peers.set(peer, { open: new Set(), delivered: 0 });
    this.#isDirty = true;
    this.#isFreed = true;
  }

  removePeer(peer: string): void {
    this.#peers.delete(peer);
    for (const wanted of this.#wanted.values()) wanted.tried.delete(peer);
    this.#isDirty = true;
  }

  want(blockId: Hex32): void {
    if (this.#wanted.has(blockId)) return;
    this.#wanted.set(blockId, { tried: new Set(), sinceMs: null, restsUntilMs: null, isBlocked: false });
    this.#isDirty = true;
  }

  unwant(blockId: Hex32): void {
    this.#wanted.delete(blockId);
  }

  isWanted(blockId: Hex32): boolean {
    return this.#wanted.has(blockId);
  }

  /** Forgets bodies that are not needed any more; the chain says only what it wants. */
  prune(nowMs: number, isNeeded: (blockId: Hex32) => boolean): void {
    if (nowMs - this.#prunedMs < PRUNE_MS) return;
    this.#prunedMs = nowMs;
    for (const blockId of [...this.#wanted.keys()]) if (!isNeeded(blockId)) this.#wanted.delete(blockId);
  }

  /** Closes a request; the body stays wanted until `unwant`. `isGood`: it came and was right. */
  settle(peer: string, blockId: Hex32, isGood: boolean): void {
    const state = this.#peers.get(peer);
    if (state?.open.delete(blockId) !== true) return;
    if (isGood) state.delivered += 1;
    this.#isDirty = true;
    this.#isFreed = true;
  }

  /** The peer says that it has the block now: it may be asked again. */
  available(peer: string, blockId: Hex32): void {
    const wanted = this.#wanted.get(blockId);
    if (wanted === undefined) return;
    wanted.tried.delete(peer);
    wanted.restsUntilMs = null;
    this.#isDirty = true;
  }

  /** Requests to be sent now. `knows`: whether a peer has shown that it has the block. */
  next(nowMs: number, knows: Knows): BodyRequest[] {
    if (!this.#isDirty && nowMs < this.#dueMs) return [];
    const requests: BodyRequest[] = [];
    this.#dueMs = Number.POSITIVE_INFINITY;
    for (const [blockId, wanted] of this.#wanted) {
      if (wanted.restsUntilMs !== null && nowMs >= wanted.restsUntilMs) {
        wanted.restsUntilMs = null;
        wanted.sinceMs = null;
        wanted.tried.clear();
      }
      if (wanted.restsUntilMs === null && (!wanted.isBlocked || this.#isFreed))
        this.#nextFor(blockId, wanted, nowMs, knows, requests);
      this.#dueMs = Math.min(this.#dueMs, dueMs(wanted, nowMs));
    }
    this.#isDirty = false;
    this.#isFreed = false;
    return requests;
  }

  /** When `next` may have more to ask; null if nothing waits for time. */
  nextMs(nowMs: number): number | null {
    if (this.#isDirty) return nowMs;
    return this.#dueMs === Number.POSITIVE_INFINITY ? null : Math.max(nowMs, this.#dueMs);
  }

  #nextFor(blockId: Hex32, wanted: WantedBody, nowMs: number, knows: Knows, requests: BodyRequest[]): void {
    wanted.isBlocked = false;
    let owing = 0;
    for (const peer of wanted.tried) if (this.#peers.get(peer)?.open.has(blockId) === true) owing += 1;
    for (; owing < 2 ** stalls(wanted, nowMs); owing += 1) {
      const peer = this.#choose(blockId, wanted, knows);
      if (peer === null || peer === 'all-busy') {
        wanted.isBlocked = peer === 'all-busy';
        if (peer === null && owing === 0) wanted.restsUntilMs = nowMs + RETRY_MS;
        return;
      }
      wanted.sinceMs ??= nowMs;
      requests.push({ peer: peer.name, blockId });
    }
  }

  /** Asks the peer with most bodies delivered and fewest owed; null if nobody has it who was not asked. */
  #choose(blockId: Hex32, wanted: WantedBody, knows: Knows): { readonly name: string } | 'all-busy' | null {
    let best: readonly [string, BodyPeer] | null = null;
    let someBusy = false;
    for (const [peer, state] of this.#peers) {
      const { open, delivered } = state;
      if (open.has(blockId) || wanted.tried.has(peer)) continue;
      if (open.size >= WINDOW) {
        someBusy ||= knows(peer, blockId);
        continue;
      }
      const isBetter =
        best === null ||
        open.size < best[1].open.size ||
        (open.size === best[1].open.size && delivered > best[1].delivered);
      if (isBetter && knows(peer, blockId)) best = [peer, state];
    }
    if (best === null) return someBusy ? 'all-busy' : null;
    wanted.tried.add(best[0]);
    best[1].open.add(blockId);
    return { name: best[0] };
  }
}

/** Times that the body did not come in time since it was first asked for. */
function stalls({ sinceMs }: WantedBody, nowMs: number): number {
  return sinceMs === null ? 0 : Math.floor((nowMs - sinceMs) / STALL_MS);
}

/** When a body may be asked of further peers. */
function dueMs(wanted: WantedBody, nowMs: number): number {
  if (wanted.restsUntilMs !== null) return wanted.restsUntilMs;
  if (wanted.sinceMs === null) return Number.POSITIVE_INFINITY;
  return wanted.sinceMs + (stalls(wanted, nowMs) + 1) * STALL_MS;
}
