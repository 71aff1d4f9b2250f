// What is known when a transaction is judged: the tip, its state, and the pool.

import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { Rejection } from '@resonancenet/consensus/verdict';
import { checkInputs, checkLockTime } from '@resonancenet/ledger/check-inputs';
import { applyTransaction, type CheckedTransaction, checkTransaction } from '@resonancenet/ledger/check-transaction';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import type { LedgerContext } from '@resonancenet/ledger/ledger-context';
import type { LedgerReader } from '@resonancenet/ledger/ledger-view';
import { coinKey } from '@resonancenet/ledger/coin';
import { openLocks } from '@resonancenet/ledger/open-locks';
import { createOutput } from '@resonancenet/ledger/outputs';
import { type MutableTotals, readTotals } from '@resonancenet/ledger/totals';
import type { Transaction } from '@resonancenet/primitives/transaction';
import type { FeeRate } from './fee-rate.ts';
import type { MempoolLimits } from './mempool-limits.ts';
import { OverlayView } from './overlay-view.ts';
import { decodeOwn } from './parsed-transaction.ts';
import type { PoolEntry } from './pool-entry.ts';
import { compareForTopology, type TransactionGraph } from './transaction-graph.ts';

/** Signatures known to hold, shared with the chain: what one has checked costs the other nothing (chain/signature-cache.ts). */
export interface KnownSignatures {
  has(check: SignatureCheck): boolean;
  add(check: SignatureCheck): void;
}

export interface PoolState {
  /** The ledger's state after the tip of the active chain. */
  readonly ledger: LedgerReader;
  readonly context: LedgerContext;
  readonly limits: MempoolLimits;
  readonly graph: TransactionGraph;
  /** The least rate that is relayed at all. */
  readonly relayRate: FeeRate;
}

/** The state of the tip with some unconfirmed transactions on top. */
export interface UnconfirmedState {
  readonly view: OverlayView;
  readonly totals: MutableTotals;
  /** Of the next block. */
  readonly height: number;
}

export function stateOfTip({ ledger }: Pick<PoolState, 'ledger'>): UnconfirmedState {
  const view = new OverlayView(ledger);
  const totals = readTotals(view);
  return { view, totals, height: totals.height + 1 };
}

/** Height of the block that the next one follows, as the state itself says it. */
export function tipHeight({ ledger }: Pick<PoolState, 'ledger'>): number {
  return readTotals(ledger).height;
}

/**
 * A transaction of the pool on a state, by all rules that depend on it. It was checked whole when it came: its form is what it was, and what its
 * signatures cover is fixed by the ids of the outputs that it spends, so that nothing is hashed again.
 */
export function checkEntry(
  entry: PoolEntry,
  transaction: Transaction,
  { view, height }: UnconfirmedState,
  context: LedgerContext,
): CheckedTransaction | Rejection {
  // Actions and recoveries are rare and depend on more.
  if (entry.sensitivity.isVolatile) return checkTransaction(transaction, height, view, context);
  const locked = checkLockTime(transaction, height);
  if (locked !== null) return locked;
  const inputs = checkInputs(transaction, height, view, context);
  if (!inputs.ok) return inputs;
  const opened = openLocks(transaction, height, inputs.spent);
  if (!opened.ok) return opened;
  const { spent } = inputs;
  const txid = fromHex(entry.txid);
  return { ok: true, transaction, txid, spent, actions: [], fee: entry.fee, bonds: 0n, refund: 0n, signatures: [] };
}

/**
 * The state of the tip as these transactions see it that have these unconfirmed ancestors. Of most ancestors only the outputs matter that are spent
 * here: looking at all of them again would let a newcomer cause much work for little. Those that do more (actions, recoveries) are applied.
 */
export function stateBeneath(
  transactions: readonly Transaction[],
  ancestors: Iterable<PoolEntry>,
  pool: PoolState,
): UnconfirmedState {
  const state = stateOfTip(pool);
  const source = new UnconfirmedOutputs(pool.graph, state);
  for (const entry of [...ancestors].sort(compareForTopology)) {
    if (!entry.sensitivity.isVolatile) continue;
    const transaction = decodeOwn(entry.encoded);
    source.provide(transaction);
    const checked = checkEntry(entry, transaction, state, pool.context);
    // The present tip may not allow it any more; then it is judged itself before long.
    if (checked.ok) applyTransaction(checked, state.height, state.view, state.totals, pool.context);
  }
  for (const transaction of transactions) source.provide(transaction);
  return state;
}

/** Outputs of transactions of the pool, put into a state as they are needed. */
class UnconfirmedOutputs {
  readonly #graph: TransactionGraph;
  readonly #state: UnconfirmedState;
  readonly #decoded = new Map<PoolEntry, Transaction>();

  constructor(graph: TransactionGraph, state: UnconfirmedState) {
    this.#graph = graph;
    this.#state = state;
  }

  /** The unconfirmed outputs that a transaction spends. */
  provide({ inputs }: Transaction): void {
    const { view, totals, height } = this.#state;
    for (const { outpoint } of inputs) {
      const entry = this.#graph.get(toHex(outpoint.txid));
      if (entry === null || view.get('coins', coinKey(outpoint.txid, outpoint.index)) !== null) continue;
      const output = this.#transactionOf(entry).outputs[outpoint.index];
      if (output !== undefined) createOutput(view, totals, outpoint.txid, outpoint.index, output, height);
    }
  }

  #transactionOf(entry: PoolEntry): Transaction {
    const known = this.#decoded.get(entry);
    if (known !== undefined) return known;
    const transaction = decodeOwn(entry.encoded);
    this.#decoded.set(entry, transaction);
    return transaction;
  }
}
