// The coins that a payment may take (WAL-40): all free ones, or those that the user names.

import { toHex } from '@resonancenet/bytes/hex';
import { coinKey } from '@resonancenet/ledger/coin';
import type { Outpoint } from '@resonancenet/primitives/transaction';
import { type AccountCoin, listCoins } from './account-coins.ts';
import type { PaymentContext, PaymentWish } from './payment-wish.ts';
import type { WalletAccount } from './wallet-account.ts';
import { type WalletProblem, walletProblem } from './wallet-problem.ts';

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

export function chooseCoins(
  account: WalletAccount,
  { coins, unconfirmed }: Pick<PaymentWish, 'coins' | 'unconfirmed'>,
  { view, params }: Pick<PaymentContext, 'view' | 'params'>,
): CoinChoice | WalletProblem {
  const all = listCoins(view, account, params);
  const held = (status: AccountCoin['status']): bigint =>
    all.reduce((sum, coin) => (coin.status === status ? sum + coin.amount : sum), 0n);
  const waiting = held('incoming') + (unconfirmed ? 0n : held('unconfirmed'));
  const sums = { locked: held('locked'), immature: held('immature'), unconfirmed: waiting };
  if (coins !== null) {
    const named = namedCoins(all, coins);
    return named.ok ? { ok: true, free: named.coins, named: true, ...sums } : named;
  }
  const free = all.filter(({ status }) => status === 'spendable' || (unconfirmed && status === 'unconfirmed'));
  return { ok: true, free, named: false, ...sums };
}

/** Coins that are named may be locked: the lock is the user's own. */
function namedCoins(
  all: readonly AccountCoin[],
  outpoints: readonly Outpoint[],
): { readonly ok: true; readonly coins: readonly AccountCoin[] } | WalletProblem {
  const byName = new Map(all.map((coin) => [nameOf(coin.outpoint), coin]));
  const coins = new Map<string, AccountCoin>();
  for (const outpoint of outpoints) {
    const coin = byName.get(nameOf(outpoint));
    const shown = showOutpoint(outpoint);
    if (coin === undefined) return walletProblem('coin-unknown', { outpoint: shown });
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
