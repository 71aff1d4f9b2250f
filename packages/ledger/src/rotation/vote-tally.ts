// Counting the headers' votes (LED-26): a few reads and writes a block, however long the window. A vote is written down under its height if
// it counts, and taken off again when its height leaves the window.

import type { RotationParams } from '@resonancenet/params/network-params';
import type { DvalVote } from '@resonancenet/primitives/dval-vote';
import type { LedgerView } from '../ledger-view.ts';
import {
  deleteVote,
  proposalOf,
  putTally,
  putVote,
  setLeader,
  type Tally,
  tallyOf,
  voteAt,
} from './rotation-records.ts';

/** Counts the vote of the header at this height, and takes off those that leave with it. */
export function countVote(view: LedgerView, height: number, vote: DvalVote, rotation: RotationParams): void {
  const { window, notice } = rotation;
  takeOff(view, height - window, 'for', rotation);
  takeOff(view, height - notice, 'against', rotation);
  const forgotten = height - Math.max(window, notice);
  if (forgotten >= 1 && voteAt(view, forgotten) !== null) deleteVote(view, forgotten);
  if (vote.kind === 'none') return;
  const status = proposalOf(view, vote.proposal)?.status;
  if (status !== 'open' && status !== 'lockedIn') return;
  putVote(view, height, vote);
  add(view, vote.kind, vote.proposal, 1, rotation);
}

function takeOff(view: LedgerView, height: number, kind: 'for' | 'against', rotation: RotationParams): void {
  if (height < 1) return;
  const vote = voteAt(view, height);
  if (vote?.kind === kind) add(view, kind, vote.proposal, -1, rotation);
}

function add(
  view: LedgerView,
  kind: 'for' | 'against',
  proposal: Uint8Array,
  count: 1 | -1,
  { lockIn }: RotationParams,
): void {
  const { votesFor, votesAgainst } = tallyOf(view, proposal);
  const tally: Tally =
    kind === 'for' ? { votesFor: votesFor + count, votesAgainst } : { votesFor, votesAgainst: votesAgainst + count };
  putTally(view, proposal, tally);
  if (kind === 'against') return;
  // More than half of the window votes for it: no other can have so many, and votes are taken off before one is added.
  if (tally.votesFor >= lockIn) setLeader(view, proposal);
  else if (votesFor >= lockIn) setLeader(view, null);
}
