// What is known when a transaction is judged: the tip, its state, and the pool.

import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { checkActions } from '@resonancenet/ledger/check-actions';
import { checkInputs } from '@resonancenet/ledger/check-inputs';
import { applyTransaction } from '@resonancenet/ledger/check-transaction';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import type { LedgerContext } from '@resonancenet/ledger/ledger-context';
import type { LedgerReader } from '@resonancenet/ledger/ledger-view';
import { announcementRefund } from '@resonancenet/ledger/recovery';
import { type MutableTotals, readTotals } from '@resonancenet/ledger/totals';
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
 * Applies transactions of the pool in an order in which they can be. They were checked when they came: only what they change is done again. One that
 * the present tip does not allow any more is left out, and with it what spends it.
 */
export function applyEntries(entries: Iterable<PoolEntry>, state: UnconfirmedState, context: LedgerContext): void {
  for (const entry of [...entries].sort(compareForTopology)) {
    const transaction = decodeOwn(entry.encoded);
    const inputs = checkInputs(transaction, state.height, state.view, context);
    const actions = checkActions(transaction, state.height, state.view, context);
    if (!inputs.ok || !actions.ok) continue;
    const { spent } = inputs;
    const isRecovery = spent.some(({ coin }) => entry.claims.includes(`recovery ${toHex(coin.policyId)}`));
    const refund = isRecovery ? announcementRefund(spent[0]!.policy) : 0n;
    const checked = {
      ok: true as const,
      transaction,
      txid: fromHex(entry.txid),
      spent,
      actions: actions.actions,
      bonds: actions.bonds,
      refund,
      fee: entry.fee,
      signatures: [],
    };
    applyTransaction(checked, state.height, state.view, state.totals, context);
  }
}
