// What an account holds (WAL-34), in resonances.

import { outpointOfKey } from '@resonancenet/ledger/coin';
import { policyBlocks, returns } from '@resonancenet/ledger/policy-id';
import { type CoinRules, type CoinStatus, nextHeight, pendingCoins } from './account-coins.ts';
import { readAccountState } from './account-state.ts';
import { ALL_HEIGHTS, type CoinSums, sumsBetween } from './coin-sums.ts';
import { readCoin } from './coin-table.ts';
import type { WalletAccount } from './wallet-account.ts';
import type { WalletReader } from './wallet-view.ts';

const nothing = new Uint8Array(0);

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

/** `finalHeight`: height of the last final block. Takes no longer with many coins: it is made from their sums (coin-sums.ts). */
export function balanceOf(view: WalletReader, account: WalletAccount, rules: CoinRules, finalHeight: number): Balance {
  const within = (from: number, to: number): CoinSums => sumsBetween(view, account.number, from, to);
  const bounds = boundsOf(view, account, rules);
  const { returningTo, immatureFrom } = bounds;
  const all = within(0, ALL_HEIGHTS);
  const returning = within(0, returningTo).amount;
  const immature = within(immatureFrom, ALL_HEIGHTS).coinbase;
  const finalTo = finalHeight + 1;
  const final = within(returningTo, finalTo).amount - within(immatureFrom, finalTo).coinbase;
  const open = all.amount - returning - immature;
  const held = heldCoins(view, account, bounds, finalHeight);
  const waiting = pendingCoins(view, account);
  const of = (wanted: CoinStatus): bigint => sumOf(waiting.filter(({ status }) => status === wanted));
  return {
    confirmed: open - held.open.spending - held.open.locked,
    final: final - held.final,
    immature: immature - held.immature,
    pending: of('unconfirmed'),
    incoming: of('incoming'),
    locked: held.open.locked + of('locked'),
    spending: held.spending,
    returning: returning - held.returning,
    lapsed: within(0, bounds.lapsedTo).amount,
    total: all.amount,
  };
}

export function sumOf(coins: readonly { readonly amount: bigint }[]): bigint {
  let sum = 0n;
  for (const { amount } of coins) sum += amount;
  return sum;
}

/** Heights that part the coins of an account, for the next block. Each is the first above, or the first of, those that it names. */
interface Bounds {
  readonly returningTo: number;
  readonly immatureFrom: number;
  readonly lapsedTo: number;
}

function boundsOf(view: WalletReader, account: WalletAccount, { coinbaseMaturity }: CoinRules): Bounds {
  const next = nextHeight(view);
  const { lastSign } = readAccountState(view, account.number);
  const newest = next - policyBlocks(account.policyId);
  const idleTo = newest >= 0 && lastSign <= newest ? newest + 1 : 0;
  const returningTo = returns(account.policyId) ? idleTo : 0;
  return {
    returningTo,
    immatureFrom: Math.max(0, next - coinbaseMaturity + 1, returningTo),
    lapsedTo: account.terms.type === 'heartbeat' ? idleTo : 0,
  };
}

/** What of the sums by heights belongs elsewhere: coins that waiting transactions spend, and those that the user keeps. */
interface Held {
  /** All that is being spent. */
  spending: bigint;
  /** Parts of the sums that are lessened by it. */
  returning: bigint;
  immature: bigint;
  readonly open: { spending: bigint; locked: bigint };
  final: bigint;
}

function heldCoins(view: WalletReader, account: WalletAccount, bounds: Bounds, finalHeight: number): Held {
  const held: Held = { spending: 0n, returning: 0n, immature: 0n, open: { spending: 0n, locked: 0n }, final: 0n };
  const take = (key: Uint8Array, why: 'spending' | 'locked'): void => {
    const coin = readCoin(view, outpointOfKey(key));
    if (coin?.account !== account.number) return;
    const { amount, height, coinbase } = coin;
    const isReturning = height < bounds.returningTo;
    const isImmature = !isReturning && coinbase && height >= bounds.immatureFrom;
    if (why === 'spending') held.spending += amount;
    if (!isReturning && !isImmature) {
      held.open[why] += amount;
      if (height <= finalHeight) held.final += amount;
    } else if (why === 'spending') held[isReturning ? 'returning' : 'immature'] += amount;
  };
  for (const [key] of view.range('claims', nothing, null)) take(key, 'spending');
  for (const [key] of view.range('locked', nothing, null)) if (view.get('claims', key) === null) take(key, 'locked');
  return held;
}
