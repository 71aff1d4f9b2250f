// The coins of an account and what can be done with each in the next block (WAL-34).

import { policyBlocks, returns } from '@resonancenet/ledger/policy-id';
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
  const coins: AccountCoin[] = [];
  for (const coin of walkCoins(view, account.number)) {
    coins.push({ ...coin, status: statusOf(view, coin, account, rules) });
  }
  return [...coins, ...pendingCoins(view, account)];
}

/** First height from which on a coin lapses or returns (LED-15, LED-20) unless a heartbeat comes; null: never. */
export function coinDeadline(account: WalletAccount, height: number, lastSign: number): number | null {
  return account.terms.type === 'social' ? null : Math.max(height, lastSign) + policyBlocks(account.policyId);
}

/** Why nobody can spend a coin in the next block, or null. */
export function closedStatus(
  view: WalletReader,
  coin: Pick<WalletCoin, 'height' | 'coinbase'>,
  account: WalletAccount,
  { coinbaseMaturity }: CoinRules,
): 'immature' | 'returning' | null {
  const next = nextHeight(view);
  if (returns(account.policyId)) {
    const { lastSign } = readAccountState(view, account.number);
    if (coinDeadline(account, coin.height, lastSign)! <= next) return 'returning';
  }
  return coin.coinbase && next - coin.height < coinbaseMaturity ? 'immature' : null;
}

function statusOf(view: WalletReader, coin: WalletCoin, account: WalletAccount, rules: CoinRules): CoinStatus {
  if (pendingSpender(view, coin.outpoint) !== null) return 'spending';
  const closed = closedStatus(view, coin, account, rules);
  return closed ?? (isLocked(view, coin.outpoint) ? 'locked' : 'spendable');
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
