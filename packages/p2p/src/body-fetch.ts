// Which block body is asked of whom (P2P-16): of one who knows the block, then of the next. Bodies are small beside checkpoints, so one
// request at a time is enough for each.

import type { Hex32 } from '@resonancenet/chain/events';

/** Open requests per peer. */
const WINDOW = 16;

/** A body that has not come by then is asked of another peer. */
const STALL_MS = 2_000;

/** When all who know a block were asked in vain, they are asked again after this. */
const RETRY_MS = 5_000;

export interface BodyRequest {
  readonly peer: string;
  readonly blockId: Hex32;
}

interface WantedBody {
  /** Peers that were asked in this round. */
  readonly tried: Set<string>;
  askedMs: number;
  exhaustedMs: number | null;
}

export class BodyFetch {
  readonly #wanted = new Map<Hex32, WantedBody>();
  /** Bodies that each peer owes. */
  readonly #open = new Map<string, Set<Hex32>>();

  addPeer(peer: string): void {
    this.#open.set(peer, new Set());
  }

  removePeer(peer: string): void {
    this.#open.delete(peer);
    for (const wanted of this.#wanted.values())
      if (wanted.tried.delete(peer)) wanted.askedMs = Number.NEGATIVE_INFINITY;
  }

  want(blockId: Hex32): void {
    if (this.#wanted.has(blockId)) return;
    this.#wanted.set(blockId, { tried: new Set(), askedMs: Number.NEGATIVE_INFINITY, exhaustedMs: null });
  }

  unwant(blockId: Hex32): void {
    this.#wanted.delete(blockId);
  }

  isWanted(blockId: Hex32): boolean {
    return this.#wanted.has(blockId);
  }

  wanted(): Iterable<Hex32> {
    return this.#wanted.keys();
  }

  /** Closes a request: the body came, was wrong, or is not there. It stays wanted until `unwant`. */
  settle(peer: string, blockId: Hex32): void {
    this.#open.get(peer)?.delete(blockId);
    const wanted = this.#wanted.get(blockId);
    if (wanted?.tried.has(peer) === true) wanted.askedMs = Number.NEGATIVE_INFINITY;
  }

  /** Requests to be sent now. `knows`: whether a peer has shown that it has the block. */
  next(nowMs: number, knows: (peer: string, blockId: Hex32) => boolean): BodyRequest[] {
    const requests: BodyRequest[] = [];
    let places = 0;
    for (const open of this.#open.values()) places += WINDOW - open.size;
    for (const [blockId, wanted] of this.#wanted) {
      if (nowMs - wanted.askedMs < STALL_MS) continue;
      if (wanted.exhaustedMs !== null && nowMs - wanted.exhaustedMs >= RETRY_MS) {
        wanted.exhaustedMs = null;
        wanted.tried.clear();
      }
      const peer = places === 0 ? null : this.#leastBusy((name) => !wanted.tried.has(name) && knows(name, blockId));
      if (peer === null) {
        wanted.exhaustedMs ??= nowMs;
        continue;
      }
      wanted.tried.add(peer);
      wanted.askedMs = nowMs;
      wanted.exhaustedMs = null;
      if (this.#open.get(peer)?.has(blockId) === true) continue;
      this.#open.get(peer)?.add(blockId);
      requests.push({ peer, blockId });
      places -= 1;
    }
    return requests;
  }

  /** When `next` may have more to ask; null if nothing is wanted. */
  nextMs(nowMs: number): number | null {
    let earliest: number | null = null;
    for (const { askedMs, exhaustedMs } of this.#wanted.values()) {
      const due = exhaustedMs === null ? askedMs + STALL_MS : exhaustedMs + RETRY_MS;
      const at = Math.max(due, nowMs + 1);
      earliest = earliest === null ? at : Math.min(earliest, at);
    }
    return earliest;
  }

  #leastBusy(allowed: (peer: string) => boolean): string | null {
    let best: string | null = null;
    let least = WINDOW;
    for (const [peer, open] of this.#open)
      if (open.size < least && allowed(peer)) {
        best = peer;
        least = open.size;
      }
    return best;
  }
}
