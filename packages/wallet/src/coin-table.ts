// The wallet's unspent outputs in blocks: table `coins`, key txid || index u32 big-endian; and, for accounts whose coins return, table `ages`, key
// account u32 big-endian || height u32 big-endian || outpoint, with nothing as value.

import { assert } from '@resonancenet/bytes/assert';
import { bigEndian } from '@resonancenet/bytes/big-endian';
import { concatBytes } from '@resonancenet/bytes/compare';
import { coinKey, outpointOfKey } from '@resonancenet/ledger/coin';
import { policyBlocks, returns } from '@resonancenet/ledger/policy-id';
import type { Amount } from '@resonancenet/primitives/amount';
import type { Outpoint } from '@resonancenet/primitives/transaction';
import { BRANCHES, branchNumber } from './account-branch.ts';
import { countCoin } from './coin-sums.ts';
import type { AddressPlace, WalletAccount } from './wallet-account.ts';
import type { WalletReader, WalletView } from './wallet-view.ts';

/** An unspent output of an account in a block. */
export interface WalletCoin {
  readonly outpoint: Outpoint;
  readonly account: number;
  readonly branch: (typeof BRANCHES)[number];
  readonly index: number;
  /** Of the block that created it. */
  readonly height: number;
  readonly coinbase: boolean;
  readonly amount: Amount;
}

/** account u32 || branch u8 || index u32 || height u32 || coinbase u8 || amount u64. Read for every coin of a balance: without codecs. */
const COIN_LENGTH = 22;
/** The coin that is being read. */
const coinBytes = new Uint8Array(COIN_LENGTH);
const coinData = new DataView(coinBytes.buffer);
const nothing = new Uint8Array(0);

export function readCoin(view: WalletReader, { txid, index }: Outpoint): WalletCoin | null {
  const key = coinKey(txid, index);
  const bytes = view.get('coins', key);
  return bytes === null ? null : coinOf(key, bytes);
}

/** All of them in the order of their outpoints, after one if it is given; those of one account only, if that is given. */
export function* walkCoins(
  view: WalletReader,
  account: number | null = null,
  after: Outpoint | null = null,
): Iterable<WalletCoin> {
  const from = after === null ? nothing : concatBytes(coinKey(after.txid, after.index), Uint8Array.of(0));
  for (const [key, bytes] of view.range('coins', from, null)) {
    const coin = coinOf(key, bytes);
    if (account === null || coin.account === account) yield coin;
  }
}

export function addCoin(
  view: WalletView,
  { account, branch, index }: AddressPlace,
  outpoint: Outpoint,
  created: { readonly height: number; readonly coinbase: boolean; readonly amount: Amount },
): void {
  const key = coinKey(outpoint.txid, outpoint.index);
  const { height, coinbase, amount } = created;
  const bytes = new Uint8Array(COIN_LENGTH);
  const data = new DataView(bytes.buffer);
  data.setUint32(0, account.number, true);
  bytes[4] = branchNumber(branch);
  data.setUint32(5, index, true);
  data.setUint32(9, height, true);
  bytes[13] = coinbase ? 1 : 0;
  data.setBigUint64(14, amount, true);
  view.put('coins', key, bytes);
  countCoin(view, { account: account.number, height, coinbase, amount }, 1);
  if (returns(account.policyId)) view.put('ages', ageKey(account.number, height, key), nothing);
}

export function takeCoin(view: WalletView, coin: WalletCoin, account: WalletAccount): void {
  const key = coinKey(coin.outpoint.txid, coin.outpoint.index);
  view.delete('coins', key);
  countCoin(view, coin, -1);
  if (returns(account.policyId)) view.delete('ages', ageKey(account.number, coin.height, key));
}

/** Coins of an account that must return in the block at `height` (LED-20). `lastSign`: height of its last heartbeat, 0: none. */
export function coinsToReturn(
  view: WalletReader,
  account: WalletAccount,
  lastSign: number,
  height: number,
): WalletCoin[] {
  const newest = height - policyBlocks(account.policyId);
  if (!returns(account.policyId) || newest < 0 || lastSign > newest) return [];
  const { number } = account;
  const due: WalletCoin[] = [];
  // Whatever is older went in the blocks before, unless a heartbeat kept it until now; new coins are younger.
  const oldest = lastSign < newest ? newest : 0;
  for (const [key] of view.range('ages', ageKey(number, oldest, nothing), ageKey(number, newest + 1, nothing))) {
    due.push(readCoin(view, outpointOfKey(key.subarray(8)))!);
  }
  return due;
}

function coinOf(key: Uint8Array, bytes: Uint8Array): WalletCoin {
  assert(bytes.length === COIN_LENGTH, `a coin of ${bytes.length} bytes`);
  coinBytes.set(bytes);
  return {
    outpoint: outpointOfKey(key),
    account: coinData.getUint32(0, true),
    branch: BRANCHES[bytes[4]!]!,
    index: coinData.getUint32(5, true),
    height: coinData.getUint32(9, true),
    coinbase: bytes[13] === 1,
    amount: coinData.getBigUint64(14, true) as Amount,
  };
}

function ageKey(account: number, height: number, outpoint: Uint8Array): Uint8Array {
  return concatBytes(bigEndian(account), bigEndian(height), outpoint);
}
