// The pool of unconfirmed transactions as a machine: (event, now) -> actions. It joins the pool with what comes and goes around it: orphans, packages,
// signatures that are checked elsewhere, blocks that come and are taken back.

import { assert } from '@resonancenet/bytes/assert';
import type { Hex32, Now } from '@resonancenet/chain/events';
import type { AdmissionPlan } from './admission.ts';
import { Backlog, type Task } from './backlog.ts';
import { EarlyReturns } from './early-returns.ts';
import { selectTransactions, type Template, type TemplateLimits } from './block-template.ts';
import type { FeeEstimate, FeeHistory, FeeTarget } from './fee-estimator.ts';
import type { FeeRate } from './fee-rate.ts';
import { Intake } from './intake.ts';
import type { ChainBlock, MempoolAction, MempoolEvent } from './mempool-events.ts';
import { type ParsedTransaction, parsedOf, parseTransaction } from './parsed-transaction.ts';
import type { PoolEntry } from './pool-entry.ts';
import type { PoolFileEntry } from './pool-file.ts';
import type { KnownSignatures } from './pool-state.ts';
import { compareForTopology } from './transaction-graph.ts';
import { type PoolBlock, type PoolOptions, TransactionPool } from './transaction-pool.ts';

/** What is too old is looked for this often. */
const EXPIRY_MS = 600_000;

const HOUR_MS = 3_600_000;

export interface MempoolOptions extends PoolOptions {
  readonly known: KnownSignatures;
  readonly now: Now;
}

export class MempoolMachine {
  readonly #pool: TransactionPool;
  readonly #backlog = new Backlog();
  readonly #early: EarlyReturns;
  readonly #intake: Intake;
  readonly #maxTransactionBytes: number;
  #actions: MempoolAction[] = [];
  #expiryMs: number;
  #wakeMs: number | null = null;

  constructor(options: MempoolOptions) {
    const { known, now, context } = options;
    this.#pool = new TransactionPool(options);
    const emit = (action: MempoolAction): void => void this.#actions.push(action);
    this.#early = new EarlyReturns(this.#pool.state.limits.maxReturningBytes);
    this.#intake = new Intake({ pool: this.#pool, backlog: this.#backlog, early: this.#early, known, emit });
    this.#maxTransactionBytes = context.params.maxTransactionBytes;
    this.#expiryMs = now.monotonicMs + EXPIRY_MS;
  }

  // --- what others ask ---

  get(txid: Hex32): PoolEntry | null {
    return this.#pool.graph.get(txid);
  }

  getByLeaf(leaf: Hex32): PoolEntry | null {
    return this.#pool.graph.getByLeaf(leaf);
  }

  entries(): IterableIterator<PoolEntry> {
    return this.#pool.graph.entries();
  }

  /** The transaction of the pool that spends an output, or does another thing that one may do at a time (claims.ts). */
  claimant(claim: string): PoolEntry | null {
    return this.#pool.graph.claimant(claim);
  }

  /** Transactions, encoded bytes, what counts against the limit, and fees in resonances. */
  totals(): { readonly count: number; readonly bytes: number; readonly usedBytes: number; readonly fees: bigint } {
    const { count, bytes, fee } = this.#pool.graph.totals;
    return { count, bytes, usedBytes: this.#pool.usedBytes, fees: fee };
  }

  /** Whether a transaction that a peer announced should be asked for. */
  wants(leaf: Hex32): boolean {
    return this.#intake.wants(leaf);
  }

  /** Whether a peer should be asked for more: what it sent before is mostly checked. */
  isIdle(peer: string): boolean {
    return this.#intake.isIdle(peer);
  }

  /** The least fee rate that is taken now: what peers need not announce below. */
  leastRate(now: Now): FeeRate {
    return this.#pool.leastRate(now.monotonicMs);
  }

  /** What would become of one transaction, or of a package, its child last, that came now. Nothing changes, and signatures are only named. */
  preview(encoded: readonly Uint8Array[], now: Now): AdmissionPlan {
    const transactions: ParsedTransaction[] = [];
    for (const [at, bytes] of encoded.entries()) {
      const read = parseTransaction(bytes, this.#maxTransactionBytes);
      if (!read.ok) return { ok: false, refusal: read, at, missing: [] };
      transactions.push(read.parsed);
    }
    return this.#pool.plan(transactions, false, now.monotonicMs);
  }

  selectTransactions(limits: TemplateLimits): Template {
    return selectTransactions(this.#pool.state, limits);
  }

  estimateFee(target: FeeTarget): FeeEstimate {
    return this.#pool.estimator.estimate(target);
  }

  /**
   * What `load-transactions` takes, parents first, for the file (pool-file.ts). What an earlier file held or the operator handed in and is not judged
   * yet is part of it.
   */
  persisted(): { readonly transactions: readonly PoolFileEntry[]; readonly fees: FeeHistory } {
    const entries = [...this.#pool.graph.entries()].sort(compareForTopology);
    const transactions = [...entries, ...this.#intake.ownPending(), ...this.#backlog.loading];
    return { transactions, fees: this.#pool.estimator.history() };
  }

  // --- events ---

  step(event: MempoolEvent, at: Now): MempoolAction[] {
    const now: Now = { unixMs: at.unixMs, monotonicMs: Math.floor(at.monotonicMs) };
    this.#handle(event, now);
    this.#work(now);
    this.#intake.pump();
    this.#updateWake(now);
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  #handle(event: MempoolEvent, now: Now): void {
    switch (event.type) {
      case 'transactions':
        this.#intake.handedIn(event, now);
        break;
      case 'transaction-signatures':
        this.#intake.verified(event.job, event.outcome, now);
        break;
      case 'tip':
        this.#tip(event, now);
        break;
      case 'load-transactions':
        this.#backlog.load(event.transactions);
        break;
      case 'peer-gone':
        this.#intake.peerGone(event.peer);
        break;
      case 'tick':
        this.#wakeMs = null;
        this.#expire(now);
        break;
      default:
        event satisfies never;
    }
  }

  // --- the chain ---

  #tip({ connected, disconnected }: Extract<MempoolEvent, { readonly type: 'tip' }>, now: Now): void {
    const blocks = connected.map(poolBlock);
    const lost = disconnected.map(poolBlock);
    const gained = new Set(blocks.flatMap(({ transactions }) => transactions.map(({ txid }) => txid)));
    this.#intake.tipMoved(lost.flatMap(({ transactions }) => transactions));
    const { maxReturningBytes } = this.#pool.state.limits;
    this.#backlog.bringBack(
      lost.flatMap(({ transactions }) => transactions),
      gained,
      maxReturningBytes,
    );
    for (const block of blocks) {
      this.#intake.tellRemoved(this.#pool.connect(block, now.monotonicMs));
      for (const parsed of block.transactions) this.#intake.confirmed(parsed, now);
    }
    const fork = disconnected.length === 0 ? null : disconnected[0]!.height - 1;
    this.#early.expect(disconnected.at(-1)?.height ?? 0);
    for (const candidate of this.#early.take()) this.#backlog.retry(candidate);
    this.#backlog.recheck(this.#pool.sensitiveTo(blocks, fork));
    this.#expire(now);
  }

  // --- work in slices ---

  #work(now: Now): void {
    for (let left = this.#pool.state.limits.stepTransactions; left > 0; left -= 1) {
      const task = this.#backlog.next(this.#intake.isQuiet);
      if (task === null) return;
      this.#workOn(task, now);
    }
  }

  #workOn(task: Task, now: Now): void {
    switch (task.kind) {
      case 'return':
        this.#bringBack(task.parsed, now);
        break;
      case 'recheck':
        this.#recheck(task.entry);
        break;
      case 'retry':
        this.#intake.consider(task.candidate, now);
        break;
      case 'load':
        this.#load(task.entry, now);
        break;
      default:
        task satisfies never;
    }
  }

  #bringBack(parsed: ParsedTransaction, now: Now): void {
    const parts = [{ parsed, peer: null }];
    this.#intake.consider({ parts, source: 'block', ticket: null, isLocal: false, enteredUnixMs: now.unixMs }, now);
    if (this.#intake.holdsReturning(parsed.leaf)) this.#backlog.hold();
    else this.#backlog.settleReturn();
  }

  #recheck(entry: PoolEntry): void {
    const { removed, changed, code } = this.#pool.recheck(entry);
    this.#intake.putOut(removed, code ?? '');
    if (!changed) return;
    const family = this.#pool.remove([entry], 'invalid', 'what it pays has changed with the tip: it is judged anew');
    this.#intake.tellRemoved(family);
    for (const { entry: gone } of family) {
      const { isLocal, enteredUnixMs, encoded } = gone;
      const read = parseTransaction(encoded, this.#maxTransactionBytes);
      assert(read.ok, 'a transaction of the pool decodes');
      const parts = [{ parsed: read.parsed, peer: null }];
      this.#backlog.retry({ parts, source: 'handed-in', ticket: null, isLocal, enteredUnixMs });
    }
  }

  #load({ encoded, isLocal, enteredUnixMs }: PoolFileEntry, now: Now): void {
    const read = parseTransaction(encoded, this.#maxTransactionBytes);
    if (!read.ok) return;
    // A clock that was wrong must not make it live for ever.
    const since = Math.min(enteredUnixMs, now.unixMs);
    const parts = [{ parsed: read.parsed, peer: null }];
    this.#intake.consider({ parts, source: 'file', ticket: null, isLocal, enteredUnixMs: since }, now);
  }

  #expire({ unixMs, monotonicMs }: Now): void {
    this.#intake.expire(monotonicMs);
    if (monotonicMs < this.#expiryMs) return;
    this.#expiryMs = monotonicMs + EXPIRY_MS;
    this.#intake.tellRemoved(this.#pool.expire(unixMs - this.#pool.state.limits.expiryHours * HOUR_MS));
  }

  #updateWake(now: Now): void {
    const waitMs = this.#backlog.hasNext(this.#intake.isQuiet)
      ? now.monotonicMs
      : Math.min(this.#intake.nextMs(), this.#expiryMs);
    const wakeMs = Math.max(now.monotonicMs, waitMs);
    if (wakeMs === this.#wakeMs) return;
    this.#wakeMs = wakeMs;
    this.#actions.push({ type: 'wake', atMonotonicMs: wakeMs });
  }
}

function poolBlock({ height, timestamp, transactions }: ChainBlock): PoolBlock {
  return { height, timestamp, transactions: transactions.slice(1).map(parsedOf) };
}
