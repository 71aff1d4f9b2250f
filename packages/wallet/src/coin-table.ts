// The wallet's unspent outputs in blocks: table `coins`, key txid || index u32 big-endian; and, for accounts whose coins return, table `ages`, key
// account u32 big-endian || height u32 big-endian || outpoint, with nothing as value.

import { bigEndian } from '@resonancenet/bytes/big-endian';
import { type Codec, refine, struct, u8, u32 } from '@resonancenet/bytes/codec';
import { concatBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { coinKey, outpointOfKey } from '@resonancenet/ledger/coin';
import { policyBlocks, returns } from '@resonancenet/ledger/policy-id';
import { type Amount, amountCodec } from '@resonancenet/primitives/amount';
import type { Outpoint } from '@resonancenet/primitives/transaction';
import { BRANCHES, branchNumber } from './account-branch.ts';
import type { AddressPlace, WalletAccount } from './wallet-account.ts';
import { decodeStored } from './wallet-changes.ts';
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

interface CoinRecord {
  readonly account: number;
  readonly branch: number;
  readonly index: number;
  readonly height: number;
  readonly coinbase: number;
  readonly amount: Amount;
}

const bit = refine(u8, (value) => (value < 2 ? null : 'a flag is 0 or 1'));
const coinCodec: Codec<CoinRecord> = struct<CoinRecord>({
  account: u32,
  branch: bit,
  index: u32,
  height: u32,
  coinbase: bit,
  amount: amountCodec,
});
const nothing = new Uint8Array(0);

export function readCoin(view: WalletReader, { txid, index }: Outpoint): WalletCoin | null {
  const key = coinKey(txid, index);
  const bytes = view.get('coins', key);
  return bytes === null ? null : coinOf(key, bytes);
}

/** All of them in the order of their outpoints; those of one account only, if it is given. */
export function* walkCoins(view: WalletReader, account: number | null = null): Iterable<WalletCoin> {
  for (const [key, bytes] of view.range('coins', nothing, null)) {
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
  const record = {
    account: account.number,
    branch: branchNumber(branch),
    index,
    height,
    coinbase: coinbase ? 1 : 0,
    amount,
  };
  view.put('coins', key, encode(coinCodec, record));
  if (returns(account.policyId)) view.put('ages', ageKey(account.number, height, key), nothing);
}

export function takeCoin(view: WalletView, coin: WalletCoin, account: WalletAccount): void {
  const key = coinKey(coin.outpoint.txid, coin.outpoint.index);
  view.delete('coins', key);
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
  for (const [key] of view.range('ages', ageKey(number, 0, nothing), ageKey(number, newest + 1, nothing))) {
    due.push(readCoin(view, outpointOfKey(key.subarray(8)))!);
  }
  return due;
}

function coinOf(key: Uint8Array, bytes: Uint8Array): WalletCoin {
  const { account, branch, index, height, coinbase, amount } = decodeStored(coinCodec, bytes);
  return {
    outpoint: outpointOfKey(key),
    account,
    branch: BRANCHES[branch]!,
    index,
    height,
    coinbase: coinbase === 1,
    amount,
  };
}

function ageKey(account: number, height: number, outpoint: Uint8Array): Uint8Array {
  return concatBytes(bigEndian(account), bigEndian(height), outpoint);
}
