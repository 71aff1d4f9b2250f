// What happened to the accounts in blocks. Table `transactions`: key txid. Table `history`: key account u32 || height u32 || order u32, all
// big-endian; order 0 is what returned to the pool at this height, a transaction has its place in the block and one more.

import { bigEndian, readBigEndian } from '@resonancenet/bytes/big-endian';
import { type Codec, fixedBytes, refine, struct, u8, u32, u64 } from '@resonancenet/bytes/codec';
import { concatBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { HASH_LENGTH, type TxId } from '@resonancenet/primitives/ids';
import { type Transaction, transactionCodec } from '@resonancenet/primitives/transaction';
import { decodeStored } from './wallet-changes.ts';
import type { WalletReader, WalletView } from './wallet-view.ts';

/** A transaction in a block that paid to or from the wallet. */
export interface ConfirmedTransaction {
  readonly height: number;
  /** Place in its block; the coinbase is 0. */
  readonly position: number;
  /** Of the block, Unix seconds. */
  readonly timestamp: bigint;
  readonly transaction: Transaction;
}

/** What one transaction, or one block's returns, did to one account. Amounts in resonances. */
export interface HistoryEntry {
  readonly account: number;
  readonly height: number;
  /** `returned`: coins that went back to the emission pool, in no transaction. */
  readonly kind: 'coinbase' | 'transaction' | 'returned';
  /** null for what returned. */
  readonly txid: TxId | null;
  /** What came to and left the account; change is in both. */
  readonly credit: bigint;
  readonly debit: bigint;
  /**
   * What the whole transaction's inputs hold above its outputs: the fee, and bonds if it locks any; below zero if a bond came back by it. null where not
   * all inputs are the wallet's.
   */
  readonly feeAndBonds: bigint | null;
  /** Whether it holds a sign of life for the account. */
  readonly heartbeat: boolean;
}

interface StoredEntry {
  readonly txid: TxId;
  readonly credit: bigint;
  readonly debit: bigint;
  readonly fee: bigint;
  readonly flags: number;
}

const COINBASE = 1;
const HAS_FEE = 2;
const HEARTBEAT = 4;
const RETURNED = 8;
const NEGATIVE_FEE = 16;

const entryCodec: Codec<StoredEntry> = struct<StoredEntry>({
  txid: fixedBytes(HASH_LENGTH),
  credit: u64,
  debit: u64,
  fee: u64,
  flags: refine(u8, (flags) => (flags < 32 ? null : `unknown flags ${flags}`)),
});

const confirmedCodec: Codec<ConfirmedTransaction> = struct<ConfirmedTransaction>({
  height: u32,
  position: u32,
  timestamp: u64,
  transaction: transactionCodec,
});

export function writeConfirmed(view: WalletView, txid: TxId, confirmed: ConfirmedTransaction): void {
  view.put('transactions', txid, encode(confirmedCodec, confirmed));
}

export function readConfirmed(view: WalletReader, txid: TxId): ConfirmedTransaction | null {
  const bytes = view.get('transactions', txid);
  return bytes === null ? null : decodeStored(confirmedCodec, bytes);
}

/** `position`: of the transaction in its block; null for what returned. */
export function writeHistory(view: WalletView, entry: HistoryEntry, position: number | null): void {
  const { account, height, kind, txid, credit, debit, feeAndBonds: fee, heartbeat } = entry;
  const flags =
    (kind === 'coinbase' ? COINBASE : 0) |
    (kind === 'returned' ? RETURNED : 0) |
    (fee === null ? 0 : HAS_FEE) |
    (fee !== null && fee < 0n ? NEGATIVE_FEE : 0) |
    (heartbeat ? HEARTBEAT : 0);
  const stored = { txid: txid ?? new Uint8Array(HASH_LENGTH), credit, debit, fee: absolute(fee ?? 0n), flags };
  view.put('history', historyKey(account, height, position === null ? 0 : position + 1), encode(entryCodec, stored));
}

/** What happened to an account from a height on, oldest first. */
export function* walkHistory(view: WalletReader, account: number, fromHeight = 0): Iterable<HistoryEntry> {
  for (const [key, bytes] of view.range('history', historyKey(account, fromHeight, 0), historyKey(account + 1, 0, 0))) {
    yield entryOf(account, key, bytes);
  }
}

/** Heights that are looked at first; how many entries one look should find at least and at most. */
const FIRST_STEP = 64;
const FEW_ENTRIES = 50;
const MANY_ENTRIES = 500;

/** The same from the last height down, newest first: as far as it is asked for, not all of it is read. */
export function* walkHistoryBack(view: WalletReader, account: number, lastHeight: number): Iterable<HistoryEntry> {
  let step = FIRST_STEP;
  for (let end = lastHeight + 1; end > 0; ) {
    const start = Math.max(0, end - step);
    const entries = [...view.range('history', historyKey(account, start, 0), historyKey(account, end, 0))];
    for (const [key, bytes] of entries.reverse()) yield entryOf(account, key, bytes);
    if (entries.length < FEW_ENTRIES) step *= 4;
    else if (entries.length > MANY_ENTRIES) step = Math.max(1, step >> 2);
    end = start;
  }
}

function entryOf(account: number, key: Uint8Array, bytes: Uint8Array): HistoryEntry {
  const { txid, credit, debit, fee, flags } = decodeStored(entryCodec, bytes);
  const returned = (flags & RETURNED) !== 0;
  return {
    account,
    height: readBigEndian(key, 4),
    kind: returned ? 'returned' : (flags & COINBASE) !== 0 ? 'coinbase' : 'transaction',
    txid: returned ? null : txid,
    credit,
    debit,
    feeAndBonds: (flags & HAS_FEE) === 0 ? null : (flags & NEGATIVE_FEE) === 0 ? fee : -fee,
    heartbeat: (flags & HEARTBEAT) !== 0,
  };
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function historyKey(account: number, height: number, order: number): Uint8Array {
  return concatBytes(bigEndian(account), bigEndian(height), bigEndian(order));
}
