// What is known of policies beyond their ids: table `policies` (LED-29). Key: the policy id. A policy of which neither a heartbeat nor an
// announcement ever came has no entry; an entry once made stays.

import { assert } from '@resonancenet/bytes/assert';
import type { Destination } from '@resonancenet/primitives/destination';
import type { PolicyId } from '@resonancenet/primitives/ids';
import type { LedgerReader, LedgerView } from './ledger-view.ts';

/** A social recovery that is announced (LED-16). */
export interface Announcement {
  /** Of the block in which it was made. */
  readonly height: number;
  readonly destination: Destination;
  /** Whether its bond is still held (LED-17, LED-19). */
  readonly bonded: boolean;
}

export interface PolicyRecord {
  /** Height of the last heartbeat; 0: there was none. */
  readonly lastSign: number;
  /** Whether there ever was an announcement: every further one takes a bond. */
  readonly announcedBefore: boolean;
  /** The one that stands now. */
  readonly announcement: Announcement | null;
}

export const UNKNOWN_POLICY: PolicyRecord = { lastSign: 0, announcedBefore: false, announcement: null };

const SHORT = 5;
const LONG = 57;
const ANNOUNCED_BEFORE = 1;
const ANNOUNCED = 2;
const BONDED = 4;

/** The record of a policy; of one that never gave a sign, `UNKNOWN_POLICY`. */
export function readPolicy(view: LedgerReader, id: PolicyId): PolicyRecord {
  const bytes = view.get('policies', id);
  if (bytes === null) return UNKNOWN_POLICY;
  const flags = bytes[4]!;
  const stands = (flags & ANNOUNCED) !== 0;
  assert(bytes.length === (stands ? LONG : SHORT), `the record of a policy has ${bytes.length} bytes`);
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const announcement = stands
    ? {
        height: data.getUint32(SHORT, true),
        destination: { lockId: bytes.subarray(9, 33), policyId: bytes.subarray(33, LONG) },
        bonded: (flags & BONDED) !== 0,
      }
    : null;
  return { lastSign: data.getUint32(0, true), announcedBefore: (flags & ANNOUNCED_BEFORE) !== 0, announcement };
}

/**
 * last sign u32 || flags u8 (1: announced before, 2: an announcement stands, 4: its bond is held), and if one stands
 * height u32 || lock id 24 || policy id 24 of its destination.
 */
export function writePolicy(view: LedgerView, id: PolicyId, record: PolicyRecord): void {
  const { lastSign, announcedBefore, announcement } = record;
  const bytes = new Uint8Array(announcement === null ? SHORT : LONG);
  const data = new DataView(bytes.buffer);
  data.setUint32(0, lastSign, true);
  bytes[4] = (announcedBefore ? ANNOUNCED_BEFORE : 0) | (announcement === null ? 0 : ANNOUNCED);
  if (announcement !== null) {
    if (announcement.bonded) bytes[4] |= BONDED;
    data.setUint32(SHORT, announcement.height, true);
    bytes.set(announcement.destination.lockId, 9);
    bytes.set(announcement.destination.policyId, 33);
  }
  view.put('policies', id, bytes);
}
