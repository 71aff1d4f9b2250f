// Which transactions the next block takes: those that pay most per byte together with the unconfirmed ancestors that they need, as far as bytes and
// signatures allow. Every one is judged by the ledger's rules in its place, so that the whole is valid whatever they do to each other.

import { applyTransaction } from '@resonancenet/ledger/check-transaction';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { compareFeeRates } from './fee-rate.ts';
import { IndexedHeap } from './indexed-heap.ts';
import { decodeOwn } from './parsed-transaction.ts';
import type { PoolEntry, Totals } from './pool-entry.ts';
import { checkEntry, type PoolState, stateOfTip, type UnconfirmedState } from './pool-state.ts';
import { compareForTopology, sumOf } from './transaction-graph.ts';

export interface TemplateLimits {
  /** Encoded transactions, bytes; what the block needs besides (header, window sums, count, coinbase) is already taken off. */
  readonly maxBytes: number;
  readonly maxSignatures: number;
}

export interface Template {
  /** In an order in which they are valid; no coinbase. */
  readonly transactions: readonly Transaction[];
  /** Resonances. */
  readonly fees: bigint;
  readonly bytes: number;
  readonly signatures: number;
}

/** So many that did not fit in a row end the search once the block is nearly full. */
const MISSES = 1000;

class Selection {
  readonly #pool: PoolState;
  readonly #limits: TemplateLimits;
  readonly #state: UnconfirmedState;
  readonly #transactions: Transaction[] = [];
  readonly #taken = new Set<PoolEntry>();
  readonly #failed = new Set<PoolEntry>();
  /** What an entry still needs with its ancestors, where some of them are taken; the others need all. */
  readonly #needs = new Map<PoolEntry, Totals>();
  readonly #heap: IndexedHeap<PoolEntry>;
  #fees = 0n;
  #bytes = 0;
  #signatures = 0;
  #misses = 0;

  constructor(pool: PoolState, limits: TemplateLimits) {
    this.#pool = pool;
    this.#limits = limits;
    this.#state = stateOfTip(pool);
    this.#heap = new IndexedHeap((a, b) => compareFeeRates(this.#need(b), this.#need(a)) || a.order - b.order);
    for (const entry of pool.graph.entries()) this.#heap.update(entry);
  }

  run(): Template {
    for (let entry = this.#heap.pop(); entry !== null && this.#misses < MISSES; entry = this.#heap.pop())
      if (!this.#failed.has(entry)) this.#consider(entry);
    return {
      transactions: this.#transactions,
      fees: this.#fees,
      bytes: this.#bytes,
      signatures: this.#signatures,
    };
  }

  #need(entry: PoolEntry): Totals {
    return this.#needs.get(entry) ?? entry.ancestors;
  }

  #consider(entry: PoolEntry): void {
    const { bytes, signatures } = this.#need(entry);
    const isTooMuch =
      this.#bytes + bytes > this.#limits.maxBytes || this.#signatures + signatures > this.#limits.maxSignatures;
    if (isTooMuch) {
      // Smaller ones may still fit; near the end it is not worth looking at all of them.
      if (this.#bytes > 0.95 * this.#limits.maxBytes) this.#misses += 1;
      return;
    }
    const { graph } = this.#pool;
    const family = [entry, ...graph.ancestorsOf([entry])].filter((one) => !this.#taken.has(one));
    for (const one of family.sort(compareForTopology)) if (!this.#take(one)) return;
    this.#misses = 0;
  }

  /** Puts one transaction into the block; false if the rules do not allow it here. */
  #take(entry: PoolEntry): boolean {
    const { context, graph } = this.#pool;
    const transaction = decodeOwn(entry.encoded);
    const checked = checkEntry(entry, transaction, this.#state, context);
    if (!checked.ok) {
      for (const one of graph.withDescendants([entry])) this.#failed.add(one);
      return false;
    }
    const { height, view, totals } = this.#state;
    applyTransaction(checked, height, view, totals, context);
    this.#transactions.push(transaction);
    this.#taken.add(entry);
    this.#heap.remove(entry);
    this.#fees += checked.fee;
    this.#bytes += entry.bytes;
    this.#signatures += entry.signatures;
    for (const descendant of graph.descendantsOf([entry])) {
      const left = [descendant, ...graph.ancestorsOf([descendant])].filter((one) => !this.#taken.has(one));
      this.#needs.set(descendant, sumOf(left));
      if (this.#heap.has(descendant)) this.#heap.update(descendant);
    }
    return true;
  }
}

/** The best selection that a greedy search finds (ancestor fee rate, as Bitcoin Core's miner). */
export function selectTransactions(pool: PoolState, limits: TemplateLimits): Template {
  return new Selection(pool, limits).run();
}
