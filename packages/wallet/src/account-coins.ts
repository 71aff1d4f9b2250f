// The coins of an account and what can be done with each in the next block (WAL-33).

import { toHex } from '@resonancenet/bytes/hex';
import { coinKey } from '@resonancenet/ledger/coin';
import { policyBlocks, returns } from '@resonancenet/ledger/policy-id';
import type { Outpoint } from '@resonancenet/primitives/transaction';
import { readAccountState, readTip } from './account-state.ts';
import { type WalletCoin, walkCoins } from './coin-table.ts';
import { isLocked } from './locked-coins.ts';
import { pendingSpender, walkPending } from './pending-table.ts';
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
  const clock = clockOf(view, account, rules);
  // Loaded once: of a hundred thousand coins few are claimed or locked.
  const claimed = keysOf(view, 'claims');
  const locked = keysOf(view, 'locked');
  const has = (keys: ReadonlySet<string>, { txid, index }: Outpoint): boolean =>
    keys.size > 0 && keys.has(toHex(coinKey(txid, index)));
  const coins: AccountCoin[] = [];
  for (const coin of walkCoins(view, account.number)) {
    const { outpoint } = coin;
    const status = has(claimed, outpoint)
      ? 'spending'
      : (closedAt(clock, coin) ?? (has(locked, outpoint) ? 'locked' : 'spendable'));
    coins.push({ ...coin, status });
  }
  return [...coins, ...pendingCoins(view, account)];
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

function pendingCoins(view: WalletReader, account: WalletAccount): AccountCoin[] {
  const coins: AccountCoin[] = [];
  for (const { txid, own, transaction } of walkPending(view)) {
    for (const [index, output] of transaction.outputs.entries()) {
      const place = account.placeOfOutput(output);
      const outpoint = { txid, index };
      if (place === null || pendingSpender(view, outpoint) !== null) continue;
      const { branch, index: keyIndex } = place;
      const status = isLocked(view, outpoint) ? 'locked' : own ? 'unconfirmed' : 'incoming';
      coins.push({
        outpoint,
        account: account.number,
        branch,
        index: keyIndex,
        height: null,
        coinbase: false,
        amount: output.amount,
        status,
      });
    }
  }
  return coins;
}
