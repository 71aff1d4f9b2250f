// What peers asked of us, served in turn (P2P-20): nobody gets more before what he got has left, and the whole stays under a cap.

import type { Hex32 } from '@resonancenet/chain/events';
import type { TransactionName } from './messages/transactions.ts';
import { TokenBucket } from './token-bucket.ts';

export type UploadRequest =
  | { readonly what: 'body'; readonly id: Hex32 }
  | { readonly what: 'chunk'; readonly id: Hex32; readonly index: number }
  | ({ readonly what: 'transaction' } & TransactionName)
  | { readonly what: 'headers'; readonly request: number; readonly locator: readonly Hex32[]; readonly stop: Hex32 };

export interface UploadLimits {
  /** Requests that may wait per peer; one more ends the connection. An honest peer has at most 8 chunks, 16 bodies,
   * 16 transactions and one getheaders open. */
  readonly waitingPerPeer: number;
  /** Bytes handed to a peer's connection that have not left yet, above which it is served no further. */
  readonly unsentBytes: number;
  /** Bytes per second for all peers together; null for no cap. */
  readonly bytesPerSecond: number | null;
}

export const uploadLimits: UploadLimits = { waitingPerPeer: 48, unsentBytes: 2 ** 20, bytesPerSecond: null };

export interface UploadTurn {
  readonly peer: string;
  readonly request: UploadRequest;
}

interface UploadPeer {
  readonly waiting: UploadRequest[];
  unsentBytes: number;
}

export class UploadQueue {
  readonly #limits: UploadLimits;
  readonly #peers = new Map<string, UploadPeer>();
  readonly #bucket: TokenBucket | null;

  constructor(limits: UploadLimits, nowMs: number) {
    this.#limits = limits;
    const rate = limits.bytesPerSecond;
    // Two seconds of the rate at once, so that a cap below one chunk a second still lets single chunks go.
    this.#bucket = rate === null ? null : new TokenBucket(2 * rate, rate, nowMs);
  }

  addPeer(peer: string): void {
    this.#peers.set(peer, { waiting: [], unsentBytes: 0 });
  }

  removePeer(peer: string): void {
    this.#peers.delete(peer);
  }

  /** Notes a request; false if the peer has too many waiting. */
  push(peer: string, request: UploadRequest): boolean {
    const state = this.#peers.get(peer);
    if (state === undefined) return true;
    if (state.waiting.length >= this.#limits.waitingPerPeer) return false;
    state.waiting.push(request);
    return true;
  }

  /** So many bytes were handed to the peer's connection and have not left yet. */
  setUnsent(peer: string, bytes: number): void {
    const state = this.#peers.get(peer);
    if (state !== undefined) state.unsentBytes = bytes;
  }

  /** The next request to answer; null if none may be answered now. The caller answers it, then calls `charge`. */
  next(nowMs: number): UploadTurn | null {
    if (this.#bucket !== null && this.#bucket.waitMs(1, nowMs) > 0) return null;
    for (const [peer, state] of this.#peers) {
      const [request] = state.waiting;
      if (request === undefined || state.unsentBytes >= this.#limits.unsentBytes) continue;
      state.waiting.shift();
      // To the end of the line: peers take turns.
      this.#peers.delete(peer);
      this.#peers.set(peer, state);
      return { peer, request };
    }
    return null;
  }

  /** The answer to this peer has about so many bytes. */
  charge(peer: string, bytes: number, nowMs: number): void {
    this.#bucket?.charge(bytes, nowMs);
    const state = this.#peers.get(peer);
    if (state !== undefined) state.unsentBytes += bytes;
  }

  /** When the cap allows the next answer; null if no peer waits for the cap. */
  nextMs(nowMs: number): number | null {
    if (this.#bucket === null) return null;
    const someoneWaits = [...this.#peers.values()].some(
      ({ waiting, unsentBytes }) => waiting.length > 0 && unsentBytes < this.#limits.unsentBytes,
    );
    return someoneWaits ? nowMs + this.#bucket.waitMs(1, nowMs) : null;
  }
}
