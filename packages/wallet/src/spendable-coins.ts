// The coins that a payment may take (WAL-40): all free ones, or those that the user names.

import { toHex } from '@resonancenet/bytes/hex';
import { coinKey } from '@resonancenet/ledger/coin';
import type { Outpoint } from '@resonancenet/primitives/transaction';
import { type AccountCoin, accountCoin, walkAccountCoins } from './account-coins.ts';
import { balanceOf } from './balance.ts';
import type { PaymentContext, PaymentWish } from './payment-wish.ts';
import type { WalletAccount } from './wallet-account.ts';
import { type WalletProblem, walletProblem } from './wallet-problem.ts';
import { PER_PART, type Work } from './work.ts';

export interface CoinChoice {
  readonly ok: true;
  readonly free: readonly AccountCoin[];
  /** Whether all of them must be spent. */
  readonly named: boolean;
  /** Held back, resonances. */
  readonly locked: bigint;
  readonly immature: bigint;
  readonly unconfirmed: bigint;
}

export function* chooseCoins(
  account: WalletAccount,
  wish: Pick<PaymentWish, 'coins' | 'unconfirmed' | 'payments' | 'sendAll' | 'maxFee' | 'actions'>,
  { view, params }: Pick<PaymentContext, 'view' | 'params'>,
): Work<CoinChoice | WalletProblem> {
  const { coins, unconfirmed } = wish;
  const { locked, immature, pending, incoming } = balanceOf(view, account, params, 0);
  const sums = { locked, immature, unconfirmed: incoming + (unconfirmed ? 0n : pending) };
  if (coins !== null) {
    const named = namedCoins(account, coins, { view, params });
    return named.ok ? { ok: true, free: named.coins, named: true, ...sums } : named;
  }
  const free: AccountCoin[] = [];
  const enough = enoughFor(wish);
  let [seen, sum] = [0, 0n];
  for (const coin of walkAccountCoins(view, account, params)) {
    seen += 1;
    if (coin.status === 'spendable' || (unconfirmed && coin.status === 'unconfirmed')) {
      free.push(coin);
      sum += coin.amount;
      if (enough !== null && sum >= enough && free.length >= PER_PART) break;
    }
    if (seen % PER_PART === 0) yield;
  }
  return { ok: true, free, named: false, ...sums };
}

/** What pays nobody takes from the first coins that hold twice what it can cost: all others need not be looked at. null: all may be needed. */
function enoughFor({
  payments,
  sendAll,
  maxFee,
  actions,
}: Pick<PaymentWish, 'payments' | 'sendAll' | 'maxFee' | 'actions'>): bigint | null {
  if (payments.length > 0 || sendAll !== null) return null;
  return 2n * actions.reduce((sum, { bond }) => sum + bond, maxFee);
}

/** Coins that are named may be locked: the lock is the user's own. */
function namedCoins(
  account: WalletAccount,
  outpoints: readonly Outpoint[],
  { view, params }: Pick<PaymentContext, 'view' | 'params'>,
): { readonly ok: true; readonly coins: readonly AccountCoin[] } | WalletProblem {
  const coins = new Map<string, AccountCoin>();
  for (const outpoint of outpoints) {
    const coin = accountCoin(view, account, outpoint, params);
    const shown = showOutpoint(outpoint);
    if (coin === null) return walletProblem('coin-unknown', { outpoint: shown });
    const { status } = coin;
    if (status !== 'spendable' && status !== 'locked' && status !== 'unconfirmed')
      return walletProblem('coin-unavailable', { outpoint: shown, status });
    coins.set(nameOf(outpoint), coin);
  }
  return { ok: true, coins: [...coins.values()] };
}

function nameOf({ txid, index }: Outpoint): string {
  return toHex(coinKey(txid, index));
}

/** `txid:index`. */
export function showOutpoint({ txid, index }: Outpoint): string {
  return `${toHex(txid)}:${index}`;
}
