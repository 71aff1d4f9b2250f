// The coins of a wallet.

import { compareBytes } from '@resonancenet/bytes/compare';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { coinKey } from '@resonancenet/ledger/coin';
import type { Outpoint } from '@resonancenet/primitives/transaction';
import { type AccountCoin, accountCoin, coinJudge, pendingCoins } from '@resonancenet/wallet/account-coins';
import { type Balance, balanceOf } from '@resonancenet/wallet/balance';
import { walkCoins } from '@resonancenet/wallet/coin-table';
import { isLocked, lockCoin, lockedCoins, unlockCoin } from '@resonancenet/wallet/locked-coins';
import { readPending } from '@resonancenet/wallet/pending-table';
import type { WalletAccount } from '@resonancenet/wallet/wallet-account';
import type { Work } from '@resonancenet/wallet/work';
import { z } from 'zod';
import { inTurns } from '../../wallet/in-turns.ts';
import { hexId } from '../../wallet/wallet-chain.ts';
import { rnt } from '../amounts.ts';
import { confirmationsOf, describeBalance, describeCoin } from '../describe-wallet.ts';
import { hashParam, u32Param } from '../parameters.ts';
import { RPC_ERROR, RpcError, type RpcMethod } from '../rpc-method.ts';
import { accountParam, accountsOf, type WalletApi, walletMethod } from '../wallet-call.ts';
import type { LoadedWallet } from '../../wallet/loaded-wallet.ts';

type Json = Readonly<Record<string, unknown>>;

/** In one answer: some 4 MB. */
const MAX_COINS = 10_000;

/** Addresses take some time to be written. */
const COINS_PER_PART = 20;

const outpointsParam = z.array(z.object({ txid: hashParam, vout: u32Param })).max(10_000);

export function walletCoinMethods(api: WalletApi): RpcMethod[] {
  return [balancesMethod(api), unspentMethod(api), ...lockMethods(api)];
}

function balancesMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'getbalances',
    summary: 'What a wallet holds, in all and by account.',
    params: z.object({ account: accountParam }),
    result:
      'mine (trusted, untrusted_pending, immature as in Bitcoin Core); of the sum and of each account in RNT: confirmed (can be spent in the next block), final (the part in final blocks), immature, pending (own change), incoming (unconfirmed of others), locked, spending, returning (lost to the emission pool in the next block), lapsed (the heir can take it too), total (in blocks); lastprocessedblock',
    example: [],
    handler: (wallet, { account }) => describeBalances(wallet, account, api),
  });
}

function describeBalances(wallet: LoadedWallet, number: number | undefined, { ledger, wallets }: WalletApi): Json {
  const balances = accountsOf(wallet, number).map((account) => ({
    account,
    balance: balanceOf(wallet.store, account, ledger.params, wallets.finalHeight()),
  }));
  const sum = sumOf(balances.map(({ balance }) => balance));
  const { tip } = wallet.sync;
  return {
    mine: {
      trusted: rnt(sum.confirmed + sum.pending),
      untrusted_pending: rnt(sum.incoming),
      immature: rnt(sum.immature),
    },
    ...describeBalance(sum),
    accounts: balances.map(({ account, balance }) => ({
      account: account.number,
      name: wallet.nameOf(account.number),
      ...describeBalance(balance),
    })),
    lastprocessedblock: tip === null ? null : { height: tip.height, hash: hexId(tip.id) },
  };
}

function sumOf(balances: readonly Balance[]): Balance {
  const sum = {} as Record<keyof Balance, bigint>;
  for (const balance of balances)
    for (const [name, amount] of Object.entries(balance) as [keyof Balance, bigint][])
      sum[name] = (sum[name] ?? 0n) + amount;
  return sum;
}

function unspentMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'listunspent',
    summary:
      'The coins of a wallet, each with what can be done with it. Of many it gives the first count; those after the last one: with after, until fewer come.',
    params: z.object({
      minconf: u32Param.optional(),
      maxconf: u32Param.optional(),
      account: accountParam,
      count: z.number().int().min(1).max(MAX_COINS).optional(),
      after: z
        .string()
        .regex(/^[0-9a-f]{64}:[0-9]{1,10}$/, 'takes txid:vout')
        .optional(),
    }),
    result:
      'list of txid, vout, account, address, label, amount (RNT), confirmations, height, deadline (first height at which it lapses or returns without a heartbeat), coinbase, status (spendable, immature, locked, spending, returning, unconfirmed, incoming), spendable',
    example: [1],
    handler: (wallet, { minconf = 1, maxconf = 0xffff_ffff, account: number, count = MAX_COINS, after }) =>
      inTurns(
        coinsWithin(wallet, accountsOf(wallet, number), { minconf, maxconf, count, after: outpointOf(after) }, api),
      ),
  });
}

interface CoinPage {
  readonly minconf: number;
  readonly maxconf: number;
  readonly count: number;
  readonly after: Outpoint | null;
}

/** In the order of the outpoints, which one that is gone has its place in too; then those in no block. */
function* coinsWithin(
  wallet: LoadedWallet,
  accounts: readonly WalletAccount[],
  { minconf, maxconf, count, after }: CoinPage,
  { ledger }: WalletApi,
): Work<Json[]> {
  const { store } = wallet;
  const judges = new Map(
    accounts.map((account) => [account.number, { account, judge: coinJudge(store, account, ledger.params) }]),
  );
  const coins: Json[] = [];
  const add = (account: WalletAccount, coin: AccountCoin): void => {
    const isWanted = isWithin(confirmationsOf(wallet, coin.height), minconf, maxconf);
    if (isWanted && coins.length < count) coins.push(describeCoin(wallet, account, coin, ledger));
  };
  const isWaiting = after !== null && readPending(store, after.txid) !== null;
  let seen = 0;
  for (const coin of isWaiting ? [] : walkCoins(store, null, after)) {
    const known = judges.get(coin.account);
    if (known !== undefined) add(known.account, known.judge(coin));
    if (coins.length === count) return coins;
    seen += 1;
    if (seen % COINS_PER_PART === 0) yield;
  }
  for (const [account, coin] of waitingCoins(wallet, accounts))
    if (!isWaiting || compareOutpoints(coin.outpoint, after) > 0) add(account, coin);
  return coins;
}

function waitingCoins({ store }: LoadedWallet, accounts: readonly WalletAccount[]): [WalletAccount, AccountCoin][] {
  return accounts
    .flatMap((account) => pendingCoins(store, account).map((coin): [WalletAccount, AccountCoin] => [account, coin]))
    .sort(([, a], [, b]) => compareOutpoints(a.outpoint, b.outpoint));
}

function compareOutpoints(a: Outpoint, b: Outpoint): number {
  return compareBytes(coinKey(a.txid, a.index), coinKey(b.txid, b.index));
}

function outpointOf(text: string | undefined): Outpoint | null {
  const [txid, vout] = text?.split(':') ?? [];
  return txid === undefined ? null : { txid: fromHex(txid), index: Number(vout) };
}

function isWithin(value: number, from: number, to: number): boolean {
  return value >= from && value <= to;
}

function lockMethods(api: WalletApi): RpcMethod[] {
  return [
    walletMethod(api, {
      name: 'lockunspent',
      summary:
        'Keeps coins from being spent, or (unlock) lets them be spent again; without coins: unlocks all. It outlasts restarts.',
      params: z.object({ unlock: z.boolean(), transactions: outpointsParam.optional() }),
      result: 'true',
      example: [false, [{ txid: '<txid>', vout: 0 }]],
      handler: (wallet, { unlock, transactions }) => {
        setLocks(
          wallet,
          unlock,
          transactions?.map(({ txid, vout }) => ({ txid: fromHex(txid), index: vout })),
          api,
        );
        return true;
      },
    }),
    walletMethod(api, {
      name: 'listlockunspent',
      summary: 'The coins that are kept from being spent.',
      params: z.object({}),
      result: 'list of txid, vout',
      example: [],
      handler: ({ store }) => [...lockedCoins(store)].map(({ txid, index }) => ({ txid: toHex(txid), vout: index })),
    }),
  ];
}

/** All of them or none. @throws RpcError */
function setLocks(wallet: LoadedWallet, unlock: boolean, outpoints: Outpoint[] | undefined, api: WalletApi): void {
  if (outpoints === undefined && !unlock)
    throw new RpcError(RPC_ERROR.invalidParams, 'Say which coins are to be locked.');
  const chosen = outpoints ?? [...lockedCoins(wallet.store)];
  wallet.sync.change((view) => {
    for (const outpoint of chosen) {
      const name = `${toHex(outpoint.txid)}:${outpoint.index}`;
      if (!unlock && !isKnown(wallet, outpoint, api))
        throw new RpcError(RPC_ERROR.outOfRange, `${name} is no coin of the wallet's.`);
      if (unlock && !isLocked(view, outpoint)) throw new RpcError(RPC_ERROR.outOfRange, `${name} is not locked.`);
      if (unlock) unlockCoin(view, outpoint);
      else lockCoin(view, outpoint);
    }
  });
}

function isKnown({ accounts, store }: LoadedWallet, outpoint: Outpoint, { ledger }: WalletApi): boolean {
  return [...accounts.all].some((account) => accountCoin(store, account, outpoint, ledger.params) !== null);
}
