// Transactions on their way into the pool: judged, their signatures checked elsewhere, judged again; those that wait for parents or for a child that pays
// for them; those that are turned away.

import { assert } from '@resonancenet/bytes/assert';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { RecentSet } from '@resonancenet/bytes/recent-set';
import type { Hex32, Now } from '@resonancenet/chain/events';
import type { AdmissionRefused } from './admission.ts';
import type { Backlog } from './backlog.ts';
import type { EarlyReturns } from './early-returns.ts';
import { type Candidate, candidateLeaf, candidatePeer, isReturning, type NewCandidate } from './candidate.ts';
import type { MempoolAction, MempoolEvent, StrictOutcome } from './mempool-events.ts';
import { hasOutputs } from './missing-inputs.ts';
import { orderPackage } from './order-package.ts';
import { Orphanage } from './orphanage.ts';
import { leafOf, type ParsedTransaction, parseTransaction } from './parsed-transaction.ts';
import { explainRefusal, isFeeRefusal, type PoolRefusal, isPeerFault, refuse } from './pool-refusal.ts';
import type { PoolFileEntry } from './pool-file.ts';
import { type KnownSignatures, tipHeight } from './pool-state.ts';
import type { PoolChange, Removed, TransactionPool } from './transaction-pool.ts';
import { VerificationQueue } from './verification-queue.ts';
import { WaitingParents } from './waiting-parents.ts';

/** Names that are remembered as refused since the tip moved, and as confirmed. */
const REMEMBERED = 20_000;

export interface IntakeOptions {
  readonly pool: TransactionPool;
  readonly backlog: Backlog;
  readonly early: EarlyReturns;
  readonly known: KnownSignatures;
  readonly emit: (action: MempoolAction) => void;
}

export class Intake {
  readonly #pool: TransactionPool;
  readonly #backlog: Backlog;
  readonly #early: EarlyReturns;
  readonly #known: KnownSignatures;
  readonly #emit: (action: MempoolAction) => void;
  readonly #maxTransactionBytes: number;
  readonly #queue: VerificationQueue<Candidate>;
  readonly #orphans: Orphanage;
  readonly #waiting: WaitingParents;
  readonly #refused = new RecentSet<Hex32>(REMEMBERED);
  readonly #confirmed = new RecentSet<Hex32>(REMEMBERED);
  /** Candidates whose signatures are being checked, by leaf. */
  readonly #pending = new Map<Hex32, Candidate>();
  /** How many of these bring a transaction, by its id. */
  readonly #pendingTxids = new Map<Hex32, number>();

  constructor({ pool, backlog, early, known, emit }: IntakeOptions) {
    const { limits, context } = pool.state;
    this.#pool = pool;
    this.#backlog = backlog;
    this.#early = early;
    this.#known = known;
    this.#emit = emit;
    this.#maxTransactionBytes = context.params.maxTransactionBytes;
    this.#queue = new VerificationQueue(limits.verification);
    this.#orphans = new Orphanage(limits.orphans);
    this.#waiting = new WaitingParents(limits.waitingParents);
  }

  /** Whether a transaction that a peer announced should be asked for. */
  wants(leaf: Hex32): boolean {
    const isKnown = this.#pool.graph.getByLeaf(leaf) !== null || this.#pending.has(leaf) || this.#orphans.has(leaf);
    return !isKnown && !this.#waiting.has(leaf) && !this.#refused.has(leaf) && !this.#confirmed.has(leaf);
  }

  isIdle(peer: string): boolean {
    return this.#queue.isIdle(peer);
  }

  /** Whether few wait for their signatures. */
  get isQuiet(): boolean {
    return this.#queue.size < 2 * this.#pool.state.limits.verification.jobs;
  }

  /** Whether the signatures of a transaction that returns from a block are being checked. */
  holdsReturning(leaf: Hex32): boolean {
    return this.#pending.get(leaf)?.source === 'block';
  }

  /** What this node itself has handed in and is not in the pool yet, for the file. */
  ownPending(): PoolFileEntry[] {
    const own = [...this.#pending.values(), ...this.#backlog.waiting].filter((one) => candidatePeer(one) === null);
    return own.flatMap(({ parts, enteredUnixMs, isLocal }) =>
      parts.map(({ parsed }) => ({ encoded: parsed.encoded, enteredUnixMs, isLocal })),
    );
  }

  peerGone(peer: string): void {
    this.#orphans.removePeer(peer);
    for (const candidate of this.#queue.dropWaiting(peer)) this.#settle(candidate);
  }

  /** The tip has moved: what was refused may be right now, and what these blocks held is unconfirmed. */
  tipMoved(disconnected: readonly ParsedTransaction[]): void {
    this.#refused.clear();
    for (const { leaf } of disconnected) this.#confirmed.delete(leaf);
  }

  /** A block has it. */
  confirmed({ leaf, txid }: ParsedTransaction, now: Now): void {
    this.#confirmed.add(leaf);
    this.#orphans.remove(leaf);
    this.#waiting.remove(txid);
    this.retryChildrenOf(txid, now);
  }

  expire(nowMs: number): void {
    this.#orphans.expire(nowMs);
  }

  /** When `expire` is due; infinity if nothing waits for it. */
  nextMs(): number {
    return this.#orphans.nextMs() ?? Number.POSITIVE_INFINITY;
  }

  /** Hands out jobs as far as enough are not running yet. */
  pump(): void {
    for (let next = this.#queue.next(); next !== null; next = this.#queue.next()) {
      const checks = next.item.checks.map(({ check }) => check);
      this.#emit({ type: 'verify-transaction', job: next.job, checks });
    }
  }

  /** Bytes from a peer or the operator. */
  handedIn({ encoded, peer, ticket }: Extract<MempoolEvent, { readonly type: 'transactions' }>, now: Now): void {
    const parts: { readonly parsed: ParsedTransaction; readonly peer: string | null }[] = [];
    for (const bytes of encoded) {
      const read = parseTransaction(bytes, this.#maxTransactionBytes);
      if (!read.ok) {
        this.#refuse({ leaf: leafOf(bytes), txid: null, peer, ticket }, read);
        return;
      }
      const { parsed } = read;
      // Of a package what is here already need not come again; alone it is answered.
      if (encoded.length === 1 || this.#pool.graph.get(parsed.txid) === null) parts.push({ parsed, peer });
    }
    if (parts.length === 0) {
      this.handedIn({ type: 'transactions', encoded: encoded.slice(-1), peer, ticket }, now);
      return;
    }
    this.consider({ parts, source: 'handed-in', ticket, isLocal: peer === null, enteredUnixMs: now.unixMs }, now);
  }

  /** Judges a candidate; it comes in, waits for its signatures, or is refused. */
  consider(candidate: NewCandidate, now: Now): void {
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
      this.#await(full);
    } else this.#answer(candidate, refuse('queue-full', full));
  }

  #plan(candidate: NewCandidate, { monotonicMs }: Now): ReturnType<TransactionPool['plan']> {
    const transactions = candidate.parts.map(({ parsed }) => parsed);
    return this.#pool.plan(transactions, isReturning(candidate), monotonicMs);
  }

  /** The answer to a job. */
  verified(job: number, outcome: StrictOutcome, now: Now): void {
    const candidate = this.#queue.finish(job);
    if (candidate === null) return;
    this.#settle(candidate);
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
    const { parts, isLocal, enteredUnixMs, ticket } = candidate;
    const facts = { isLocal, enteredUnixMs, isReturning: isReturning(candidate) };
    const change = this.#pool.commit(plan, facts, now.monotonicMs);
    this.#tell(change, candidate);
    for (const { parsed } of parts) {
      if (this.#pool.graph.get(parsed.txid) === null) {
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
      this.retryChildrenOf(parsed.txid, now);
    }
  }

  #tell({ added, removed }: PoolChange, { ticket, parts }: Pick<Candidate, 'ticket' | 'parts'>): void {
    this.tellRemoved(removed);
    for (const { txid, leaf, isLocal } of added) {
      const peer = parts.find(({ parsed }) => parsed.txid === txid)?.peer ?? null;
      this.#emit({ type: 'transaction-accepted', txid, leaf, peer, ticket, isLocal });
    }
  }

  /** Tells what has left the pool. */
  tellRemoved(removed: readonly Removed[]): void {
    for (const { entry, reason, detail } of removed) {
      this.#backlog.forget(entry);
      this.#emit({ type: 'transaction-removed', txid: entry.txid, leaf: entry.leaf, reason, detail });
    }
  }

  /** A refusal, and what may be done about it. */
  #turnAway(candidate: NewCandidate, { refusal, at, missing }: AdmissionRefused, now: Now): void {
    const { parts, source } = candidate;
    const { parsed, peer } = parts[at]!;
    if (isReturning(candidate)) this.#early.keep(candidate, refusal.code, tipHeight(this.#pool.state));
    if (source === 'block') this.#dropSpendersOf(parsed, refusal);
    else if (missing.length > 0 && parts.length === 1 && this.#awaits(candidate, missing, now)) return;
    if (isFeeRefusal(refusal) && parts.length === 1 && !isReturning(candidate)) {
      this.#waiting.add({ parsed, peer });
      this.retryChildrenOf(parsed.txid, now);
    } else if (refusal.code !== 'already-in-pool') this.#refused.add(parsed.leaf);
    this.#answer(candidate, refusal, at);
    if (at < parts.length - 1) this.#parentFailed(candidate, at, refusal, now);
  }

  /** Parents of a candidate are not here: it waits, if there is hope; false if there is none. */
  #awaits(candidate: NewCandidate, missing: readonly Hex32[], now: Now): boolean {
    const { parsed, peer } = candidate.parts[0]!;
    // It could never be in the pool with all of them.
    if (missing.length >= this.#pool.state.limits.maxAncestors) return false;
    if (peer !== null) {
      this.#keepOrphan(parsed, peer, missing, now);
      return true;
    }
    if (!missing.some((parent) => this.#isComing(parent))) return false;
    this.#backlog.defer(candidate);
    return true;
  }

  #await(candidate: Candidate): void {
    this.#pending.set(candidateLeaf(candidate), candidate);
    for (const { parsed } of candidate.parts)
      this.#pendingTxids.set(parsed.txid, (this.#pendingTxids.get(parsed.txid) ?? 0) + 1);
  }

  /** Its signatures are not waited for any more. */
  #settle(candidate: Candidate): void {
    this.#pending.delete(candidateLeaf(candidate));
    for (const { parsed } of candidate.parts) {
      const left = (this.#pendingTxids.get(parsed.txid) ?? 0) - 1;
      if (left > 0) this.#pendingTxids.set(parsed.txid, left);
      else this.#pendingTxids.delete(parsed.txid);
    }
  }

  /** Whether a transaction's signatures are being checked, or it waits for others that are. */
  #isComing(txid: Hex32): boolean {
    if (this.#pendingTxids.has(txid)) return true;
    return this.#backlog.waiting.some(({ parts }) => parts.some(({ parsed }) => parsed.txid === txid));
  }

  /** A package fell with a parent. The parent may have been another's forgery of the right one: the child goes on waiting for that. */
  #parentFailed({ parts }: NewCandidate, at: number, refusal: PoolRefusal, now: Now): void {
    const child = parts.at(-1)!;
    const { txid } = parts[at]!.parsed;
    this.#waiting.remove(txid);
    if (isPeerFault(refusal) && child.peer !== null) this.#keepOrphan(child.parsed, child.peer, [txid], now);
    else this.#refused.add(child.parsed.leaf);
  }

  /** What spends a transaction that does not come back has lost its inputs. */
  #dropSpendersOf(parsed: ParsedTransaction, refusal: PoolRefusal): void {
    if (refusal.code === 'already-in-pool' || refusal.code === 'already-confirmed') return;
    const detail = `its parent ${parsed.txid} did not come back from a block that was taken back: ${refusal.code}`;
    this.putOut(this.#pool.remove(this.#pool.spendersOf(parsed), 'invalid', detail), 'missing-inputs');
  }

  /** Tells what the tip has put out of the pool; what it was only too early for is kept. `code`: of the first one's refusal. */
  putOut(removed: readonly Removed[], code: string): void {
    this.tellRemoved(removed);
    for (const [place, { entry }] of removed.entries()) {
      const read = parseTransaction(entry.encoded, this.#maxTransactionBytes);
      assert(read.ok, 'a transaction of the pool decodes');
      const { isLocal, enteredUnixMs } = entry;
      const parts = [{ parsed: read.parsed, peer: null }];
      const candidate: NewCandidate = { parts, source: 'early', ticket: null, isLocal, enteredUnixMs };
      this.#early.keep(candidate, place === 0 ? code : 'missing-inputs', tipHeight(this.#pool.state));
    }
  }

  #keepOrphan(parsed: ParsedTransaction, peer: string, missing: readonly Hex32[], now: Now): void {
    const { leaf, txid, encoded } = parsed;
    const expiresMs = now.monotonicMs + this.#pool.state.limits.orphans.ageMs;
    if (!this.#orphans.add({ leaf, txid, encoded, peer, missing, expiresMs })) {
      this.#refused.add(leaf);
      return;
    }
    if (missing.every((parent) => this.#waiting.get(parent) !== null)) {
      this.retryChildrenOf(missing[0]!, now);
      return;
    }
    const txids = missing.filter((parent) => this.#waiting.get(parent) === null && !this.#isComing(parent));
    if (txids.length > 0) this.#emit({ type: 'want-parents', peer, txids });
  }

  /** A transaction has come, or waits for somebody who pays for it: its orphaned children are tried again, with those that they can pay for. */
  retryChildrenOf(txid: Hex32, now: Now): void {
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
    return this.#pool.graph.get(txid) !== null || hasOutputs(fromHex(txid), this.#pool.state.ledger);
  }

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
    const peerFault = isPeerFault(refusal) && about.peer !== null;
    const { code } = refusal;
    this.#emit({ type: 'transaction-refused', ...about, code, peerFault, detail: explainRefusal(refusal) });
  }
}
