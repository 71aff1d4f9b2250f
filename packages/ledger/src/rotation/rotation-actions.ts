// The two actions of the rotation: a set is proposed by its hash, and revealed when it is locked in (LED-24, LED-25).

import { toHex } from '@resonancenet/bytes/hex';
import type { ReadAction } from '@resonancenet/consensus/read-actions';
import { rejectTransaction } from '@resonancenet/consensus/reject-transaction';
import type { Rejection } from '@resonancenet/consensus/verdict';
import { dvalId } from '@resonancenet/params/dval';
import type { Transaction } from '@resonancenet/primitives/transaction';
import type { LedgerContext } from '../ledger-context.ts';
import type { LedgerReader, LedgerView } from '../ledger-view.ts';
import type { MutableTotals } from '../totals.ts';
import { proposalOf, putExpiry, putProposal, putShard } from './rotation-records.ts';

/** What a proposal or a reveal takes from its transaction, resonances. */
export type RotationCheck = { readonly ok: true; readonly bond: bigint } | Rejection;

/** A proposal or a reveal, action `index` of the transaction, in a block at `height`. */
export function checkRotationAction(
  transaction: Transaction,
  index: number,
  { content, subject }: ReadAction,
  height: number,
  view: LedgerReader,
  { params }: LedgerContext,
): RotationCheck {
  const facts = { action: index, proposal: toHex(subject) };
  const record = proposalOf(view, subject);
  if (content.kind === 'propose') {
    return record === null
      ? { ok: true, bond: params.rotation.bond }
      : rejectTransaction(transaction, 'tx-proposal-repeated', { ...facts, proposedAt: record.proposedAt });
  }
  if (record?.status !== 'lockedIn') {
    const status = record?.status ?? 'unknown';
    return rejectTransaction(transaction, 'tx-reveal-not-locked-in', { ...facts, status });
  }
  const { revealedAt, activation } = record;
  if (revealedAt !== null) return rejectTransaction(transaction, 'tx-reveal-repeated', { ...facts, revealedAt });
  const latest = activation! - params.rotation.notice;
  return height <= latest
    ? { ok: true, bond: 0n }
    : rejectTransaction(transaction, 'tx-reveal-late', { action: index, height, latest });
}

/** What a proposal or a reveal that passed its check changes; the bond is entered in the totals. */
export function applyRotationAction(
  { content, subject }: ReadAction,
  height: number,
  view: LedgerView,
  totals: MutableTotals,
  { params }: LedgerContext,
): void {
  if (content.kind === 'propose') {
    const { refund } = content;
    const later = { lockedInAt: null, activation: null, revealedAt: null, dvalId: null, resolvedAt: null };
    putProposal(view, subject, { status: 'open', proposedAt: height, refund, ...later });
    putExpiry(view, height + params.rotation.expiry, subject);
    totals.bonds += params.rotation.bond;
  } else if (content.kind === 'reveal') {
    const id = dvalId(content.shard);
    putProposal(view, subject, { ...proposalOf(view, subject)!, revealedAt: height, dvalId: id });
    putShard(view, id, subject, content.shard);
  }
}
