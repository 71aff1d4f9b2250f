// What a block changes about the rotation beside its actions (LED-26 to LED-28).

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { isReserve } from '@resonancenet/consensus/dval-rotation';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import type { NetworkParams, RotationParams } from '@resonancenet/params/network-params';
import { amount } from '@resonancenet/primitives/amount';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { TxId } from '@resonancenet/primitives/ids';
import type { LedgerBlock, LedgerContext } from '../ledger-context.ts';
import type { LedgerView } from '../ledger-view.ts';
import { createOutput } from '../outputs.ts';
import { forfeitBond, type MutableTotals } from '../totals.ts';
import type { DvalDecision, Resolution, RotationParent } from './required-dval.ts';
import {
  deleteExpiry,
  expiringAt,
  leader,
  lockedIn,
  type ProposalRecord,
  type ProposalStatus,
  proposalOf,
  putChange,
  putProposal,
  setLastReserve,
  setLockedIn,
} from './rotation-records.ts';
import { countVote } from './vote-tally.ts';

/** Call it after the block's transactions, with what `requiredDval` decided before them. */
export function endOfBlock(
  { header, parent }: LedgerBlock,
  decision: DvalDecision,
  view: LedgerView,
  totals: MutableTotals,
  { params }: LedgerContext,
): void {
  const { height } = header;
  recordChange(view, header, parent, decision, params);
  if (decision.resolution !== null) resolveDue(view, totals, decision.resolution, height, params);
  failUnrevealed(view, totals, height, params.rotation);
  expireOpen(view, totals, height, params.rotation);
  countVote(view, height, header.dvalVote, params.rotation);
  lockInLeader(view, height, params.rotation);
}

function recordChange(
  view: LedgerView,
  header: BlockHeader,
  parent: RotationParent,
  { resolution }: DvalDecision,
  params: NetworkParams,
): void {
  if (equalBytes(header.dvalId, parent.dvalId)) return;
  putChange(view, header.height, {
    byProposal: resolution?.outcome === 'active',
    from: parent.dvalId,
    to: header.dvalId,
    oldLoss: parent.valLoss,
    newLoss: header.parentLoss,
  });
  if (isReserve(header.dvalId, params)) setLastReserve(view, header.dvalId);
}

function resolveDue(
  view: LedgerView,
  totals: MutableTotals,
  { proposal, outcome }: Resolution,
  height: number,
  { rotation }: NetworkParams,
): void {
  setLockedIn(view, null);
  const { refund } = resolve(view, proposal, outcome, height);
  if (outcome !== 'active') {
    forfeitBond(totals, rotation.bond);
    return;
  }
  totals.bonds -= rotation.bond;
  createOutput(view, totals, refundTxid(proposal), 0, { amount: amount(rotation.bond), ...refund }, height);
}

/** Transaction id under which a proposal's bond comes back as output 0 (LED-28). */
export function refundTxid(proposal: Uint8Array): TxId {
  return hash(TAG.dvalProposal, proposal);
}

/** A locked-in proposal that was not revealed in time. */
function failUnrevealed(view: LedgerView, totals: MutableTotals, height: number, rotation: RotationParams): void {
  const proposal = lockedIn(view);
  if (proposal === null) return;
  const { activation, revealedAt } = known(view, proposal);
  if (revealedAt !== null || height < activation! - rotation.notice) return;
  setLockedIn(view, null);
  resolve(view, proposal, 'failed', height);
  forfeitBond(totals, rotation.bond);
}

function expireOpen(view: LedgerView, totals: MutableTotals, height: number, rotation: RotationParams): void {
  for (const proposal of expiringAt(view, height)) {
    deleteExpiry(view, height, proposal);
    resolve(view, proposal, 'expired', height);
    forfeitBond(totals, rotation.bond);
  }
}

function lockInLeader(view: LedgerView, height: number, { expiry, delay }: RotationParams): void {
  const proposal = leader(view);
  if (proposal === null || lockedIn(view) !== null) return;
  const record = known(view, proposal);
  if (record.status !== 'open') return;
  deleteExpiry(view, record.proposedAt + expiry, proposal);
  putProposal(view, proposal, { ...record, status: 'lockedIn', lockedInAt: height, activation: height + delay });
  setLockedIn(view, proposal);
}

function resolve(view: LedgerView, proposal: Uint8Array, status: ProposalStatus, height: number): ProposalRecord {
  const record = { ...known(view, proposal), status, resolvedAt: height };
  putProposal(view, proposal, record);
  return record;
}

function known(view: LedgerView, proposal: Uint8Array): ProposalRecord {
  const record = proposalOf(view, proposal);
  assert(record !== null, 'what is locked in, expires or has votes was proposed');
  return record;
}
