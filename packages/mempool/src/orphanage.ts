// Transactions whose inputs are not there yet, kept for a while in the hope that their parents come. Nothing about them is proved, so every
// peer has a small room of its own.

import type { Hex32 } from '@resonancenet/chain/events';

export interface Orphan {
  readonly leaf: Hex32;
  readonly txid: Hex32;
  readonly encoded: Uint8Array;
  readonly peer: string;
  /** Transactions whose outputs it spends and that are not known. */
  readonly missing: readonly Hex32[];
  readonly expiresMs: number;
}

export interface OrphanLimits {
  /** Of all peers together. */
  readonly count: number;
  readonly countPerPeer: number;
  readonly bytesPerPeer: number;
  readonly ageMs: number;
}

export class Orphanage {
  readonly #limits: OrphanLimits;
  /** Oldest first. */
  readonly #orphans = new Map<Hex32, Orphan>();
  readonly #byMissing = new Map<Hex32, Set<Hex32>>();
  readonly #byPeer = new Map<string, { count: number; bytes: number }>();

  constructor(limits: OrphanLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#orphans.size;
  }

  has(leaf: Hex32): boolean {
    return this.#orphans.has(leaf);
  }

  /** Keeps one; false if it alone is larger than a peer's room. The peer's oldest make place, then those of whoever has most. */
  add(orphan: Orphan): boolean {
    const { bytesPerPeer, countPerPeer, count } = this.#limits;
    if (orphan.encoded.length > bytesPerPeer) return false;
    if (this.#orphans.has(orphan.leaf)) return true;
    const room = (): boolean => {
      const used = this.#byPeer.get(orphan.peer) ?? { count: 0, bytes: 0 };
      return used.count < countPerPeer && used.bytes + orphan.encoded.length <= bytesPerPeer;
    };
    while (!room()) this.#dropOldestOf(orphan.peer);
    this.#insert(orphan);
    while (this.#orphans.size > count) this.#dropOldestOf(this.#largest());
    return this.#orphans.has(orphan.leaf);
  }

  /** Those that waited for this transaction, taken out: they are to be tried again. */
  takeChildrenOf(txid: Hex32): Orphan[] {
    const children = this.childrenOf(txid);
    for (const { leaf } of children) this.remove(leaf);
    return children;
  }

  childrenOf(txid: Hex32): Orphan[] {
    return [...(this.#byMissing.get(txid) ?? [])].map((leaf) => this.#orphans.get(leaf)!);
  }

  remove(leaf: Hex32): void {
    const orphan = this.#orphans.get(leaf);
    if (orphan === undefined) return;
    this.#orphans.delete(leaf);
    for (const txid of orphan.missing) {
      const waiting = this.#byMissing.get(txid);
      waiting?.delete(leaf);
      if (waiting?.size === 0) this.#byMissing.delete(txid);
    }
    const used = this.#byPeer.get(orphan.peer)!;
    used.count -= 1;
    used.bytes -= orphan.encoded.length;
    if (used.count === 0) this.#byPeer.delete(orphan.peer);
  }

  removePeer(peer: string): void {
    for (const { leaf, peer: owner } of [...this.#orphans.values()]) if (owner === peer) this.remove(leaf);
  }

  expire(nowMs: number): void {
    for (const { leaf, expiresMs } of [...this.#orphans.values()]) {
      if (expiresMs > nowMs) return;
      this.remove(leaf);
    }
  }

  /** When the oldest goes; null if there is none. */
  nextMs(): number | null {
    const [oldest] = this.#orphans.values();
    return oldest?.expiresMs ?? null;
  }

  #insert(orphan: Orphan): void {
    this.#orphans.set(orphan.leaf, orphan);
    for (const txid of orphan.missing) {
      const waiting = this.#byMissing.get(txid) ?? new Set<Hex32>();
      waiting.add(orphan.leaf);
      this.#byMissing.set(txid, waiting);
    }
    const used = this.#byPeer.get(orphan.peer) ?? { count: 0, bytes: 0 };
    used.count += 1;
    used.bytes += orphan.encoded.length;
    this.#byPeer.set(orphan.peer, used);
  }

  #dropOldestOf(peer: string): void {
    for (const { leaf, peer: owner } of this.#orphans.values()) {
      if (owner !== peer) continue;
      this.remove(leaf);
      return;
    }
  }

  #largest(): string {
    let largest: readonly [string, number] = ['', 0];
    for (const [peer, { count }] of this.#byPeer) if (count > largest[1]) largest = [peer, count];
    return largest[0];
  }
}
