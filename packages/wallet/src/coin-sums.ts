// What the coins of an account add up to, by the heights of their blocks, so that a balance is some additions and no walk over all coins: table
// `sums`, key account u32 big-endian || level u8 || bucket u32 big-endian, value amount u64 || of coinbases u64 || coins u32. A bucket of level 0 is
// one height, one of each further level 128 of the level below. A bucket without coins is not there. Blocks change it, and undo takes it back.

import { assert } from '@resonancenet/bytes/assert';
import { readBigEndian, writeBigEndian } from '@resonancenet/bytes/big-endian';
import type { WalletReader, WalletView } from './wallet-view.ts';

/** Of some coins. Amounts in resonances. */
export interface CoinSums {
  readonly amount: bigint;
  /** The part of `amount` that coinbases made. */
  readonly coinbase: bigint;
  readonly coins: number;
}

/** What becomes of one coin. */
export interface CoinChange {
  readonly account: number;
  readonly height: number;
  readonly coinbase: boolean;
  readonly amount: bigint;
}

/** Above every height. */
export const ALL_HEIGHTS: number = 2 ** 32;

const BITS = 7;
const TOP_LEVEL = 3;
const VALUE_LENGTH = 20;
const none: CoinSums = { amount: 0n, coinbase: 0n, coins: 0 };

/** A coin has come (1) or gone (-1). */
export function countCoin(view: WalletView, { account, height, coinbase, amount }: CoinChange, by: 1 | -1): void {
  const change = by === 1 ? amount : -amount;
  for (let level = 0; level <= TOP_LEVEL; level++) {
    const key = bucketKey(account, level, bucketOf(height, level));
    const bytes = view.get('sums', key);
    const known = bytes === null ? none : sumsOf(bytes);
    const coins = known.coins + by;
    if (coins === 0) view.delete('sums', key);
    else {
      const sums = {
        amount: known.amount + change,
        coinbase: coinbase ? known.coinbase + change : known.coinbase,
        coins,
      };
      view.put('sums', key, bytesOf(sums));
    }
  }
}

/** Of the account's coins in blocks with from <= height < to. Reads some hundred entries at most. */
export function sumsBetween(view: WalletReader, account: number, from: number, to: number): CoinSums {
  let sums = none;
  let [low, high] = [from, to];
  for (let level = 0; low < high; level++) {
    const [above, below] = [Math.ceil(low / 2 ** BITS), Math.floor(high / 2 ** BITS)];
    if (level === TOP_LEVEL || above >= below) return plus(sums, ofBuckets(view, account, level, low, high));
    sums = plus(sums, ofBuckets(view, account, level, low, above * 2 ** BITS));
    sums = plus(sums, ofBuckets(view, account, level, below * 2 ** BITS, high));
    [low, high] = [above, below];
  }
  return sums;
}

/** The heights from this one on that have coins, ascending. */
export function* walkHeights(
  view: WalletReader,
  account: number,
  from: number,
): Iterable<CoinSums & { readonly height: number }> {
  for (const [key, bytes] of view.range('sums', bucketKey(account, 0, from), bucketKey(account, 1, 0)))
    yield { height: readBigEndian(key, 5), ...sumsOf(bytes) };
}

function ofBuckets(view: WalletReader, account: number, level: number, from: number, to: number): CoinSums {
  let sums = none;
  if (from >= to) return sums;
  for (const [, bytes] of view.range('sums', bucketKey(account, level, from), bucketKey(account, level, to)))
    sums = plus(sums, sumsOf(bytes));
  return sums;
}

function bucketOf(height: number, level: number): number {
  return Math.floor(height / 2 ** (BITS * level));
}

function bucketKey(account: number, level: number, bucket: number): Uint8Array {
  // The end of level 0, which four bytes do not hold.
  if (bucket === ALL_HEIGHTS) return bucketKey(account, level + 1, 0);
  const key = new Uint8Array(9);
  writeBigEndian(key, 0, account);
  key[4] = level;
  writeBigEndian(key, 5, bucket);
  return key;
}

function plus(a: CoinSums, b: CoinSums): CoinSums {
  return { amount: a.amount + b.amount, coinbase: a.coinbase + b.coinbase, coins: a.coins + b.coins };
}

/** Read and written for every coin: without codecs. */
function bytesOf({ amount, coinbase, coins }: CoinSums): Uint8Array {
  const bytes = new Uint8Array(VALUE_LENGTH);
  const data = new DataView(bytes.buffer);
  data.setBigUint64(0, amount, true);
  data.setBigUint64(8, coinbase, true);
  data.setUint32(16, coins, true);
  return bytes;
}

function sumsOf(bytes: Uint8Array): CoinSums {
  assert(bytes.length === VALUE_LENGTH, `sums of ${bytes.length} bytes`);
  const data = new DataView(bytes.buffer, bytes.byteOffset, VALUE_LENGTH);
  return { amount: data.getBigUint64(0, true), coinbase: data.getBigUint64(8, true), coins: data.getUint32(16, true) };
}
