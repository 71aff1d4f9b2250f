// The unconfirmed transactions and how they depend on each other. It knows no policy: whoever adds has checked.

import { assert } from '@resonancenet/bytes/assert';
import type { Hex32 } from '@resonancenet/chain/events';
import { claimedTxid, outputClaim } from './claims.ts';
import { compareFeeRates, type PaidBytes } from './fee-rate.ts';
import { IndexedHeap } from './indexed-heap.ts';
import type { PoolEntry, PoolTransaction, Totals } from './pool-entry.ts';

const nothing: Totals = { count: 0, bytes: 0, fee: 0n, signatures: 0 };

export class TransactionGraph {
  readonly #byTxid = new Map<Hex32, PoolEntry>();
  readonly #byLeaf = new Map<Hex32, PoolEntry>();
  readonly #claimants = new Map<string, PoolEntry>();
  readonly #evictable = new IndexedHeap<PoolEntry>(compareForEviction);
  #totals: Totals = nothing;
  #order = 0;

  /** Of all transactions. */
  get totals(): Totals {
    return this.#totals;
  }

  get(txid: Hex32): PoolEntry | null {
    return this.#byTxid.get(txid) ?? null;
  }

  getByLeaf(leaf: Hex32): PoolEntry | null {
    return this.#byLeaf.get(leaf) ?? null;
  }

  entries(): IterableIterator<PoolEntry> {
    return this.#byTxid.values();
  }

  /** Who uses what only one may use; null if nobody does. */
  claimant(claim: string): PoolEntry | null {
    return this.#claimants.get(claim) ?? null;
  }

  /** The transaction whose descendants pay least per byte together with it; null if there is none. */
  leastPaying(): PoolEntry | null {
    return this.#evictable.peek();
  }

  /**
   * Adds a transaction, of whose claims nobody has any. Parents are found by the outpoints it spends, children (which are there only
   * where a block was taken back) by those that spend its outputs.
   */
  add(transaction: PoolTransaction, outputs: number): PoolEntry {
    assert(!this.#byTxid.has(transaction.txid), `transaction ${transaction.txid} is in the pool already`);
    this.#order += 1;
    const entry: PoolEntry = {
      ...transaction,
      order: this.#order,
      parents: new Set(),
      children: new Set(),
      ancestors: nothing,
      descendants: nothing,
    };
    for (const claim of entry.claims) {
      assert(!this.#claimants.has(claim), `two unconfirmed transactions claim ${claim}`);
      this.#claimants.set(claim, entry);
    }
    this.#byTxid.set(entry.txid, entry);
    this.#byLeaf.set(entry.leaf, entry);
    this.#link(entry, outputs);
    this.#totals = plus(this.#totals, entry);
    this.#recount([entry, ...this.ancestorsOf([entry]), ...this.descendantsOf([entry])]);
    return entry;
  }

  /** Takes transactions out; what is left keeps its place without them. */
  remove(entries: Iterable<PoolEntry>): void {
    const removed = new Set(entries);
    const touched = [...this.ancestorsOf(removed), ...this.descendantsOf(removed)];
    for (const entry of removed) {
      assert(this.#byTxid.get(entry.txid) === entry, `transaction ${entry.txid} is not in the pool`);
      this.#byTxid.delete(entry.txid);
      this.#byLeaf.delete(entry.leaf);
      for (const claim of entry.claims) this.#claimants.delete(claim);
      this.#evictable.remove(entry);
      this.#totals = minus(this.#totals, entry);
      for (const parent of entry.parents) parent.children.delete(entry);
      for (const child of entry.children) child.parents.delete(entry);
    }
    this.#recount(touched);
  }

  /** Unconfirmed ancestors of any of these, without these. */
  ancestorsOf(entries: Iterable<PoolEntry>): Set<PoolEntry> {
    return reach(entries, ({ parents }) => parents);
  }

  /** Unconfirmed descendants of any of these, without these. */
  descendantsOf(entries: Iterable<PoolEntry>): Set<PoolEntry> {
    return reach(entries, ({ children }) => children);
  }

  /** These with all that descend from them. */
  withDescendants(entries: Iterable<PoolEntry>): Set<PoolEntry> {
    const roots = [...entries];
    return new Set([...roots, ...this.descendantsOf(roots)]);
  }

  #link(entry: PoolEntry, outputs: number): void {
    for (const claim of entry.claims) {
      const txid = claimedTxid(claim);
      const parent = txid === null ? undefined : this.#byTxid.get(txid);
      if (parent === undefined) continue;
      parent.children.add(entry);
      entry.parents.add(parent);
    }
    for (let index = 0; index < outputs; index += 1) {
      const child = this.#claimants.get(outputClaim(entry.txid, index));
      if (child === undefined) continue;
      child.parents.add(entry);
      entry.children.add(child);
    }
  }

  #recount(entries: Iterable<PoolEntry>): void {
    for (const entry of new Set(entries)) {
      if (this.#byTxid.get(entry.txid) !== entry) continue;
      entry.ancestors = sumOf([entry, ...this.ancestorsOf([entry])]);
      entry.descendants = sumOf([entry, ...this.descendantsOf([entry])]);
      this.#evictable.update(entry);
    }
  }
}

/** By how much an entry's own or its descendants' rate pays, whichever is more: a child pays for its parents, not the other way round. */
export function evictionScore(entry: PoolEntry): PaidBytes {
  return compareFeeRates(entry.descendants, entry) > 0 ? entry.descendants : entry;
}

/** Ancestors before descendants, otherwise in the order of arrival. */
export function compareForTopology(a: PoolEntry, b: PoolEntry): number {
  return a.ancestors.count - b.ancestors.count || a.order - b.order;
}

export function sumOf(entries: Iterable<Omit<Totals, 'count'>>): Totals {
  let sum = nothing;
  for (const entry of entries) sum = plus(sum, entry);
  return sum;
}

/** Worst first; of equals the latest. */
function compareForEviction(a: PoolEntry, b: PoolEntry): number {
  return compareFeeRates(evictionScore(a), evictionScore(b)) || b.order - a.order;
}

function plus(sum: Totals, entry: Omit<Totals, 'count'>): Totals {
  return {
    count: sum.count + 1,
    bytes: sum.bytes + entry.bytes,
    fee: sum.fee + entry.fee,
    signatures: sum.signatures + entry.signatures,
  };
}

function minus(sum: Totals, entry: Omit<Totals, 'count'>): Totals {
  return {
    count: sum.count - 1,
    bytes: sum.bytes - entry.bytes,
    fee: sum.fee - entry.fee,
    signatures: sum.signatures - entry.signatures,
  };
}

function reach(from: Iterable<PoolEntry>, next: (entry: PoolEntry) => Iterable<PoolEntry>): Set<PoolEntry> {
  const starts = new Set(from);
  const found = new Set<PoolEntry>();
  const open = [...starts];
  for (let entry = open.pop(); entry !== undefined; entry = open.pop())
    for (const other of next(entry)) {
      if (starts.has(other) || found.has(other)) continue;
      found.add(other);
      open.push(other);
    }
  return found;
}
