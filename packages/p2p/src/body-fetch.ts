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

interface WantedBody {
  /** Peers that were asked in this round, the answer open or not. */
  readonly tried: Set<string>;
  /** When the first of them was asked. */
  sinceMs: number | null;
  /** When nobody was left to ask. */
  exhaustedMs: number | null;
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

  addPeer(peer: string): void {
    this.#peers.set(peer, { open: new Set(), delivered: 0 });
  }

  removePeer(peer: string): void {
    this.#peers.delete(peer);
    for (const wanted of this.#wanted.values()) wanted.tried.delete(peer);
  }

  want(blockId: Hex32): void {
    if (!this.#wanted.has(blockId)) this.#wanted.set(blockId, { tried: new Set(), sinceMs: null, exhaustedMs: null });
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
    if (state?.open.delete(blockId) === true && isGood) state.delivered += 1;
  }

  /** The peer says that it has the block now: it may be asked again. */
  available(peer: string, blockId: Hex32): void {
    this.#wanted.get(blockId)?.tried.delete(peer);
  }

  /** Requests to be sent now. `knows`: whether a peer has shown that it has the block. */
  next(nowMs: number, knows: (peer: string, blockId: Hex32) => boolean): BodyRequest[] {
    const requests: BodyRequest[] = [];
    let places = 0;
    for (const { open } of this.#peers.values()) places += Math.max(0, WINDOW - open.size);
    for (const [blockId, wanted] of this.#wanted) {
      if (wanted.exhaustedMs !== null && nowMs - wanted.exhaustedMs >= RETRY_MS) {
        wanted.exhaustedMs = null;
        wanted.sinceMs = null;
        wanted.tried.clear();
      }
      let owing = 0;
      for (const peer of wanted.tried) if (this.#peers.get(peer)?.open.has(blockId) === true) owing += 1;
      const stalls = wanted.sinceMs === null ? 0 : Math.floor((nowMs - wanted.sinceMs) / STALL_MS);
      for (; owing < 2 ** stalls; owing += 1) {
        const peer = places === 0 ? null : this.#choose(blockId, wanted, knows);
        if (peer === null) {
          if (owing === 0) wanted.exhaustedMs ??= nowMs;
          break;
        }
        wanted.exhaustedMs = null;
        wanted.sinceMs ??= nowMs;
        places -= 1;
        requests.push({ peer, blockId });
      }
    }
    return requests;
  }

  /** When `next` may have more to ask; null if nothing is wanted. */
  nextMs(nowMs: number): number | null {
    let earliest: number | null = null;
    for (const { sinceMs, exhaustedMs } of this.#wanted.values()) {
      const stalls = sinceMs === null ? 0 : Math.floor((nowMs - sinceMs) / STALL_MS);
      const due = exhaustedMs === null ? (sinceMs ?? nowMs) + (stalls + 1) * STALL_MS : exhaustedMs + RETRY_MS;
      const at = Math.max(due, nowMs + 1);
      earliest = earliest === null ? at : Math.min(earliest, at);
    }
    return earliest;
  }

  /** Asks the peer with most bodies delivered and fewest owed. */
  #choose(blockId: Hex32, wanted: WantedBody, knows: (peer: string, blockId: Hex32) => boolean): string | null {
    let best: readonly [string, BodyPeer] | null = null;
    for (const [peer, state] of this.#peers) {
      const { open, delivered } = state;
      if (open.size >= WINDOW || open.has(blockId) || wanted.tried.has(peer)) continue;
      const isBetter =
        best === null ||
        open.size < best[1].open.size ||
        (open.size === best[1].open.size && delivered > best[1].delivered);
      if (isBetter && knows(peer, blockId)) best = [peer, state];
    }
    if (best === null) return null;
    wanted.tried.add(best[0]);
    best[1].open.add(blockId);
    return best[0];
  }
}
