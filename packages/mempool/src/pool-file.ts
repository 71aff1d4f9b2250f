// The pool as bytes, so that a restart does not forget it. Read as hostile: it lies on a disk, and everything in it is judged anew.

import {
  type Codec,
  fixedBytes,
  list,
  refine,
  struct,
  u32,
  u64,
  u8,
  mapped,
  varBytes,
} from '@resonancenet/bytes/codec';
import { equalBytes } from '@resonancenet/bytes/compare';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { hashUntagged } from '@resonancenet/crypto/hash';
import type { BlockTime } from './block-intervals.ts';
import { BUCKETS } from './fee-buckets.ts';
import { type FeeHistory, MAX_TARGET } from './fee-estimator.ts';

const VERSION = 1;
const CHECKSUM_LENGTH = 32;

export interface PoolFileEntry {
  readonly enteredUnixMs: number;
  readonly isLocal: boolean;
  readonly encoded: Uint8Array;
}

export interface PoolFile {
  /** Of the network (NET-4). */
  readonly networkId: Uint8Array;
  /** Parents first. */
  readonly transactions: readonly PoolFileEntry[];
  readonly fees: FeeHistory;
}

export type PoolFileRead =
  | { readonly ok: true; readonly file: PoolFile }
  | { readonly ok: false; readonly detail: string };

const milliseconds: Codec<number> = mapped(
  refine(u64, (value) =>
    value <= BigInt(Number.MAX_SAFE_INTEGER) ? null : 'a time that is no number of milliseconds',
  ),
  Number,
  BigInt,
);

const flag: Codec<boolean> = mapped(
  refine(u8, (value) => (value <= 1 ? null : `${value} is no flag`)),
  (value) => value === 1,
  Number,
);

const blockTime: Codec<BlockTime> = struct<BlockTime>({ height: u32, timestamp: milliseconds });

function exactly<T>(item: Codec<T>, count: number): Codec<readonly T[]> {
  return list(item, { min: count, max: count });
}

const feeHistory: Codec<FeeHistory> = struct<FeeHistory>({
  paid: exactly(u64, BUCKETS),
  confirmed: exactly(u32, BUCKETS),
  within: exactly(u32, MAX_TARGET * BUCKETS),
  failed: exactly(u32, MAX_TARGET * BUCKETS),
  times: list(blockTime, { max: 145 }),
});

interface Content extends PoolFile {
  readonly version: number;
}

function contentCodec(maxTransactionBytes: number): Codec<Content> {
  return struct<Content>({
    version: refine(u32, (value) =>
      value === VERSION ? null : `a file of version ${value}; this program reads ${VERSION}`,
    ),
    networkId: fixedBytes(32),
    transactions: list(
      struct<PoolFileEntry>({
        enteredUnixMs: milliseconds,
        isLocal: flag,
        encoded: varBytes({ min: 1, max: maxTransactionBytes }),
      }),
    ),
    fees: feeHistory,
  });
}

/** All of it and its hash, so that what a disk or a crash did to it is noticed. */
export function encodePoolFile(file: PoolFile, maxTransactionBytes: number): Uint8Array {
  const content = encode(contentCodec(maxTransactionBytes), { version: VERSION, ...file });
  const bytes = new Uint8Array(content.length + CHECKSUM_LENGTH);
  bytes.set(content);
  bytes.set(hashUntagged(content), content.length);
  return bytes;
}

/** `networkId`: of this network; files of others are refused. */
export function decodePoolFile(bytes: Uint8Array, networkId: Uint8Array, maxTransactionBytes: number): PoolFileRead {
  const content = bytes.subarray(0, Math.max(0, bytes.length - CHECKSUM_LENGTH));
  if (!equalBytes(hashUntagged(content), bytes.subarray(content.length)))
    return { ok: false, detail: 'its hash is not that of its content: it was cut off or damaged' };
  const result = decode(contentCodec(maxTransactionBytes), content);
  if (!result.ok) return { ok: false, detail: result.error.message };
  const { version: _, ...file } = result.value;
  return equalBytes(file.networkId, networkId)
    ? { ok: true, file }
    : { ok: false, detail: 'it belongs to another network' };
}
