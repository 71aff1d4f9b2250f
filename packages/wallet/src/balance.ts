// What an account holds (WAL-34), in resonances.

import { policyBlocks } from '@resonancenet/ledger/policy-id';
import { type AccountCoin, type CoinRules, type CoinStatus, listCoins, nextHeight } from './account-coins.ts';
import { readAccountState } from './account-state.ts';
import type { WalletAccount } from './wallet-account.ts';
import type { WalletReader } from './wallet-view.ts';

export interface Balance {
  /** Can be spent in the next block, unconfirmed coins aside. */
  readonly confirmed: bigint;
  /** The part of `confirmed` that lies in final blocks. */
  readonly final: bigint;
  readonly immature: bigint;
  /** Unconfirmed: of own transactions, such as change, and from others. */
  readonly pending: bigint;
  readonly incoming: bigint;
  /** Kept by the user, in a block or not. */
  readonly locked: bigint;
  /** In blocks, and spent by transactions that wait. */
  readonly spending: bigint;
  /** In blocks, and lost to the emission pool in the next one. */
  readonly returning: bigint;
  /** In blocks, and idle for the policy's blocks in the next one: the heir can take it too (LED-15). Also counted above. */
  readonly lapsed: bigint;
  /** All that lies in blocks. */
  readonly total: bigint;
}

/** `finalHeight`: height of the last final block. */
export function balanceOf(view: WalletReader, account: WalletAccount, rules: CoinRules, finalHeight: number): Balance {
  const coins = listCoins(view, account, rules);
  const of = (...statuses: readonly CoinStatus[]): bigint =>
    sumOf(coins.filter(({ status }) => statuses.includes(status)));
  const inBlocks = coins.filter(({ height }) => height !== null);
  const isFinal = ({ height, status }: AccountCoin): boolean => status === 'spendable' && height! <= finalHeight;
  return {
    confirmed: of('spendable'),
    final: sumOf(inBlocks.filter(isFinal)),
    immature: of('immature'),
    pending: of('unconfirmed'),
    incoming: of('incoming'),
    locked: of('locked'),
    spending: of('spending'),
    returning: of('returning'),
    lapsed: account.terms.type === 'heartbeat' ? sumOf(inBlocks.filter(lapsedAt(view, account))) : 0n,
    total: sumOf(inBlocks),
  };
}

export function sumOf(coins: readonly { readonly amount: bigint }[]): bigint {
  let sum = 0n;
  for (const { amount } of coins) sum += amount;
  return sum;
}

function lapsedAt(view: WalletReader, account: WalletAccount): (coin: AccountCoin) => boolean {
  const { lastSign } = readAccountState(view, account.number);
  const newest = nextHeight(view) - policyBlocks(account.policyId);
  return ({ height }) => Math.max(height!, lastSign) <= newest;
}
