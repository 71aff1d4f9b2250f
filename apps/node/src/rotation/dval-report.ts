// The rotation as it stands, in words for `getdvalinfo` and `listproposals`.

import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { dvalDeadline, isReserve, nextReserve } from '@resonancenet/consensus/dval-rotation';
import type { LedgerReader } from '@resonancenet/ledger/ledger-view';
import {
  allChanges,
  allProposals,
  lastReserve,
  lockedIn,
  type ProposalRecord,
  proposalOf,
  tallyOf,
} from '@resonancenet/ledger/rotation/rotation-records';
import { requireGenesis } from '@resonancenet/params/genesis-constants';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { encodeAddress } from '@resonancenet/primitives/address';
import type { BlockHeader } from '@resonancenet/primitives/header';

/** Changes of the set that are told, newest first. */
const maxChanges = 50;

/** A proposal and how it stands. Heights are null where they are not known yet. */
export function proposalReport(
  ledger: LedgerReader,
  proposal: Uint8Array,
  record: ProposalRecord,
  { addressPrefix, rotation }: NetworkParams,
): Record<string, unknown> {
  const { votesFor, votesAgainst } = tallyOf(ledger, proposal);
  const { status, proposedAt, lockedInAt, activation, revealedAt, dvalId, resolvedAt } = record;
  return {
    proposal: toHex(proposal),
    status,
    proposedAt,
    expires: status === 'open' ? proposedAt + rotation.expiry : null,
    votesFor,
    votesNeeded: rotation.lockIn,
    votesAgainst,
    votesToCancel: rotation.cancel,
    lockedInAt,
    activation,
    revealUntil: activation === null ? null : activation - rotation.notice,
    revealedAt,
    dvalId: dvalId === null ? null : toHex(dvalId),
    resolvedAt,
    refund: encodeAddress(addressPrefix, record.refund),
  };
}

/** All proposals there ever were, the newest first. */
export function listProposals(ledger: LedgerReader, params: NetworkParams): Record<string, unknown>[] {
  return [...allProposals(ledger)]
    .sort((a, b) => b.record.proposedAt - a.record.proposedAt)
    .map(({ proposal, record }) => proposalReport(ledger, proposal, record, params));
}

/** The set in force, what follows it, and how far the loss moved with each change (LED-28). */
export function dvalReport(ledger: LedgerReader, tip: BlockHeader, params: NetworkParams): Record<string, unknown> {
  const locked = lockedIn(ledger);
  const record = locked === null ? null : proposalOf(ledger, locked);
  const last = lastReserve(ledger) ?? fromHex(requireGenesis(params).dvalIds[0]!);
  const deadline = dvalDeadline(tip, params);
  const changes = [...allChanges(ledger)].reverse();
  return {
    dvalId: toHex(tip.dvalId),
    source: isReserve(tip.dvalId, params) ? 'network' : 'proposal',
    since: changes[0]?.height ?? 0,
    windows: params.dval.windows,
    windowSize: params.dval.windowSize,
    stalledFrom: deadline === null ? null : Number(deadline),
    nextReserve: toHex(nextReserve(last, tip.dvalId, params)),
    lockedIn: locked === null || record === null ? null : proposalReport(ledger, locked, record, params),
    changes: changes.slice(0, maxChanges).map(({ height, change }) => ({
      height,
      by: change.byProposal ? 'proposal' : 'stall',
      from: toHex(change.from),
      to: toHex(change.to),
      oldLoss: change.oldLoss,
      newLoss: change.newLoss,
      gap: change.newLoss - change.oldLoss,
    })),
  };
}
