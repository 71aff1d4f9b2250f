// What the store holds, byte for byte. Records are not messages: each begins with its own version, and equal layouts are coincidence.
//
//   headers  block id                     -> BlockRecord
//   bodies   block id                     -> the body's bytes (BLK-6)
//   heights  height, u32 big-endian       -> id of the active chain's block
//   roots    0 || root                    -> height at which the active chain has this checkpoint
//            1 || root || D_val id        -> EvaluationRecord
//   live     block id                     -> nothing; the blocks that are read at start: all that are not below the final one
//   undo     block id                     -> what undoes the block (undo-record.ts); of the active chain's blocks
//   transactions  transaction id          -> height, u32 big-endian, and place in its block, u32 big-endian; only with the index of transactions
//   meta     'network', 'state', 'ledger' (ledger-record.ts)
//   coins, policies, ages, deadlines, rotation, ledger: the state of the ledger (spec/ledger.md, LED-29)

import { bigEndian, readBigEndian } from '@resonancenet/bytes/big-endian';
import {
  bool,
  type Codec,
  fixedBytes,
  list,
  mapped,
  oneOf,
  refine,
  struct,
  u32,
  u64,
  u8,
  varBytes,
} from '@resonancenet/bytes/codec';
import { concatBytes } from '@resonancenet/bytes/compare';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { fromUtf8, utf8 } from '@resonancenet/bytes/utf8';
import type { Outage } from '@resonancenet/consensus/late';
import { type BlockHeader, headerCodec } from '@resonancenet/primitives/header';
import { ChainError } from './chain-error.ts';
import type { Hex32 } from './events.ts';

/** How far a block has come: each stage includes those before it. */
export const STAGES = ['header', 'body', 'assumed', 'verified'] as const;

/**
 * `header`: cheap checks passed. `body`: its body is stored and valid. `assumed`: below the last six blocks of a chain that was followed
 * during catch-up, so its loss was not computed. `verified`: everything was checked.
 */
export type Stage = (typeof STAGES)[number];

export interface BlockRecord {
  readonly header: BlockHeader;
  readonly stage: Stage;
  /** Made by our own miner or handed in by the operator. */
  readonly ours: boolean;
  /** The header came while the node was in sync (CON-24). */
  readonly inSync: boolean;
  /** The operator's `invalidateblock`. */
  readonly forbidden: boolean;
  /** The operator's `reconsiderblock`: the block is never late (CON-27). */
  readonly excused: boolean;
  /** Times of the chain clock. */
  readonly headerSeenAt: number;
  readonly chunksAt: number | null;
  readonly connectedAt: number | null;
  /** Why the id is invalid; null if nothing is known against it. */
  readonly invalid: { readonly code: string; readonly detail: string } | null;
}

export interface StateRecord {
  readonly tip: Hex32;
  readonly finalHeight: number;
  readonly finalId: Hex32;
  /** Checkpoints of the active chain below this height have been given up. */
  readonly prunedHeight: number;
  /** The chain clock when this was written. */
  readonly clock: number;
  readonly outages: readonly Outage[];
  /** A branch that the operator wants considered, from the final block: finality waits for it; at most one. */
  readonly holds: readonly FinalityHold[];
}

export interface FinalityHold {
  /** Height of the final block when the command came: finality does not pass it. */
  readonly height: number;
  /** The branch's first block. */
  readonly branch: Hex32;
  /** Chain clock at which waiting ends. */
  readonly until: number;
}

export interface EvaluationRecord {
  /** Growth in the file's metadata: a header with another growth needs another file. */
  readonly growth: bigint;
  /** All window sums; null: a value is not finite, so that the checkpoint has no loss on this D_val (EVAL-3). */
  readonly sums: readonly number[] | null;
}

const MAX_CODE = 64;
const MAX_DETAIL = 1024;

const version = (only: number): Codec<number> =>
  refine(u8, (value) => (value === only ? null : `a record of version ${value}; this program reads ${only}`));

const id: Codec<Hex32> = mapped(fixedBytes(32), toHex, fromHex);

/** Milliseconds fit a double for 285,000 years. */
const time: Codec<number> = mapped(u64, Number, BigInt);

/** 0 stands for "not yet": no event has that time. */
const optionalTime: Codec<number | null> = mapped(
  time,
  (value) => (value === 0 ? null : value),
  (value) => value ?? 0,
);

/** Codes and details are printable ASCII; anything else in them is replaced. */
const text = (max: number): Codec<string> =>
  mapped(varBytes({ max }), fromUtf8, (value) => utf8(value.replace(/[^\x20-\x7e]/g, '?').slice(0, max)));

const stage: Codec<Stage> = oneOf('stage', STAGES);

interface StoredBlock extends Omit<BlockRecord, 'invalid'> {
  readonly version: number;
  readonly code: string;
  readonly detail: string;
}

const storedBlock: Codec<StoredBlock> = struct<StoredBlock>({
  version: version(1),
  header: headerCodec,
  stage,
  ours: bool,
  inSync: bool,
  forbidden: bool,
  excused: bool,
  headerSeenAt: time,
  chunksAt: optionalTime,
  connectedAt: optionalTime,
  code: text(MAX_CODE),
  detail: text(MAX_DETAIL),
});

const hold: Codec<FinalityHold> = struct<FinalityHold>({ height: u32, branch: id, until: time });

interface StoredState extends StateRecord {
  readonly version: number;
}

const outage: Codec<Outage> = struct<Outage>({ from: time, to: optionalTime });

const storedState: Codec<StoredState> = struct<StoredState>({
  version: version(1),
  tip: id,
  finalHeight: u32,
  finalId: id,
  prunedHeight: u32,
  clock: time,
  outages: list(outage),
  holds: list(hold, { max: 1 }),
});

interface StoredEvaluation extends EvaluationRecord {
  readonly version: number;
}

const storedEvaluation: Codec<StoredEvaluation> = struct<StoredEvaluation>({
  version: version(1),
  growth: u64,
  // No evaluation has no windows.
  sums: mapped(
    list(u32),
    (sums) => (sums.length === 0 ? null : sums),
    (sums) => sums ?? [],
  ),
});

export function encodeBlockRecord({ invalid, ...record }: BlockRecord): Uint8Array {
  return encode(storedBlock, { version: 1, ...record, code: invalid?.code ?? '', detail: invalid?.detail ?? '' });
}

/** @throws ChainError `chain-corrupt`, as all readers of records do. */
export function decodeBlockRecord(bytes: Uint8Array): BlockRecord {
  const { version: _, code, detail, ...record } = read(storedBlock, bytes, 'a block');
  return { ...record, invalid: code === '' ? null : { code, detail } };
}

export function encodeStateRecord(record: StateRecord): Uint8Array {
  return encode(storedState, { version: 1, ...record });
}

export function decodeStateRecord(bytes: Uint8Array): StateRecord {
  const { version: _, ...record } = read(storedState, bytes, 'the state');
  return record;
}

export function encodeEvaluationRecord(record: EvaluationRecord): Uint8Array {
  return encode(storedEvaluation, { version: 1, ...record });
}

export function decodeEvaluationRecord(bytes: Uint8Array): EvaluationRecord {
  const { version: _, ...record } = read(storedEvaluation, bytes, 'an evaluation');
  return record;
}

export function encodeHeight(height: number): Uint8Array {
  return bigEndian(height);
}

export function decodeHeight(bytes: Uint8Array): number {
  if (bytes.length !== 4) throw new ChainError('chain-corrupt', `A height has 4 bytes, not ${bytes.length}. ${REPAIR}`);
  return readBigEndian(bytes, 0);
}

/** Where a transaction of the active chain stands. */
export interface TransactionPlace {
  readonly height: number;
  /** 0: the coinbase. */
  readonly place: number;
}

export function encodePlace(height: number, place: number): Uint8Array {
  return concatBytes(encodeHeight(height), encodeHeight(place));
}

export function decodePlace(bytes: Uint8Array): TransactionPlace {
  return { height: decodeHeight(bytes.subarray(0, 4)), place: decodeHeight(bytes.subarray(4)) };
}

export const NETWORK_KEY: Uint8Array = utf8('network');
export const STATE_KEY: Uint8Array = utf8('state');

/** From and to of the keys of all evaluations of a checkpoint. */
export function evaluationKeys(root: Hex32): readonly [from: Uint8Array, to: Uint8Array] {
  const from = concatBytes(Uint8Array.of(1), fromHex(root));
  return [from, concatBytes(from, new Uint8Array(33).fill(0xff))];
}

export function ancestorKey(root: Hex32): Uint8Array {
  return concatBytes(Uint8Array.of(0), fromHex(root));
}

export function evaluationKey(root: Hex32, dvalId: Hex32): Uint8Array {
  return concatBytes(Uint8Array.of(1), fromHex(root), fromHex(dvalId));
}

const REPAIR = 'Move the store away and start again: the node downloads and verifies what is missing.';

function read<T>(codec: Codec<T>, bytes: Uint8Array, what: string): T {
  const result = decode(codec, bytes);
  if (result.ok) return result.value;
  throw new ChainError(
    'chain-corrupt',
    `The stored record of ${what} cannot be read: ${result.error.message}. ${REPAIR}`,
    {
      cause: result.error,
    },
  );
}
