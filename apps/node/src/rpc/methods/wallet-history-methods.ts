// What happened in a wallet.

import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { encode } from '@resonancenet/bytes/encode';
import { type Transaction, transactionCodec } from '@resonancenet/primitives/transaction';
import { type HistoryPage, historyInParts, pendingOf as pendingOfAccount } from '@resonancenet/wallet/history';
import { type HistoryEntry, readConfirmed, walkHistory } from '@resonancenet/wallet/history-table';
import { type PendingTransaction, readPending, removePending } from '@resonancenet/wallet/pending-table';
import type { WalletAccount } from '@resonancenet/wallet/wallet-account';
import type { Work } from '@resonancenet/wallet/work';
import { z } from 'zod';
import { inTurns } from '../../wallet/in-turns.ts';
import type { LoadedWallet } from '../../wallet/loaded-wallet.ts';
import { hexId } from '../../wallet/wallet-chain.ts';
import { confirmationsOf, describeEntry, describePendingEntry } from '../describe-wallet.ts';
import { describeTransaction } from '../describe-transaction.ts';
import { hashParam } from '../parameters.ts';
import { RPC_ERROR, RpcError, type RpcMethod } from '../rpc-method.ts';
import { accountParam, accountsOf, type WalletApi, walletMethod } from '../wallet-call.ts';

type Json = Readonly<Record<string, unknown>>;

const MAX_ENTRIES = 10_000;

const ENTRIES_PER_PART = 20;

export function walletHistoryMethods(api: WalletApi): RpcMethod[] {
  return [listMethod(api), transactionMethod(api), abandonMethod(api)];
}

function listMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'listtransactions',
    summary: 'What happened in a wallet, newest first; what waits for a block comes before all.',
    params: z.object({
      count: z.number().int().min(1).max(MAX_ENTRIES).optional(),
      skip: z.number().int().min(0).max(1e9).optional(),
      account: accountParam,
    }),
    result:
      'list of account, category (receive, send, generate, returned), txid, label, amount (what the account gained, RNT), credit, debit, fee (of the whole transaction, if all inputs are the wallet\u2019s), heartbeat, confirmations, blockheight, blockindex, time',
    example: [20],
    handler: (wallet, { count = 10, skip = 0, account: number }) => inTurns(listEntries(wallet, count, skip, number)),
  });
}

/** Of several accounts the last ones of each are read as far as the page may need them. */
function* listEntries(wallet: LoadedWallet, count: number, skip: number, number: number | undefined): Work<Json[]> {
  const accounts = accountsOf(wallet, number);
  const pages: { readonly account: WalletAccount; readonly page: HistoryPage }[] = [];
  for (const account of accounts)
    pages.push({ account, page: yield* historyInParts(wallet.store, account, skip + count) });
  const waiting = pages.flatMap(({ account, page }) =>
    page.pending.map((entry) => describePendingEntry(wallet, account, entry)),
  );
  const entries = pages.flatMap(({ page }) => page.entries).sort((a, b) => b.height - a.height);
  const wanted = Math.max(0, skip + count - waiting.length);
  const first = Math.max(0, skip - waiting.length);
  const page: Json[] = waiting.slice(skip, skip + count);
  for (const [at, entry] of entries.slice(first, wanted).entries()) {
    page.push(describeEntry(wallet, entry));
    if (at % ENTRIES_PER_PART === 0) yield;
  }
  return page;
}

function transactionMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'gettransaction',
    summary: 'One transaction of a wallet, in a block or waiting.',
    params: z.object({ txid: hashParam }),
    result:
      'txid, confirmations, blockhash, blockheight, blockindex, time, hex, details (per account as in listtransactions), decoded (as decoderawtransaction gives it)',
    example: ['<txid>'],
    handler: (wallet, { txid }) => describeOne(wallet, txid, api),
  });
}

function describeOne(wallet: LoadedWallet, txid: string, api: WalletApi): Json {
  const id = fromHex(txid);
  const confirmed = readConfirmed(wallet.store, id);
  if (confirmed !== null) {
    const { height, position, timestamp, transaction } = confirmed;
    return {
      txid,
      confirmations: confirmationsOf(wallet, height),
      blockhash: api.wallets.blockHash(height),
      blockheight: height,
      blockindex: position,
      time: Number(timestamp),
      ...bytesOf(transaction, api),
      details: entriesOf(wallet, txid, height).map((entry) => describeEntry(wallet, entry)),
    };
  }
  const { transaction, addedMs } = pendingOf(wallet, txid);
  const details = accountsOf(wallet, undefined).flatMap((account) =>
    pendingOfAccount(wallet.store, account)
      .filter((entry) => hexId(entry.txid) === txid)
      .map((entry) => describePendingEntry(wallet, account, entry)),
  );
  return {
    txid,
    confirmations: 0,
    time: Math.floor(Number(addedMs) / 1000),
    inpool: api.ledger.pool.get(txid) !== null,
    ...bytesOf(transaction, api),
    details,
  };
}

function bytesOf(transaction: Transaction, { ledger }: WalletApi): Json {
  return {
    hex: toHex(encode(transactionCodec, transaction)),
    decoded: describeTransaction(transaction, ledger.params),
  };
}

function entriesOf(wallet: LoadedWallet, txid: string, height: number): HistoryEntry[] {
  const found: HistoryEntry[] = [];
  for (const { number } of wallet.accounts.all)
    for (const entry of walkHistory(wallet.store, number, height)) {
      if (entry.height > height) break;
      if (entry.txid !== null && hexId(entry.txid) === txid) found.push(entry);
    }
  return found;
}

function abandonMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'abandontransaction',
    summary:
      'Gives up a transaction that waits and is not in the pool: its coins can be spent again. Somebody may still have it and bring it into a block.',
    params: z.object({ txid: hashParam }),
    result: 'null',
    example: ['<txid>'],
    handler: (wallet, { txid }) => {
      pendingOf(wallet, txid);
      if (api.ledger.pool.get(txid) !== null)
        throw new RpcError(RPC_ERROR.notFound, `Transaction ${txid} is in the pool: replace it by one that pays more.`);
      wallet.sync.change((view) => removePending(view, fromHex(txid)));
    },
  });
}

/** @throws RpcError */
function pendingOf(wallet: LoadedWallet, txid: string): PendingTransaction {
  const pending = readPending(wallet.store, fromHex(txid));
  if (pending === null) throw new RpcError(RPC_ERROR.notFound, `The wallet has no transaction ${txid} that waits.`);
  return pending;
}
