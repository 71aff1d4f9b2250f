// A balance by looking at every coin: what the sums that the wallet keeps are held against.

import { policyBlocks } from '@resonancenet/ledger/policy-id';
import { type AccountCoin, type CoinRules, type CoinStatus, listCoins, nextHeight } from '../account-coins.ts';
import { readAccountState } from '../account-state.ts';
import { type Balance, sumOf } from '../balance.ts';
import type { WalletAccount } from '../wallet-account.ts';
import type { WalletReader } from '../wallet-view.ts';

export function walkedBalance(
  view: WalletReader,
  account: WalletAccount,
  rules: CoinRules,
  finalHeight: number,
): Balance {
  const coins = listCoins(view, account, rules);
  const of = (wanted: CoinStatus): bigint => sumOf(coins.filter(({ status }) => status === wanted));
  const inBlocks = coins.filter(({ height }) => height !== null);
  const isFinal = ({ height, status }: AccountCoin): boolean => status === 'spendable' && height! <= finalHeight;
  const { lastSign } = readAccountState(view, account.number);
  const newest = nextHeight(view) - policyBlocks(account.policyId);
  const isLapsed = ({ height }: AccountCoin): boolean => Math.max(height!, lastSign) <= newest;
  return {
    confirmed: of('spendable'),
    final: sumOf(inBlocks.filter(isFinal)),
    immature: of('immature'),
    pending: of('unconfirmed'),
    incoming: of('incoming'),
    locked: of('locked'),
    spending: of('spending'),
    returning: of('returning'),
    lapsed: account.terms.type === 'heartbeat' ? sumOf(inBlocks.filter(isLapsed)) : 0n,
    total: sumOf(inBlocks),
  };
}
