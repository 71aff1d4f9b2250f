// The pool of unconfirmed transactions as a machine: (event, now) -> actions. It joins the pool with what comes and goes around it: orphans, packages,
// signatures that are checked elsewhere, blocks that come and are taken back.

import { assert } from '@resonancenet/bytes/assert';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { RecentSet } from '@resonancenet/bytes/recent-set';
import type { Hex32, Now } from '@resonancenet/chain/events';
import type { AdmissionRefused } from './admission.ts';
import { Backlog, type Task } from './backlog.ts';
import { selectTransactions, type Template, type TemplateLimits } from './block-template.ts';
import { type Candidate, candidateLeaf, candidatePeer, type NewCandidate } from './candidate.ts';
import type { FeeEstimate, FeeTarget } from './fee-estimator.ts';
import type { FeeRate } from './fee-rate.ts';
import type { ChainBlock, MempoolAction, MempoolEvent, StrictOutcome } from './mempool-events.ts';
import { hasOutputs } from './missing-inputs.ts';
import { Orphanage } from './orphanage.ts';
import { orderPackage } from './order-package.ts';
import { leafOf, type ParsedTransaction, parsedOf, parseTransaction } from './parsed-transaction.ts';
import type { PoolEntry } from './pool-entry.ts';
import type { PoolFileEntry } from './pool-file.ts';
import { explainRefusal, isFeeRefusal, type PoolRefusal, refusalKind, refuse } from './pool-refusal.ts';
import type { KnownSignatures } from './pool-state.ts';
import {
  type PoolBlock,
  type PoolChange,
  type PoolOptions,
  type Removed,
  TransactionPool,
} from './transaction-pool.ts';
import { compareForTopology } from './transaction-graph.ts';
import { VerificationQueue } from './verification-queue.ts';
import { WaitingParents } from './waiting-parents.ts';

/** Names that are remembered as refused since the tip moved, and as confirmed. */
const REMEMBERED = 20_000;

/** What is too old is looked for this often. */
const EXPIRY_MS = 600_000;

const HOUR_MS = 3_600_000;

export interface MempoolOptions extends PoolOptions {
  readonly known: KnownSignatures;
  readonly now: Now;
}

export class MempoolMachine {
  readonly #pool: TransactionPool;
  readonly #known: KnownSignatures;
  readonly #maxTransactionBytes: number;
  readonly #queue: VerificationQueue<Candidate>;
  readonly #orphans: Orphanage;
  readonly #waiting: WaitingParents;
  readonly #refused = new RecentSet<Hex32>(REMEMBERED);
  readonly #confirmed = new RecentSet<Hex32>(REMEMBERED);
  /** Candidates whose signatures are being checked, by leaf. */
  readonly #pending = new Map<Hex32, Candidate>();
  readonly #backlog = new Backlog();
  #actions: MempoolAction[] = [];
  #expiryMs: number;
  #wakeMs: number | null = null;

  constructor(options: MempoolOptions) {
    const { limits, known, now, context } = options;
    this.#pool = new TransactionPool(options);
    this.#known = known;
    this.#maxTransactionBytes = context.params.maxTransactionBytes;
    this.#queue = new VerificationQueue(limits.verification);
    this.#orphans = new Orphanage(limits.orphans);
    this.#waiting = new WaitingParents(limits.waitingParents);
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
    const isKnown = this.getByLeaf(leaf) !== null || this.#pending.has(leaf) || this.#orphans.has(leaf);
    return !isKnown && !this.#waiting.has(leaf) && !this.#refused.has(leaf) && !this.#confirmed.has(leaf);
  }

  /** Whether a peer should be asked for more: what it sent before is mostly checked. */
  isIdle(peer: string): boolean {
    return this.#queue.isIdle(peer);
  }

  /** The least fee rate that is taken now: what peers need not announce below. */
  leastRate(now: Now): FeeRate {
    return this.#pool.leastRate(now.monotonicMs);
  }

  selectTransactions(limits: TemplateLimits): Template {
    return selectTransactions(this.#pool.state, limits);
  }

  estimateFee(target: FeeTarget): FeeEstimate {
    return this.#pool.estimator.estimate(target);
  }

  /** What `load-transactions` takes, parents first, for the file (pool-file.ts). What an earlier file held and was not judged yet stays in it. */
  persisted(): {
    readonly transactions: readonly PoolFileEntry[];
    readonly fees: ReturnType<TransactionPool['estimator']['history']>;
  } {
    const entries = [...this.#pool.graph.entries()].sort(compareForTopology);
    return { transactions: [...entries, ...this.#backlog.loading], fees: this.#pool.estimator.history() };
  }

  // --- events ---

  step(event: MempoolEvent, at: Now): MempoolAction[] {
    const now: Now = { unixMs: at.unixMs, monotonicMs: Math.floor(at.monotonicMs) };
    this.#handle(event, now);
    this.#work(now);
    this.#pump();
    this.#updateWake(now);
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  #handle(event: MempoolEvent, now: Now): void {
    switch (event.type) {
      case 'transactions':
        this.#handedIn(event, now);
        break;
      case 'transaction-signatures':
        this.#verified(event.job, event.outcome, now);
        break;
      case 'tip':
        this.#tip(event, now);
        break;
      case 'load-transactions':
        this.#backlog.load(event.transactions);
        break;
      case 'peer-gone':
        this.#orphans.removePeer(event.peer);
        for (const candidate of this.#queue.dropWaiting(event.peer)) this.#pending.delete(candidateLeaf(candidate));
        break;
      case 'tick':
        this.#wakeMs = null;
        this.#expire(now);
        break;
      default:
        event satisfies never;
    }
  }

  #handedIn({ encoded, peer, ticket }: Extract<MempoolEvent, { readonly type: 'transactions' }>, now: Now): void {
    const parts: { readonly parsed: ParsedTransaction; readonly peer: string | null }[] = [];
    for (const bytes of encoded) {
      const leaf = leafOf(bytes);
      const read = parseTransaction(bytes, this.#maxTransactionBytes);
      if (!read.ok) {
        this.#refuse({ leaf, txid: null, peer, ticket }, read);
        return;
      }
      const { parsed } = read;
      // Of a package what is here already need not come again; alone it is answered.
      if (encoded.length === 1 || this.get(parsed.txid) === null) parts.push({ parsed, peer });
    }
    if (parts.length === 0) {
      this.#handedIn({ type: 'transactions', encoded: encoded.slice(-1), peer, ticket }, now);
      return;
    }
    this.#consider({ parts, source: 'handed-in', ticket, isLocal: peer === null, enteredUnixMs: now.unixMs }, now);
  }

  /** Judges a candidate; it comes in, waits for its signatures, or is refused. */
  #consider(candidate: NewCandidate, now: Now): void {
    const { parts } = candidate;
    const peer = candidatePeer(candidate);
    const child = parts.at(-1)!.parsed;
    if (peer !== null && this.#refused.has(child.leaf)) {
      this.#answer(candidate, refuse('recently-refused', { leaf: child.leaf }));
      return;
    }
    // Its signatures are being checked. Only who waits for an answer is worth doing it again.
    if (this.#pending.has(child.leaf) && candidate.ticket === null) return;
    const bytes = parts.reduce((sum, { parsed }) => sum + parsed.encoded.length, 0);
    const cost = { peer: candidate.source === 'handed-in' ? peer : null, bytes, signatures: 0 };
    if (!this.#queue.hasRoom(cost)) {
      this.#answer(candidate, refuse('queue-full', cost));
      return;
    }
    const plan = this.#plan(candidate, now);
    if (!plan.ok) {
      this.#turnAway(candidate, plan, now);
      return;
    }
    const named = plan.additions.flatMap(({ checks }, part) => checks.map((check) => ({ check, part })));
    const checks = named.filter(({ check }) => !this.#known.has(check));
    const full: Candidate = { ...candidate, ...cost, signatures: checks.length, checks };
    if (checks.length === 0) this.#takeIn(full, plan, now);
    else if (this.#queue.hasRoom(full)) {
      this.#queue.push(full);
      this.#pending.set(child.leaf, full);
    } else this.#answer(candidate, refuse('queue-full', full));
  }

  #plan(candidate: NewCandidate, { monotonicMs }: Now): ReturnType<TransactionPool['plan']> {
    const transactions = candidate.parts.map(({ parsed }) => parsed);
    return this.#pool.plan(transactions, candidate.source === 'block', monotonicMs);
  }

  #verified(job: number, outcome: StrictOutcome, now: Now): void {
    const candidate = this.#queue.finish(job);
    if (candidate === null) return;
    this.#pending.delete(candidateLeaf(candidate));
    if (candidate.source === 'block') this.#backlog.settleReturn();
    this.#backlog.wakeDeferred();
    if (outcome.kind === 'valid') {
      for (const { check } of candidate.checks) this.#known.add(check);
      // Tip and pool may have changed meanwhile.
      const plan = this.#plan(candidate, now);
      if (plan.ok) this.#takeIn(candidate, plan, now);
      else this.#turnAway(candidate, plan, now);
      return;
    }
    if (outcome.kind === 'failed') {
      this.#answer(candidate, refuse('verification-failed', { detail: outcome.detail }));
      return;
    }
    const failed = candidate.checks[outcome.index];
    assert(failed !== undefined, `signature ${outcome.index} of ${candidate.checks.length} was not asked about`);
    const facts = { publicKey: toHex(failed.check.publicKey) };
    const refusal =
      outcome.kind === 'lenient' ? refuse('signature-lenient', facts) : refuse('signature-refused', facts);
    this.#turnAway(candidate, { ok: false, refusal, at: failed.part, missing: [] }, now);
  }

  #takeIn(
    candidate: Candidate,
    plan: Extract<ReturnType<TransactionPool['plan']>, { readonly ok: true }>,
    now: Now,
  ): void {
    const { parts, isLocal, enteredUnixMs, source, ticket } = candidate;
    const facts = { isLocal, enteredUnixMs, isReturning: source === 'block' };
    const change = this.#pool.commit(plan, facts, now.monotonicMs);
    this.#tell(change, candidate);
    for (const { parsed } of parts) {
      if (this.get(parsed.txid) === null) {
        const { usedBytes, state } = this.#pool;
        const facts = { bytes: usedBytes, limit: state.limits.maxBytes };
        this.#refuse(
          { leaf: parsed.leaf, txid: parsed.txid, peer: candidatePeer(candidate), ticket },
          refuse('pool-full', facts),
        );
        this.#refused.add(parsed.leaf);
        continue;
      }
      this.#waiting.remove(parsed.txid);
      this.#orphans.remove(parsed.leaf);
      this.#retryChildrenOf(parsed.txid, now);
    }
  }

  #tell({ added, removed }: PoolChange, { ticket, parts }: Pick<Candidate, 'ticket' | 'parts'>): void {
    this.#tellRemoved(removed);
    for (const { txid, leaf, isLocal } of added) {
      const peer = parts.find(({ parsed }) => parsed.txid === txid)?.peer ?? null;
      this.#actions.push({ type: 'transaction-accepted', txid, leaf, peer, ticket, isLocal });
    }
  }

  #tellRemoved(removed: readonly Removed[]): void {
    for (const { entry, reason, detail } of removed) {
      this.#backlog.forget(entry);
      this.#actions.push({ type: 'transaction-removed', txid: entry.txid, leaf: entry.leaf, reason, detail });
    }
  }

  /** A refusal, and what may be done about it. */
  #turnAway(candidate: NewCandidate, { refusal, at, missing }: AdmissionRefused, now: Now): void {
    const { parts, source } = candidate;
    const { parsed, peer } = parts[at]!;
    if (source === 'block') this.#dropSpendersOf(parsed, refusal);
    else if (missing.length > 0 && parts.length === 1 && this.#awaits(candidate, missing, now)) return;
    if (isFeeRefusal(refusal) && parts.length === 1 && source !== 'block') {
      this.#waiting.add({ parsed, peer });
      this.#retryChildrenOf(parsed.txid, now);
    } else if (refusal.code !== 'already-in-pool') this.#refused.add(parsed.leaf);
    this.#answer(candidate, refusal, at);
    if (at < parts.length - 1) this.#parentFailed(candidate, at, refusal, now);
  }

  /** Parents of a candidate are not here: it waits, if there is hope; false if there is none. */
  #awaits(candidate: NewCandidate, missing: readonly Hex32[], now: Now): boolean {
    const { parsed, peer } = candidate.parts[0]!;
    if (peer !== null) {
      this.#keepOrphan(parsed, peer, missing, now);
      return true;
    }
    const coming = this.#comingTxids();
    if (!missing.some((parent) => coming.has(parent))) return false;
    this.#backlog.defer(candidate);
    return true;
  }

  /** Transactions whose signatures are being checked, or that wait for such. */
  #comingTxids(): Set<Hex32> {
    const coming = [...this.#pending.values(), ...this.#backlog.waiting];
    return new Set(coming.flatMap(({ parts }) => parts.map(({ parsed }) => parsed.txid)));
  }

  /** A package fell with a parent. The parent may have been another's forgery of the right one: the child goes on waiting for that. */
  #parentFailed({ parts }: NewCandidate, at: number, refusal: PoolRefusal, now: Now): void {
    const child = parts.at(-1)!;
    const { txid } = parts[at]!.parsed;
    this.#waiting.remove(txid);
    if (refusalKind(refusal) === 'fault' && child.peer !== null)
      this.#keepOrphan(child.parsed, child.peer, [txid], now);
    else this.#refused.add(child.parsed.leaf);
  }

  /** What spends a transaction that does not come back has lost its inputs. */
  #dropSpendersOf(parsed: ParsedTransaction, refusal: PoolRefusal): void {
    if (refusal.code === 'already-in-pool' || refusal.code === 'already-confirmed') return;
    const detail = `its parent ${parsed.txid} did not come back from a block that was taken back: ${refusal.code}`;
    this.#tellRemoved(this.#pool.remove(this.#pool.spendersOf(parsed), 'invalid', detail));
  }

  #keepOrphan(parsed: ParsedTransaction, peer: string, missing: readonly Hex32[], now: Now): void {
    const { leaf, txid, encoded } = parsed;
    const expiresMs = now.monotonicMs + this.#pool.state.limits.orphans.ageMs;
    if (!this.#orphans.add({ leaf, txid, encoded, peer, missing, expiresMs })) {
      this.#refused.add(leaf);
      return;
    }
    if (missing.every((parent) => this.#waiting.get(parent) !== null)) {
      this.#retryChildrenOf(missing[0]!, now);
      return;
    }
    const coming = this.#comingTxids();
    const txids = missing.filter((parent) => this.#waiting.get(parent) === null && !coming.has(parent));
    if (txids.length > 0) this.#actions.push({ type: 'want-parents', peer, txids });
  }

  /** A transaction has come, or waits for somebody who pays for it: its orphaned children are tried again, with those that they can pay for. */
  #retryChildrenOf(txid: Hex32, now: Now): void {
    for (const orphan of this.#orphans.childrenOf(txid)) {
      const parents = orphan.missing.flatMap((parent) => (this.#isHere(parent) ? [] : [this.#waiting.get(parent)]));
      if (parents.includes(null)) continue;
      this.#orphans.remove(orphan.leaf);
      const read = parseTransaction(orphan.encoded, this.#maxTransactionBytes);
      assert(read.ok, 'an orphan was read when it came');
      const parts = [...orderPackage(parents.map((parent) => parent!)), { parsed: read.parsed, peer: orphan.peer }];
      this.#backlog.retry({ parts, source: 'handed-in', ticket: null, isLocal: false, enteredUnixMs: now.unixMs });
    }
  }

  #isHere(txid: Hex32): boolean {
    return this.get(txid) !== null || hasOutputs(fromHex(txid), this.#pool.state.ledger);
  }

  // --- the chain ---

  #tip({ connected, disconnected }: Extract<MempoolEvent, { readonly type: 'tip' }>, now: Now): void {
    const blocks = connected.map(poolBlock);
    const lost = disconnected.map(poolBlock);
    const gained = new Set(blocks.flatMap(({ transactions }) => transactions.map(({ txid }) => txid)));
    this.#refused.clear();
    for (const { transactions } of lost) for (const { leaf } of transactions) this.#confirmed.delete(leaf);
    const { maxReturningBytes } = this.#pool.state.limits;
    this.#backlog.bringBack(
      lost.flatMap(({ transactions }) => transactions),
      gained,
      maxReturningBytes,
    );
    for (const block of blocks) {
      this.#tellRemoved(this.#pool.connect(block, now.monotonicMs));
      for (const { leaf, txid } of block.transactions) {
        this.#confirmed.add(leaf);
        this.#orphans.remove(leaf);
        this.#waiting.remove(txid);
        this.#retryChildrenOf(txid, now);
      }
    }
    const fork = disconnected.length === 0 ? null : disconnected[0]!.height - 1;
    this.#backlog.recheck(this.#pool.sensitiveTo(blocks, fork));
    this.#expire(now);
  }

  // --- work in slices ---

  /** Whether what an earlier run left may be judged: while others wait for their signatures it does not press. */
  get #mayLoad(): boolean {
    return this.#queue.size < 2 * this.#pool.state.limits.verification.jobs;
  }

  #work(now: Now): void {
    for (let left = this.#pool.state.limits.stepTransactions; left > 0; left -= 1) {
      const task = this.#backlog.next(this.#mayLoad);
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
        this.#consider(task.candidate, now);
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
    this.#consider({ parts, source: 'block', ticket: null, isLocal: false, enteredUnixMs: now.unixMs }, now);
    if (this.#pending.get(parsed.leaf)?.source === 'block') this.#backlog.hold();
    else this.#backlog.settleReturn();
  }

  #recheck(entry: PoolEntry): void {
    const { removed, changed } = this.#pool.recheck(entry);
    this.#tellRemoved(removed);
    if (!changed) return;
    const family = this.#pool.remove([entry], 'invalid', 'what it pays has changed with the tip: it is judged anew');
    this.#tellRemoved(family);
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
    this.#consider({ parts, source: 'file', ticket: null, isLocal, enteredUnixMs: since }, now);
  }

  #expire({ unixMs, monotonicMs }: Now): void {
    this.#orphans.expire(monotonicMs);
    if (monotonicMs < this.#expiryMs) return;
    this.#expiryMs = monotonicMs + EXPIRY_MS;
    this.#tellRemoved(this.#pool.expire(unixMs - this.#pool.state.limits.expiryHours * HOUR_MS));
  }

  #pump(): void {
    for (let next = this.#queue.next(); next !== null; next = this.#queue.next()) {
      const checks = next.item.checks.map(({ check }) => check);
      this.#actions.push({ type: 'verify-transaction', job: next.job, checks });
    }
  }

  #updateWake(now: Now): void {
    const orphanMs = this.#orphans.nextMs() ?? Number.POSITIVE_INFINITY;
    const waitMs = this.#backlog.hasNext(this.#mayLoad) ? now.monotonicMs : Math.min(orphanMs, this.#expiryMs);
    const wakeMs = Math.max(now.monotonicMs, waitMs);
    if (wakeMs === this.#wakeMs) return;
    this.#wakeMs = wakeMs;
    this.#actions.push({ type: 'wake', atMonotonicMs: wakeMs });
  }

  // --- answers ---

  #answer(candidate: NewCandidate, refusal: PoolRefusal, at: number = candidate.parts.length - 1): void {
    const { parsed, peer } = candidate.parts[at]!;
    this.#refuse({ leaf: parsed.leaf, txid: parsed.txid, peer, ticket: candidate.ticket }, refusal);
  }

  #refuse(
    about: {
      readonly leaf: Hex32;
      readonly txid: Hex32 | null;
      readonly peer: string | null;
      readonly ticket: number | null;
    },
    refusal: PoolRefusal,
  ): void {
    const peerFault = refusalKind(refusal) === 'fault' && about.peer !== null;
    const { code } = refusal;
    this.#actions.push({ type: 'transaction-refused', ...about, code, peerFault, detail: explainRefusal(refusal) });
  }
}

function poolBlock({ height, timestamp, transactions }: ChainBlock): PoolBlock {
  return { height, timestamp, transactions: transactions.slice(1).map(parsedOf) };
}
