// How long outputs have been idle, without looking at them: table `ages` (LED-29).
//
// Outputs of a policy that count their idle age from the same height are one bucket: what they hold and how many they are.
//   00 || policy id || since u32 big-endian    -> amount u64 || count u32
// The outputs of heartbeat policies lapse together by the height at which they will (LED-15), so a block asks for one entry:
//   01 || deadline u32 big-endian              -> amount u64
// Buckets of heartbeat policies count from max(creation, last sign of life): a heartbeat moves all of the policy's into one. Those of
// emission-return policies count from the creation, and only say whether an output of the policy must return (LED-13).

import { readBigEndian, writeBigEndian } from '@resonancenet/bytes/big-endian';
import { assert } from '@resonancenet/bytes/assert';
import type { PolicyId } from '@resonancenet/primitives/ids';
import type { LedgerReader, LedgerView } from './ledger-view.ts';
import { lapses, policyBlocks } from './policy-id.ts';
import type { MutableTotals } from './totals.ts';

interface Bucket {
  /** Resonances. */
  readonly amount: bigint;
  readonly count: number;
}

const BUCKET_KEY_LENGTH = 29;
const SINCE_AT = 25;
const noBucket: Bucket = { amount: 0n, count: 0 };

/** Before anything else of the block at `height`: what is idle for too long from now on has lapsed. */
export function lapse(view: LedgerView, totals: MutableTotals, height: number): void {
  const key = lapseKey(height);
  const bytes = view.get('ages', key);
  if (bytes === null) return;
  totals.lapsed += readAmount(bytes);
  view.delete('ages', key);
}

/** An output of the policy, which can have signs of life, is created at `height`. */
export function enterAge(view: LedgerView, id: PolicyId, amount: bigint, height: number): void {
  changeBucket(view, id, height, amount, 1);
  if (lapses(id)) changeLapse(view, height + policyBlocks(id), amount);
}

/** An output of such a policy, created at `created`, is no longer unspent at `height`. `lastSign`: the policy's. */
export function leaveAge(
  view: LedgerView,
  totals: MutableTotals,
  id: PolicyId,
  amount: bigint,
  created: number,
  lastSign: number,
  height: number,
): void {
  if (!lapses(id)) {
    changeBucket(view, id, created, -amount, -1);
    return;
  }
  const since = Math.max(created, lastSign);
  changeBucket(view, id, since, -amount, -1);
  unlapse(view, totals, since + policyBlocks(id), amount, height);
}

/** A heartbeat at `height` for a heartbeat policy: all its outputs count from here, what had lapsed has not. */
export function renewAges(view: LedgerView, totals: MutableTotals, id: PolicyId, height: number): void {
  let amount = 0n;
  let count = 0;
  const blocks = policyBlocks(id);
  for (const [key, value] of [...view.range('ages', bucketKey(id, 0), bucketKey(id, height))]) {
    const bucket = readBucket(value);
    unlapse(view, totals, readBigEndian(key, SINCE_AT) + blocks, bucket.amount, height);
    view.delete('ages', key);
    amount += bucket.amount;
    count += bucket.count;
  }
  if (count === 0) return;
  changeBucket(view, id, height, amount, count);
  changeLapse(view, height + blocks, amount);
}

/** Whether an emission-return policy has an unspent output that was created at `created` or before. */
export function hasOutputSince(view: LedgerReader, id: PolicyId, created: number): boolean {
  if (created < 0) return false;
  for (const _ of view.range('ages', bucketKey(id, 0), bucketKey(id, created + 1))) return true;
  return false;
}

/** Outputs of a policy that count their idle age from the same height, the oldest first; none for policies whose outputs age singly. */
export interface AgeBucket extends Bucket {
  readonly since: number;
}

export function* bucketsOf(view: LedgerReader, id: PolicyId): Iterable<AgeBucket> {
  for (const [key, value] of view.range('ages', bucketKey(id, 0), bucketKey(id, 0xffff_ffff)))
    yield { since: readBigEndian(key, SINCE_AT), ...readBucket(value) };
}

/** What no longer counts towards a deadline: before it, it will not lapse; from it on, it is no longer lapsed. */
function unlapse(view: LedgerView, totals: MutableTotals, deadline: number, amount: bigint, height: number): void {
  if (deadline > height) changeLapse(view, deadline, -amount);
  else totals.lapsed -= amount;
}

function changeBucket(view: LedgerView, id: PolicyId, since: number, amount: bigint, count: number): void {
  const key = bucketKey(id, since);
  const bytes = view.get('ages', key);
  const before = bytes === null ? noBucket : readBucket(bytes);
  const after = { amount: before.amount + amount, count: before.count + count };
  assert(after.amount >= 0n && (after.count > 0 || after.amount === 0n), 'a bucket holds no less than nothing');
  assert(after.count >= 0, 'a bucket has no fewer outputs than none');
  if (after.count === 0) view.delete('ages', key);
  else view.put('ages', key, bucketBytes(after));
}

function changeLapse(view: LedgerView, deadline: number, amount: bigint): void {
  if (amount === 0n) return;
  const key = lapseKey(deadline);
  const bytes = view.get('ages', key);
  const after = (bytes === null ? 0n : readAmount(bytes)) + amount;
  assert(after >= 0n, 'no less than nothing lapses');
  if (after === 0n) view.delete('ages', key);
  else view.put('ages', key, amountBytes(after));
}

function bucketKey(id: PolicyId, since: number): Uint8Array {
  const key = new Uint8Array(BUCKET_KEY_LENGTH);
  key.set(id, 1);
  writeBigEndian(key, SINCE_AT, since);
  return key;
}

function lapseKey(deadline: number): Uint8Array {
  const key = new Uint8Array(5);
  key[0] = 1;
  writeBigEndian(key, 1, deadline);
  return key;
}

function readBucket(bytes: Uint8Array): Bucket {
  const data = new DataView(bytes.buffer, bytes.byteOffset, 12);
  return { amount: data.getBigUint64(0, true), count: data.getUint32(8, true) };
}

function bucketBytes({ amount, count }: Bucket): Uint8Array {
  const bytes = new Uint8Array(12);
  const data = new DataView(bytes.buffer);
  data.setBigUint64(0, amount, true);
  data.setUint32(8, count, true);
  return bytes;
}

function readAmount(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
}

function amountBytes(amount: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, amount, true);
  return bytes;
}
