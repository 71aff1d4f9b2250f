// Which D_val a block must use, from the state of its parent and its timestamp (LED-27).

import { equalBytes } from '@resonancenet/bytes/compare';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { isStalled, nextReserve, proposedLossBounds } from '@resonancenet/consensus/dval-rotation';
import { type Rejection, reject } from '@resonancenet/consensus/verdict';
import { requireGenesis } from '@resonancenet/params/genesis-constants';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { NeededLoss } from '../connect-result.ts';
import type { LedgerBlock, LedgerContext } from '../ledger-context.ts';
import type { LedgerReader } from '../ledger-view.ts';
import { lastReserve, lockedIn, type ProposalRecord, proposalOf, proposalsWith, tallyOf } from './rotation-records.ts';

/** What the rotation needs of the parent's header. */
export type RotationParent = LedgerBlock['parent'];

export type LossOf = LedgerContext['lossOf'];

/** What becomes of a proposal whose time has come. */
export interface Resolution {
  readonly proposal: Uint8Array;
  readonly outcome: 'active' | 'cancelled' | 'void';
}

export interface DvalDecision {
  /** The D_val that the block must use, 32 bytes. */
  readonly dvalId: Uint8Array;
  /** null if no proposal is due. */
  readonly resolution: Resolution | null;
}

export type DecidedDval =
  | { readonly ok: true; readonly decision: DvalDecision }
  | { readonly ok: false; readonly code: null; readonly needs: NeededLoss };

/** The D_val of a child of this height and timestamp. `view` is the state of the parent. */
export function decideDval(
  view: LedgerReader,
  child: Pick<BlockHeader, 'height' | 'timestamp'>,
  parent: RotationParent,
  params: NetworkParams,
  lossOf: LossOf,
): DecidedDval {
  const stalled = isStalled({ ...parent, height: child.height - 1 }, child.timestamp, params);
  const fallback = stalled ? reserveAfter(view, parent.dvalId, params) : parent.dvalId;
  const due = dueProposal(view, child.height, stalled);
  if (due === null) return { ok: true, decision: { dvalId: fallback, resolution: null } };
  const { proposal, dvalId } = due;
  const resolved = (outcome: Resolution['outcome']): DecidedDval => {
    const decision = { dvalId: outcome === 'active' ? dvalId : fallback, resolution: { proposal, outcome } };
    return { ok: true, decision };
  };
  if (tallyOf(view, proposal).votesAgainst >= params.rotation.cancel) return resolved('cancelled');
  if (equalBytes(dvalId, parent.dvalId)) return resolved('void');
  const { checkpointRoot } = parent;
  const loss = lossOf(checkpointRoot, dvalId);
  if (loss === null) return { ok: false, code: null, needs: { checkpointRoot, dvalId } };
  const { least, most } = proposedLossBounds(parent.valLoss);
  return resolved(loss < least || loss > most ? 'void' : 'active');
}

/**
 * Judges the D_val that a block claims. `view` is the state of the parent. A claim of the proposed set is taken at its `parent_loss`, which the
 * evaluation proves (CON-23); a block that claims another one while a proposal is due needs the parent's loss on the proposed one.
 */
export function requiredDval(
  { header, parent }: Pick<LedgerBlock, 'header' | 'parent'>,
  view: LedgerReader,
  context: Pick<LedgerContext, 'params' | 'lossOf'>,
): DecidedDval | Rejection {
  const claimed: LossOf = (root, dvalId) =>
    equalBytes(dvalId, header.dvalId) ? header.parentLoss : context.lossOf(root, dvalId);
  const decided = decideDval(view, header, parent, context.params, claimed);
  if (!decided.ok) return decided;
  const { dvalId, resolution } = decided.decision;
  if (equalBytes(dvalId, header.dvalId)) return decided;
  if (resolution?.outcome === 'void' && isSetOf(view, resolution.proposal, header.dvalId)) {
    return reject('header-dval-bounds', { parentLoss: header.parentLoss, ...proposedLossBounds(parent.valLoss) });
  }
  return reject('header-dval', { claimed: toHex(header.dvalId), expected: toHex(dvalId) });
}

/**
 * Whether a proposed set can come into force with a block of this height whose parent lies on the chain of this state, at its tip or below:
 * it was revealed before, its time is now, and it was not resolved before (CON-10).
 */
export function mayActivate(view: LedgerReader, dvalId: Uint8Array, height: number, stalled: boolean): boolean {
  return proposalsWith(view, dvalId).some(
    ({ revealedAt, activation, resolvedAt }) =>
      revealedAt! < height && (stalled || activation === height) && (resolvedAt ?? height) >= height,
  );
}

/** The locked-in and revealed proposal whose time has come. */
function dueProposal(
  view: LedgerReader,
  height: number,
  stalled: boolean,
): { readonly proposal: Uint8Array; readonly dvalId: Uint8Array } | null {
  const proposal = lockedIn(view);
  const record: ProposalRecord | null = proposal === null ? null : proposalOf(view, proposal);
  if (proposal === null || record === null || record.dvalId === null) return null;
  return stalled || record.activation === height ? { proposal, dvalId: record.dvalId } : null;
}

function reserveAfter(view: LedgerReader, inForce: Uint8Array, params: NetworkParams): Uint8Array {
  const last = lastReserve(view) ?? fromHex(requireGenesis(params).dvalIds[0]!);
  return nextReserve(last, inForce, params);
}

function isSetOf(view: LedgerReader, proposal: Uint8Array, dvalId: Uint8Array): boolean {
  const known = proposalOf(view, proposal)?.dvalId ?? null;
  return known !== null && equalBytes(known, dvalId);
}
