// The coins of an account and what can be done with each in the next block (WAL-33).

import { toHex } from '@resonancenet/bytes/hex';
import { coinKey } from '@resonancenet/ledger/coin';
import { policyBlocks, returns } from '@resonancenet/ledger/policy-id';
import type { Outpoint } from '@resonancenet/primitives/transaction';
import { readAccountState, readTip } from './account-state.ts';
import { readCoin, type WalletCoin, walkCoins } from './coin-table.ts';
import { isLocked } from './locked-coins.ts';
import { type PendingTransaction, pendingSpender, readPending, walkPending } from './pending-table.ts';
import type { WalletAccount } from './wallet-account.ts';
import type { WalletReader } from './wallet-view.ts';

export type CoinStatus =
  /** In a block and free. */
  | 'spendable'
  /** Made by a coinbase that is too young (LED-9). */
  | 'immature'
  /** Kept by the user. */
  | 'locked'
  /** An unconfirmed transaction spends it. */
  | 'spending'
  /** Its deadline is at or below the next block's height: it returns to the pool (LED-20). */
  | 'returning'
  /** Of an unconfirmed transaction all of whose inputs are the wallet's. */
  | 'unconfirmed'
  /** Of an unconfirmed transaction that somebody else can replace. */
  | 'incoming';

export interface AccountCoin extends Omit<WalletCoin, 'height'> {
  /** Of its block; null: in none. */
  readonly height: number | null;
  readonly status: CoinStatus;
}

/** What of a network coins depend on. */
export interface CoinRules {
  readonly coinbaseMaturity: number;
}

/** Height of the block that comes next for a wallet. */
export function nextHeight(view: WalletReader): number {
  return (readTip(view)?.height ?? -1) + 1;
}

/** All coins of an account, those in blocks first. */
export function listCoins(view: WalletReader, account: WalletAccount, rules: CoinRules): AccountCoin[] {
  return [...walkAccountCoins(view, account, rules)];
}

/** The same one after the other. What changes meanwhile may not be seen. */
export function* walkAccountCoins(view: WalletReader, account: WalletAccount, rules: CoinRules): Iterable<AccountCoin> {
  const judge = coinJudge(view, account, rules);
  for (const coin of walkCoins(view, account.number)) yield judge(coin);
  yield* pendingCoins(view, account);
}

/** Says of coins of an account in blocks what can be done with them now. Of a hundred thousand coins few are claimed or locked: those are read once. */
export function coinJudge(
  view: WalletReader,
  account: WalletAccount,
  rules: CoinRules,
): (coin: WalletCoin) => AccountCoin {
  const clock = clockOf(view, account, rules);
  const claimed = keysOf(view, 'claims');
  const locked = keysOf(view, 'locked');
  const has = (keys: ReadonlySet<string>, { txid, index }: Outpoint): boolean =>
    keys.size > 0 && keys.has(toHex(coinKey(txid, index)));
  return (coin) => {
    const { outpoint } = coin;
    if (has(claimed, outpoint)) return { ...coin, status: 'spending' };
    return { ...coin, status: closedAt(clock, coin) ?? (has(locked, outpoint) ? 'locked' : 'spendable') };
  };
}

/** One coin of an account, in a block or of a waiting transaction; null: it has none there. */
export function accountCoin(
  view: WalletReader,
  account: WalletAccount,
  outpoint: Outpoint,
  rules: CoinRules,
): AccountCoin | null {
  const coin = readCoin(view, outpoint);
  if (coin === null) return pendingCoin(view, account, outpoint);
  if (coin.account !== account.number) return null;
  if (pendingSpender(view, outpoint) !== null) return { ...coin, status: 'spending' };
  const status = closedStatus(view, coin, account, rules) ?? (isLocked(view, outpoint) ? 'locked' : 'spendable');
  return { ...coin, status };
}

/** First height from which on a coin lapses or returns (LED-15, LED-20) unless a heartbeat comes; null: never. */
export function coinDeadline(account: WalletAccount, height: number, lastSign: number): number | null {
  return account.terms.type === 'social' ? null : Math.max(height, lastSign) + policyBlocks(account.policyId);
}

/** What decides whether coins of an account are open in the next block. */
interface CoinClock {
  readonly account: WalletAccount;
  readonly next: number;
  readonly lastSign: number;
  readonly maturity: number;
}

function clockOf(view: WalletReader, account: WalletAccount, { coinbaseMaturity }: CoinRules): CoinClock {
  const { lastSign } = readAccountState(view, account.number);
  return { account, next: nextHeight(view), lastSign, maturity: coinbaseMaturity };
}

function closedAt(
  { account, next, lastSign, maturity }: CoinClock,
  { height, coinbase }: Pick<WalletCoin, 'height' | 'coinbase'>,
): 'immature' | 'returning' | null {
  if (returns(account.policyId) && coinDeadline(account, height, lastSign)! <= next) return 'returning';
  return coinbase && next - height < maturity ? 'immature' : null;
}

/** Why nobody can spend a coin in the next block, or null. */
export function closedStatus(
  view: WalletReader,
  coin: Pick<WalletCoin, 'height' | 'coinbase'>,
  account: WalletAccount,
  rules: CoinRules,
): 'immature' | 'returning' | null {
  return closedAt(clockOf(view, account, rules), coin);
}

function keysOf(view: WalletReader, table: 'claims' | 'locked'): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const [key] of view.range(table, new Uint8Array(0), null)) keys.add(toHex(key));
  return keys;
}

/** Outputs of waiting transactions that nothing spends. */
export function pendingCoins(view: WalletReader, account: WalletAccount): AccountCoin[] {
  const coins: AccountCoin[] = [];
  for (const pending of walkPending(view)) {
    for (const index of pending.transaction.outputs.keys()) {
      const coin = coinOfPending(view, account, pending, index);
      if (coin !== null) coins.push(coin);
    }
  }
  return coins;
}

function pendingCoin(view: WalletReader, account: WalletAccount, { txid, index }: Outpoint): AccountCoin | null {
  const pending = readPending(view, txid);
  return pending === null ? null : coinOfPending(view, account, pending, index);
}

function coinOfPending(
  view: WalletReader,
  account: WalletAccount,
  { txid, own, transaction }: PendingTransaction,
  index: number,
): AccountCoin | null {
  const output = transaction.outputs[index];
  const place = output === undefined ? null : account.placeOfOutput(output);
  const outpoint = { txid, index };
  if (output === undefined || place === null || pendingSpender(view, outpoint) !== null) return null;
  return {
    outpoint,
    account: account.number,
    branch: place.branch,
    index: place.index,
    height: null,
    coinbase: false,
    amount: output.amount,
    status: isLocked(view, outpoint) ? 'locked' : own ? 'unconfirmed' : 'incoming',
  };
}
