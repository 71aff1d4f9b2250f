// What a block changes about the rotation beside its actions (LED-26 to LED-28).

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { isReserve } from '@resonancenet/consensus/dval-rotation';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { amount } from '@resonancenet/primitives/amount';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { Outpoint, Output } from '@resonancenet/primitives/transaction';
import type { LedgerView } from '../ledger-view.ts';
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

export interface RotationEffects {
  /** Bond given back: an output that no transaction made. */
  readonly refund: { readonly outpoint: Outpoint; readonly output: Output } | null;
  /** Bonds that went to the pool, resonances. */
  readonly forfeited: bigint;
}

/**
 * Call it after the block's transactions, with what `requiredDval` decided before them. Every change of the state is in the view but for the
 * bonds, which the caller books.
 */
export function endOfBlock(
  view: LedgerView,
  header: BlockHeader,
  parent: RotationParent,
  decision: DvalDecision,
  params: NetworkParams,
): RotationEffects {
  const { rotation } = params;
  recordChange(view, header, parent, decision, params);
  const refund = resolveDue(view, decision.resolution, header.height, params);
  let lost = decision.resolution !== null && refund === null ? 1 : 0;
  lost += failUnrevealed(view, header.height, rotation.notice);
  lost += expireOpen(view, header.height);
  countVote(view, header.height, header.dvalVote, rotation);
  lockInLeader(view, header.height, params);
  return { refund, forfeited: BigInt(lost) * rotation.bond };
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
  resolution: Resolution | null,
  height: number,
  params: NetworkParams,
): RotationEffects['refund'] {
  if (resolution === null) return null;
  const { proposal, outcome } = resolution;
  const { refund } = resolve(view, proposal, outcome, height);
  setLockedIn(view, null);
  if (outcome !== 'active') return null;
  const outpoint = { txid: refundTxid(proposal), index: 0 };
  return { outpoint, output: { amount: amount(params.rotation.bond), ...refund } };
}

/** Transaction id under which a proposal's bond comes back as output 0 (LED-28). */
export function refundTxid(proposal: Uint8Array): Uint8Array {
  return hash(TAG.dvalProposal, proposal);
}

/** A locked-in proposal that was not revealed in time; gives how many bonds were lost. */
function failUnrevealed(view: LedgerView, height: number, notice: number): number {
  const proposal = lockedIn(view);
  if (proposal === null) return 0;
  const { activation, revealedAt } = known(view, proposal);
  if (revealedAt !== null || height < activation! - notice) return 0;
  resolve(view, proposal, 'failed', height);
  setLockedIn(view, null);
  return 1;
}

function expireOpen(view: LedgerView, height: number): number {
  const expired = expiringAt(view, height);
  for (const proposal of expired) {
    deleteExpiry(view, height, proposal);
    resolve(view, proposal, 'expired', height);
  }
  return expired.length;
}

function lockInLeader(view: LedgerView, height: number, { rotation }: NetworkParams): void {
  const proposal = leader(view);
  if (proposal === null || lockedIn(view) !== null) return;
  const record = known(view, proposal);
  if (record.status !== 'open') return;
  deleteExpiry(view, record.proposedAt + rotation.expiry, proposal);
  putProposal(view, proposal, {
    ...record,
    status: 'lockedIn',
    lockedInAt: height,
    activation: height + rotation.delay,
  });
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
