// The two actions of the rotation: a set is proposed by its hash, and revealed when it is locked in (LED-24, LED-25).

import { toHex } from '@resonancenet/bytes/hex';
import { ACCEPTED, reject, type Verdict } from '@resonancenet/consensus/verdict';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import { decodeDval, dvalId } from '@resonancenet/params/dval';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { type Destination, destinationProblem } from '@resonancenet/primitives/destination';
import type { LedgerReader, LedgerView } from '../ledger-view.ts';
import { lockedIn, proposalOf, putExpiry, putProposal, putShard } from './rotation-records.ts';

export interface Proposal {
  /** 32 bytes. */
  readonly proposal: Uint8Array;
  /** Where the bond goes back to. */
  readonly refund: Destination;
}

export interface Reveal {
  /** 32 bytes. */
  readonly salt: Uint8Array;
  /** One D_val (NET-7). */
  readonly shard: Uint8Array;
}

/** What a set is proposed by, 32 bytes. Without the salt nobody can tell whether a guess of the set is right. */
export function proposalHash({ salt, shard }: Reveal): Uint8Array {
  return hash(TAG.dvalProposal, salt, shard);
}

/** Whether a set may be proposed (LED-24). The bond, `rotation.bond`, is its transaction's to pay. */
export function checkPropose(view: LedgerReader, { proposal, refund }: Proposal, params: NetworkParams): Verdict {
  const problem = destinationProblem(refund, params.recovery);
  if (problem !== null) return reject('tx-proposal-refund', { detail: problem });
  const known = proposalOf(view, proposal);
  return known === null
    ? ACCEPTED
    : reject('tx-proposal-repeated', { proposal: toHex(proposal), proposedAt: known.proposedAt });
}

/** Opens a proposal in the block of this height; on refusal nothing has changed. */
export function applyPropose(view: LedgerView, action: Proposal, height: number, params: NetworkParams): Verdict {
  const verdict = checkPropose(view, action, params);
  if (!verdict.ok) return verdict;
  const { proposal, refund } = action;
  const later = { lockedInAt: null, activation: null, revealedAt: null, dvalId: null, resolvedAt: null };
  putProposal(view, proposal, { status: 'open', proposedAt: height, refund, ...later });
  putExpiry(view, height + params.rotation.expiry, proposal);
  return verdict;
}

/** Whether a set may be revealed in a block of this height (LED-25). */
export function checkReveal(view: LedgerReader, action: Reveal, height: number, params: NetworkParams): Verdict {
  const decoded = decodeDval(action.shard, params);
  if (!decoded.ok) return reject('tx-reveal-shard', { detail: decoded.message });
  const proposal = proposalHash(action);
  const record = proposalOf(view, proposal);
  if (record?.status !== 'lockedIn')
    return reject('tx-reveal-not-locked-in', { proposal: toHex(proposal), status: record?.status ?? 'unknown' });
  if (record.revealedAt !== null)
    return reject('tx-reveal-repeated', { proposal: toHex(proposal), revealedAt: record.revealedAt });
  const latest = record.activation! - params.rotation.notice;
  return height <= latest ? ACCEPTED : reject('tx-reveal-late', { height, latest });
}

/** Keeps a revealed set; on refusal nothing has changed. */
export function applyReveal(view: LedgerView, action: Reveal, height: number, params: NetworkParams): Verdict {
  const verdict = checkReveal(view, action, height, params);
  if (!verdict.ok) return verdict;
  const proposal = lockedIn(view)!;
  const id = dvalId(action.shard);
  putProposal(view, proposal, { ...proposalOf(view, proposal)!, revealedAt: height, dvalId: id });
  putShard(view, id, proposal, action.shard);
  return verdict;
}
