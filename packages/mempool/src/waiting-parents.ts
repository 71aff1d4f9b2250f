// Transactions that were refused for their fee alone, kept in case a child comes that pays for them. Oldest go first; of one peer there
// is at most a quarter of all.

import type { Hex32 } from '@resonancenet/chain/events';
import type { ParsedTransaction } from './parsed-transaction.ts';

export interface WaitingParent {
  readonly parsed: ParsedTransaction;
  /** Who sent it. */
  readonly peer: string | null;
}

export class WaitingParents {
  readonly #limits: { readonly count: number; readonly bytes: number };
  readonly #byTxid = new Map<Hex32, WaitingParent>();
  readonly #leaves = new Set<Hex32>();
  #bytes = 0;

  constructor(limits: { readonly count: number; readonly bytes: number }) {
    this.#limits = limits;
  }

  get(txid: Hex32): WaitingParent | null {
    return this.#byTxid.get(txid) ?? null;
  }

  has(leaf: Hex32): boolean {
    return this.#leaves.has(leaf);
  }

  add(parent: WaitingParent): void {
    const { encoded, txid, leaf } = parent.parsed;
    if (encoded.length > this.#limits.bytes) return;
    this.remove(txid);
    // Whoever floods puts out his own.
    const own = [...this.#byTxid.values()].filter(({ peer }) => peer === parent.peer);
    if (4 * own.length >= this.#limits.count && own[0] !== undefined) this.remove(own[0].parsed.txid);
    this.#byTxid.set(txid, parent);
    this.#leaves.add(leaf);
    this.#bytes += encoded.length;
    for (const oldest of [...this.#byTxid.keys()]) {
      if (this.#byTxid.size <= this.#limits.count && this.#bytes <= this.#limits.bytes) return;
      this.remove(oldest);
    }
  }

  remove(txid: Hex32): void {
    const parent = this.#byTxid.get(txid);
    if (parent === undefined) return;
    this.#byTxid.delete(txid);
    this.#leaves.delete(parent.parsed.leaf);
    this.#bytes -= parent.parsed.encoded.length;
  }
}
