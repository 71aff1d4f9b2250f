// The pool itself: what comes in, what goes out and why. It is told what to do by the machine (mempool-machine.ts), which knows peers and time.

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import { readActions } from '@resonancenet/consensus/read-actions';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { explain } from '@resonancenet/consensus/explain';
import type { VerdictCode } from '@resonancenet/consensus/verdict-codes';
import { type Addition, type AdmissionPlan, planAdmission } from './admission.ts';
import { outpointClaim, outputClaim } from './claims.ts';
import { FeeEstimator, type FeeHistory } from './fee-estimator.ts';
import { type FeeRate, feeRateOf, feeRatePerByte, greaterRate } from './fee-rate.ts';
import type { RemovalReason } from './mempool-code.ts';
import type { MempoolLimits } from './mempool-limits.ts';
import { decodeOwn, type ParsedTransaction } from './parsed-transaction.ts';
import type { PoolEntry } from './pool-entry.ts';
import { checkEntry, type PoolState, stateBeneath, tipHeight } from './pool-state.ts';
import { RollingMinimum } from './rolling-minimum.ts';
import { dependenceOf } from './sensitivity.ts';
import { SensitivityIndex } from './sensitivity-index.ts';
import { compareForTopology, evictionScore, TransactionGraph } from './transaction-graph.ts';
import type { LedgerContext } from '@resonancenet/ledger/ledger-context';
import type { LedgerReader } from '@resonancenet/ledger/ledger-view';

/** A block as the pool needs it: its transactions with their names, without the coinbase. */
export interface PoolBlock {
  readonly height: number;
  /** Seconds. */
  readonly timestamp: number;
  readonly transactions: readonly ParsedTransaction[];
}

export interface Removed {
  readonly entry: PoolEntry;
  readonly reason: RemovalReason;
  /** For people, with both numbers where there are two. */
  readonly detail: string;
}

export interface PoolChange {
  /** Parents first. */
  readonly added: readonly PoolEntry[];
  readonly removed: readonly Removed[];
}

export interface AdditionFacts {
  readonly isLocal: boolean;
  readonly isReturning: boolean;
  readonly enteredUnixMs: number;
}

export interface PoolOptions {
  /** The ledger's state after the tip of the active chain: the chain's store. */
  readonly ledger: LedgerReader;
  readonly context: LedgerContext;
  readonly limits: MempoolLimits;
  /** Resonances per byte that are relayed at least; left out, and never below, what the network asks for. */
  readonly relayFee?: number;
  readonly feeHistory: FeeHistory | null;
}

export class TransactionPool {
  readonly state: PoolState;
  readonly estimator: FeeEstimator;
  readonly #minimum: RollingMinimum;
  readonly #sensitive = new SensitivityIndex();

  constructor({ ledger, context, limits, relayFee = 0, feeHistory }: PoolOptions) {
    const relayRate = feeRatePerByte(Math.max(relayFee, context.params.minRelayFee));
    this.state = { ledger, context, limits, relayRate, graph: new TransactionGraph() };
    this.estimator = new FeeEstimator(relayRate, feeHistory);
    this.#minimum = new RollingMinimum(relayRate);
  }

  get graph(): TransactionGraph {
    return this.state.graph;
  }

  /** Bytes that count against the limit. */
  get usedBytes(): number {
    const { bytes, count } = this.graph.totals;
    return bytes + count * this.state.limits.entryBytes;
  }

  /** The least rate that is taken at present; not below what is relayed at all. */
  leastRate(nowMs: number): FeeRate {
    const rate = this.#minimum.rate(this.usedBytes / this.state.limits.maxBytes, nowMs);
    return greaterRate(rate, this.state.relayRate);
  }

  plan(transactions: readonly ParsedTransaction[], isReturning: boolean, nowMs: number): AdmissionPlan {
    return planAdmission(transactions, this.state, { poolRate: this.leastRate(nowMs), isReturning });
  }

  /** Carries out a plan that was made on the present state. What came in may have gone again for want of room. */
  commit(plan: Extract<AdmissionPlan, { readonly ok: true }>, facts: AdditionFacts, nowMs: number): PoolChange {
    const by = plan.additions.at(-1)!.parsed.txid;
    const gone = this.#removeFamily(plan.replaced, 'replaced', `replaced by ${by}`);
    const added = plan.additions.map((addition) => this.#add(addition, facts));
    // Only now: what is added may spend the worthless outputs that the replaced ones spent.
    const removed = [...gone.removed, ...this.#sweepDust(gone.parents)];
    if (facts.isReturning) for (const entry of added) removed.push(...this.#boundFamily(entry));
    removed.push(...this.trim(nowMs));
    if (plan.additions.length === 1 && !facts.isReturning) this.#learn(added[0]!);
    return { added: added.filter((entry) => this.#has(entry)), removed };
  }

  /** Takes transactions out, and what they leave without a purpose. The caller names whole families: what descends goes too. */
  remove(entries: Iterable<PoolEntry>, reason: RemovalReason, detail: string): Removed[] {
    const { removed, parents } = this.#removeFamily(entries, reason, detail);
    return [...removed, ...this.#sweepDust(parents)];
  }

  /** A block of the active chain. */
  connect(block: PoolBlock, nowMs: number): Removed[] {
    const { graph } = this;
    const confirmed = block.transactions.flatMap(({ txid }) => graph.get(txid) ?? []);
    for (const entry of confirmed) for (const child of entry.children) this.#coinAt(child, block.height);
    this.#takeOut(confirmed);
    const detail = `in the block of height ${block.height}`;
    const removed = confirmed.map((entry): Removed => ({ entry, reason: 'confirmed', detail }));
    for (const { txid, transaction } of block.transactions)
      for (const { outpoint } of transaction.inputs) {
        const rival = graph.claimant(outpointClaim(outpoint));
        if (rival === null) continue;
        const text = `transaction ${txid} of the block of height ${block.height} spends the same output`;
        removed.push(...this.remove([rival], 'conflict', text));
      }
    const time = { height: block.height, timestamp: block.timestamp };
    this.estimator.block(
      time,
      confirmed.map(({ txid }) => txid),
    );
    this.#minimum.block(nowMs);
    return removed;
  }

  /** What must be judged anew after blocks came, and, unless `fork` is null, blocks above that height went. */
  sensitiveTo(connected: readonly PoolBlock[], fork: number | null): Set<PoolEntry> {
    const height = tipHeight(this.state) + 1;
    const found = this.#sensitive.afterBlocks(this.#touchedPolicies(connected), height);
    if (fork === null) return found;
    for (const entry of this.#sensitive.afterReorganisation(this.graph.entries(), fork, height)) found.add(entry);
    return found;
  }

  /**
   * Judges a transaction of the pool by the ledger's rules on the present tip. Removed with its descendants if it fails; `changed` if it pays
   * another fee now, so that it must be taken out and come in again; `code`: why it fails.
   */
  recheck(entry: PoolEntry): {
    readonly removed: readonly Removed[];
    readonly changed: boolean;
    readonly code: VerdictCode | null;
  } {
    const { context } = this.state;
    const transaction = decodeOwn(entry.encoded);
    const state = stateBeneath([transaction], this.graph.ancestorsOf([entry]), this.state);
    const checked = checkEntry(entry, transaction, state, context);
    if (!checked.ok) {
      const detail = `${checked.code}: ${explain(checked)}`;
      return { removed: this.remove([entry], 'invalid', detail), changed: false, code: checked.code };
    }
    const { sensitivity } = dependenceOf(checked, state.height, context.params.coinbaseMaturity);
    this.#sensitive.remove(entry);
    entry.sensitivity = sensitivity;
    this.#sensitive.add(entry);
    return { removed: [], changed: checked.fee !== entry.fee, code: null };
  }

  /** Transactions that spend the outputs of one that is not there. */
  spendersOf({ txid, transaction }: Pick<ParsedTransaction, 'txid' | 'transaction'>): PoolEntry[] {
    return transaction.outputs.flatMap((_, index) => this.graph.claimant(outputClaim(txid, index)) ?? []);
  }

  /** Takes out what came before a moment of wall time. */
  expire(beforeUnixMs: number): Removed[] {
    const old = [...this.graph.entries()].filter(({ enteredUnixMs }) => enteredUnixMs < beforeUnixMs);
    const { expiryHours } = this.state.limits;
    return this.remove(old, 'expired', `no block took it within ${expiryHours} hours`);
  }

  /** Puts out those whose families pay least until the rest has room. */
  trim(nowMs: number): Removed[] {
    const removed: Removed[] = [];
    const { maxBytes } = this.state.limits;
    while (this.usedBytes > maxBytes) {
      const worst = this.graph.leastPaying();
      assert(worst !== null, 'a pool that is too large has a transaction');
      this.#minimum.raise(feeRateOf(evictionScore(worst)), nowMs);
      const detail = `the pool is full (${this.usedBytes} of ${maxBytes} bytes) and it paid least`;
      removed.push(...this.remove([worst], 'evicted', detail));
    }
    return removed;
  }

  #add({ parsed, ...addition }: Addition, { isLocal, enteredUnixMs, isReturning }: AdditionFacts): PoolEntry {
    const { bytes, fee, signatures, claims, dust, sensitivity } = addition;
    const { txid, leaf, encoded, transaction } = parsed;
    const enteredHeight = tipHeight(this.state);
    const facts = {
      txid,
      leaf,
      encoded,
      bytes,
      fee,
      signatures,
      claims,
      sensitivity,
      enteredUnixMs,
      enteredHeight,
      isLocal,
    };
    // What comes back from a block need not justify its outputs any more.
    const entry = this.graph.add({ ...facts, dust: isReturning ? [] : dust }, transaction.outputs.length);
    this.#sensitive.add(entry);
    return entry;
  }

  /** Only those that stand by themselves: how long the others wait, their relatives decide. */
  #learn(entry: PoolEntry): void {
    if (this.#has(entry) && entry.parents.size === 0)
      this.estimator.entered(entry.txid, feeRateOf(entry), entry.enteredHeight);
  }

  #has(entry: PoolEntry): boolean {
    return this.graph.get(entry.txid) === entry;
  }

  /** These and what descends from them; `parents`: of whom they were children and who stay. */
  #removeFamily(
    entries: Iterable<PoolEntry>,
    reason: RemovalReason,
    detail: string,
  ): { readonly removed: Removed[]; readonly parents: ReadonlySet<PoolEntry> } {
    const family = this.graph.withDescendants(entries);
    const parents = new Set([...family].flatMap((entry) => [...entry.parents]).filter((entry) => !family.has(entry)));
    const removed = [...family].sort(compareForTopology).map((entry): Removed => ({ entry, reason, detail }));
    this.#takeOut(family);
    for (const { txid } of family) this.estimator.left(txid, reason === 'expired' || reason === 'evicted');
    return { removed, parents };
  }

  #takeOut(entries: Iterable<PoolEntry>): void {
    const all = [...entries];
    for (const entry of all) this.#sensitive.remove(entry);
    this.graph.remove(all);
  }

  /** An output that it spends is confirmed now. */
  #coinAt(entry: PoolEntry, height: number): void {
    entry.sensitivity = { ...entry.sensitivity, highestCoin: Math.max(entry.sensitivity.highestCoin, height) };
  }

  /** A transaction that came back joins families that may be too large then: the latest go. */
  #boundFamily(entry: PoolEntry): Removed[] {
    const { maxAncestors, maxDescendants } = this.state.limits;
    const removed: Removed[] = [];
    const detail = 'a block was taken back, and too many unconfirmed transactions hang together';
    for (const descendant of [...this.graph.descendantsOf([entry])])
      if (this.#has(descendant) && descendant.ancestors.count > maxAncestors)
        removed.push(...this.remove([descendant], 'evicted', detail));
    while (entry.descendants.count > maxDescendants) {
      const latest = [...this.graph.descendantsOf([entry])].sort(compareForTopology).at(-1)!;
      removed.push(...this.remove([latest], 'evicted', detail));
    }
    return removed;
  }

  #sweepDust(parents: Iterable<PoolEntry>): Removed[] {
    const removed: Removed[] = [];
    for (const parent of parents) {
      const left = parent.dust.find((output) => this.graph.claimant(outputClaim(parent.txid, output)) === null);
      if (left === undefined || !this.#has(parent)) continue;
      removed.push(...this.remove([parent], 'dust-unspent', `nothing spends its worthless output ${left} any more`));
    }
    return removed;
  }

  #touchedPolicies(blocks: readonly PoolBlock[]): Set<string> {
    const touched = new Set<string>();
    for (const { transactions } of blocks)
      for (const { transaction } of transactions)
        for (const policy of this.#policiesOf(transaction)) touched.add(policy);
    return touched;
  }

  #policiesOf(transaction: Transaction): string[] {
    if (transaction.actions.length === 0) return [];
    const read = readActions(transaction, this.state.context.params);
    return read.ok ? read.actions.map(({ subject }) => toHex(subject)) : [];
  }
}
