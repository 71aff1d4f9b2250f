// What the machine still has to do, a few transactions in each step: first what blocks that were taken back held, then what must be judged anew, then
// what waited for others, then what an earlier run left.

import type { NewCandidate } from './candidate.ts';
import type { ParsedTransaction } from './parsed-transaction.ts';
import type { PoolEntry } from './pool-entry.ts';
import type { PoolFileEntry } from './pool-file.ts';
import { compareForTopology } from './transaction-graph.ts';

export type Task =
  | { readonly kind: 'return'; readonly parsed: ParsedTransaction }
  | { readonly kind: 'recheck'; readonly entry: PoolEntry }
  | { readonly kind: 'retry'; readonly candidate: NewCandidate }
  | { readonly kind: 'load'; readonly entry: PoolFileEntry };

/** Candidates of this node that wait for a parent whose signatures are being checked, before no more are loaded. */
const MAX_DEFERRED = 100;

export class Backlog {
  #returning: ParsedTransaction[] = [];
  /** The signatures of the first that returns are being checked: those behind it, which may spend its outputs, wait. */
  #isHeld = false;
  #rechecks = new Set<PoolEntry>();
  #retries: NewCandidate[] = [];
  #deferred: NewCandidate[] = [];
  #loading: PoolFileEntry[] = [];

  get loading(): readonly PoolFileEntry[] {
    return this.#loading;
  }

  /** Transactions of blocks that were taken back, lowest block first: they lie below those that were taken back before. */
  bringBack(transactions: readonly ParsedTransaction[], without: ReadonlySet<string>, maxBytes: number): void {
    const held = this.#isHeld ? this.#returning.slice(0, 1) : [];
    let left = maxBytes;
    const rest = [...transactions, ...this.#returning.slice(held.length)].filter(({ txid, encoded }) => {
      if (without.has(txid)) return false;
      left -= encoded.length;
      return left >= 0;
    });
    this.#returning = [...held, ...rest];
  }

  /** The first that returns waits for its signatures. */
  hold(): void {
    this.#isHeld = true;
  }

  /** The first that returns has been judged. */
  settleReturn(): void {
    this.#isHeld = false;
    this.#returning.shift();
  }

  recheck(entries: Iterable<PoolEntry>): void {
    this.#rechecks = new Set([...this.#rechecks, ...entries].sort(compareForTopology));
  }

  forget(entry: PoolEntry): void {
    this.#rechecks.delete(entry);
  }

  retry(candidate: NewCandidate): void {
    this.#retries.push(candidate);
  }

  /** It waits for a parent whose signatures are being checked. */
  defer(candidate: NewCandidate): void {
    this.#deferred.push(candidate);
  }

  /** Candidates that are to be tried again. */
  get waiting(): readonly NewCandidate[] {
    return [...this.#retries, ...this.#deferred];
  }

  /** Signatures were checked: whoever waited for them is tried again. */
  wakeDeferred(): void {
    this.#retries.push(...this.#deferred);
    this.#deferred = [];
  }

  load(entries: readonly PoolFileEntry[]): void {
    this.#loading = [...this.#loading, ...entries];
  }

  /** What is to be done next; null if nothing can be done now. What returns stays first until it is settled. */
  next(mayLoad: boolean): Task | null {
    const [parsed] = this.#returning;
    if (parsed !== undefined && !this.#isHeld) return { kind: 'return', parsed };
    // Only when all have returned: what these spend may be among it.
    const [entry] = parsed === undefined ? this.#rechecks : [];
    if (entry !== undefined) {
      this.#rechecks.delete(entry);
      return { kind: 'recheck', entry };
    }
    const candidate = this.#retries.shift();
    if (candidate !== undefined) return { kind: 'retry', candidate };
    const loaded = this.#canLoad(mayLoad) ? this.#loading.shift() : undefined;
    return loaded === undefined ? null : { kind: 'load', entry: loaded };
  }

  /** Whether `next` has something. */
  hasNext(mayLoad: boolean): boolean {
    const returns = this.#returning.length > 0;
    if (returns && !this.#isHeld) return true;
    return (!returns && this.#rechecks.size > 0) || this.#retries.length > 0 || this.#canLoad(mayLoad);
  }

  #canLoad(mayLoad: boolean): boolean {
    const isQuiet = this.#returning.length === 0 && this.#deferred.length < MAX_DEFERRED;
    return mayLoad && isQuiet && this.#loading.length > 0;
  }
}
