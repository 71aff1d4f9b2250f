// What the table `rotation` holds, byte for byte (LED-24 to LED-28). The first byte of a key says what it is; heights are big-endian, so that
// a walk in key order is one in order of height.
//
//   00                        -> hash of the locked-in proposal
//   01                        -> hash of the proposal with at least `lockIn` votes for it, open or not; at most one can have so many
//   02                        -> id of the reserve set that was last in force; none: the first of the network's list
//   10 || proposal            -> ProposalRecord
//   11 || expiry || proposal  -> nothing; open proposals
//   12 || height              -> vote of the header at this height, if it counted when it came
//   13 || proposal            -> Tally, if not all 0
//   14 || D_val id || proposal -> nothing; proposals that this set was revealed for
//   15 || D_val id            -> the bytes of a revealed set (NET-7)
//   16 || height              -> ChangeRecord of the block that changed the D_val

import { bigEndian, readBigEndian } from '@resonancenet/bytes/big-endian';
import { assert } from '@resonancenet/bytes/assert';
import { bool, type Codec, fixedBytes, mapped, refine, struct, u32, u8 } from '@resonancenet/bytes/codec';
import { concatBytes } from '@resonancenet/bytes/compare';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import type { Destination } from '@resonancenet/primitives/destination';
import { type DvalVote, dvalVoteCodec } from '@resonancenet/primitives/dval-vote';
import { HASH_LENGTH, LOCK_ID_LENGTH, POLICY_ID_LENGTH } from '@resonancenet/primitives/ids';
import type { LedgerReader, LedgerView } from '../ledger-view.ts';

const TABLE = 'rotation';

/** In the order of their bytes in a record. */
export const PROPOSAL_STATUSES = ['open', 'lockedIn', 'active', 'expired', 'failed', 'cancelled', 'void'] as const;

/** How far a proposal has come; the last five are final (LED-24 to LED-27). */
export type ProposalStatus = (typeof PROPOSAL_STATUSES)[number];

/** Heights are null as long as it has not come so far. */
export interface ProposalRecord {
  readonly status: ProposalStatus;
  readonly proposedAt: number;
  readonly refund: Destination;
  readonly lockedInAt: number | null;
  /** The block that uses the set unless a stall brings it into force before. */
  readonly activation: number | null;
  readonly revealedAt: number | null;
  /** Id of the revealed set, 32 bytes. */
  readonly dvalId: Uint8Array | null;
  /** Block with which it became active, expired, failed, was cancelled or void. */
  readonly resolvedAt: number | null;
}

/** Counted votes among the last headers: `window` for those for it, `notice` for those against it. */
export interface Tally {
  readonly votesFor: number;
  readonly votesAgainst: number;
}

/** A change of the D_val: losses of the parent's checkpoint on both sets, micro-nats (LED-28). */
export interface ChangeRecord {
  /** Whether a proposal or a stall brought it. */
  readonly byProposal: boolean;
  /** The set before and after. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly oldLoss: number;
  readonly newLoss: number;
}

const hashCodec = fixedBytes(HASH_LENGTH);

/** No block of height 0 has transactions or votes: 0 stands for "not yet". */
const optionalHeight: Codec<number | null> = mapped(
  u32,
  (value) => (value === 0 ? null : value),
  (value) => value ?? 0,
);

const NO_ID = new Uint8Array(HASH_LENGTH);

/** Zeros are no hash of anything. */
const optionalId: Codec<Uint8Array | null> = mapped(
  hashCodec,
  (value) => (value.every((byte) => byte === 0) ? null : value),
  (value) => value ?? NO_ID,
);

const statusCodec: Codec<ProposalStatus> = mapped(
  refine(u8, (value) => (value < PROPOSAL_STATUSES.length ? null : `a proposal of status ${value}`)),
  (value) => PROPOSAL_STATUSES[value]!,
  (value) => PROPOSAL_STATUSES.indexOf(value),
);

const proposalCodec: Codec<ProposalRecord> = struct<ProposalRecord>({
  status: statusCodec,
  proposedAt: u32,
  refund: struct<Destination>({ lockId: fixedBytes(LOCK_ID_LENGTH), policyId: fixedBytes(POLICY_ID_LENGTH) }),
  lockedInAt: optionalHeight,
  activation: optionalHeight,
  revealedAt: optionalHeight,
  dvalId: optionalId,
  resolvedAt: optionalHeight,
});

const tallyCodec: Codec<Tally> = struct<Tally>({ votesFor: u32, votesAgainst: u32 });

const changeCodec: Codec<ChangeRecord> = struct<ChangeRecord>({
  byProposal: bool,
  from: hashCodec,
  to: hashCodec,
  oldLoss: u32,
  newLoss: u32,
});

const NOTHING = new Uint8Array(0);
const LOCKED_IN = Uint8Array.of(0x00);
const LEADER = Uint8Array.of(0x01);
const RESERVE = Uint8Array.of(0x02);

const proposalKey = (proposal: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(0x10), proposal);
const expiryKey = (height: number, proposal: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(0x11), bigEndian(height), proposal);
const voteKey = (height: number): Uint8Array => concatBytes(Uint8Array.of(0x12), bigEndian(height));
const tallyKey = (proposal: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(0x13), proposal);
const revealKey = (dvalId: Uint8Array, proposal: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(0x14), dvalId, proposal);
const shardKey = (dvalId: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(0x15), dvalId);
const changeKey = (height: number): Uint8Array => concatBytes(Uint8Array.of(0x16), bigEndian(height));

/** Hash of the locked-in proposal. */
export function lockedIn(view: LedgerReader): Uint8Array | null {
  return view.get(TABLE, LOCKED_IN);
}

export function setLockedIn(view: LedgerView, proposal: Uint8Array | null): void {
  setHash(view, LOCKED_IN, proposal);
}

/** Hash of the proposal that has votes enough to be locked in. */
export function leader(view: LedgerReader): Uint8Array | null {
  return view.get(TABLE, LEADER);
}

export function setLeader(view: LedgerView, proposal: Uint8Array | null): void {
  setHash(view, LEADER, proposal);
}

/** Id of the reserve set that was last in force; null: the first one. */
export function lastReserve(view: LedgerReader): Uint8Array | null {
  return view.get(TABLE, RESERVE);
}

export function setLastReserve(view: LedgerView, dvalId: Uint8Array): void {
  setHash(view, RESERVE, dvalId);
}

export function proposalOf(view: LedgerReader, proposal: Uint8Array): ProposalRecord | null {
  return read(view, proposalKey(proposal), proposalCodec);
}

export function putProposal(view: LedgerView, proposal: Uint8Array, record: ProposalRecord): void {
  view.put(TABLE, proposalKey(proposal), encode(proposalCodec, record));
}

/** All proposals there ever were, in order of their hashes. */
export function* allProposals(
  view: LedgerReader,
): Generator<{ readonly proposal: Uint8Array; readonly record: ProposalRecord }> {
  for (const [key, value] of view.range(TABLE, Uint8Array.of(0x10), Uint8Array.of(0x11)))
    yield { proposal: key.slice(1), record: stored(proposalCodec, value) };
}

export function putExpiry(view: LedgerView, height: number, proposal: Uint8Array): void {
  view.put(TABLE, expiryKey(height, proposal), NOTHING);
}

export function deleteExpiry(view: LedgerView, height: number, proposal: Uint8Array): void {
  view.delete(TABLE, expiryKey(height, proposal));
}

/** Open proposals that expire at this height or should have before. */
export function expiringAt(view: LedgerReader, height: number): readonly Uint8Array[] {
  const end = expiryKey(height + 1, NOTHING);
  return [...view.range(TABLE, Uint8Array.of(0x11), end)].map(([key]) => key.slice(5));
}

export function voteAt(view: LedgerReader, height: number): DvalVote | null {
  return read(view, voteKey(height), dvalVoteCodec);
}

export function putVote(view: LedgerView, height: number, vote: DvalVote): void {
  view.put(TABLE, voteKey(height), encode(dvalVoteCodec, vote));
}

export function deleteVote(view: LedgerView, height: number): void {
  view.delete(TABLE, voteKey(height));
}

export function tallyOf(view: LedgerReader, proposal: Uint8Array): Tally {
  return read(view, tallyKey(proposal), tallyCodec) ?? { votesFor: 0, votesAgainst: 0 };
}

export function putTally(view: LedgerView, proposal: Uint8Array, tally: Tally): void {
  if (tally.votesFor === 0 && tally.votesAgainst === 0) view.delete(TABLE, tallyKey(proposal));
  else view.put(TABLE, tallyKey(proposal), encode(tallyCodec, tally));
}

/** Keeps a revealed set, once however many proposals it was revealed for. */
export function putShard(view: LedgerView, dvalId: Uint8Array, proposal: Uint8Array, shard: Uint8Array): void {
  view.put(TABLE, revealKey(dvalId, proposal), NOTHING);
  view.put(TABLE, shardKey(dvalId), shard);
}

/** The bytes of a set that was revealed on this chain (NET-7); null if it never was. */
export function revealedShard(view: LedgerReader, dvalId: Uint8Array): Uint8Array | null {
  return view.get(TABLE, shardKey(dvalId));
}

/** Proposals that this set was revealed for. */
export function proposalsWith(view: LedgerReader, dvalId: Uint8Array): readonly ProposalRecord[] {
  const from = revealKey(dvalId, NOTHING);
  const to = revealKey(dvalId, new Uint8Array(HASH_LENGTH + 1).fill(0xff));
  return [...view.range(TABLE, from, to)].map(([key]) => {
    const record = proposalOf(view, key.slice(1 + HASH_LENGTH));
    assert(record !== null, 'a revealed set belongs to a proposal');
    return record;
  });
}

export function putChange(view: LedgerView, height: number, change: ChangeRecord): void {
  view.put(TABLE, changeKey(height), encode(changeCodec, change));
}

/** All changes of the D_val on this chain, oldest first. */
export function* allChanges(view: LedgerReader): Generator<{ readonly height: number; readonly change: ChangeRecord }> {
  for (const [key, value] of view.range(TABLE, Uint8Array.of(0x16), Uint8Array.of(0x17)))
    yield { height: readBigEndian(key, 1), change: stored(changeCodec, value) };
}

function setHash(view: LedgerView, key: Uint8Array, value: Uint8Array | null): void {
  if (value === null) view.delete(TABLE, key);
  else view.put(TABLE, key, value);
}

function read<T>(view: LedgerReader, key: Uint8Array, codec: Codec<T>): T | null {
  const bytes = view.get(TABLE, key);
  return bytes === null ? null : stored(codec, bytes);
}

function stored<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const result = decode(codec, bytes);
  assert(result.ok, 'a record of the rotation is one that was written');
  return result.value;
}
