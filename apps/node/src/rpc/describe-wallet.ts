// A wallet and what it holds, as RPC tells it.

import { toHex } from '@resonancenet/bytes/hex';
import { policyOfTerms } from '@resonancenet/keys/account-policy';
import { printPolicyText } from '@resonancenet/keys/policy-text';
import { encodeAddress } from '@resonancenet/primitives/address';
import { parsePolicyId } from '@resonancenet/primitives/policy';
import { type AccountCoin, coinDeadline } from '@resonancenet/wallet/account-coins';
import { readAccountState } from '@resonancenet/wallet/account-state';
import type { Balance } from '@resonancenet/wallet/balance';
import type { HistoryEntry } from '@resonancenet/wallet/history-table';
import { readConfirmed } from '@resonancenet/wallet/history-table';
import type { PendingEntry } from '@resonancenet/wallet/history';
import { readLabel } from '@resonancenet/wallet/labels';
import { nextIndex } from '@resonancenet/wallet/next-address';
import type { WalletAccount } from '@resonancenet/wallet/wallet-account';
import type { LoadedWallet } from '../wallet/loaded-wallet.ts';
import { hexId } from '../wallet/wallet-chain.ts';
import { rnt } from './amounts.ts';
import type { LedgerApi } from './ledger-api.ts';

type Json = Readonly<Record<string, unknown>>;

export function addressAt(account: WalletAccount, branch: 'receive' | 'change', index: number, prefix: string): string {
  return encodeAddress(prefix, account.destination(branch, index)!);
}

/** The policy as a recovery kit prints it; null where the heir is not known. */
export function policyTextOf(wallet: LoadedWallet, { number }: WalletAccount, prefix: string): string | null {
  const { terms, recoveryKey } = wallet.policyOf(number);
  const policy = policyOfTerms(terms, recoveryKey);
  return policy === null ? null : printPolicyText(policy, prefix);
}

export function describeAccount(wallet: LoadedWallet, account: WalletAccount, { params }: LedgerApi): Json {
  const { number, policyId } = account;
  const policy = parsePolicyId(policyId)!;
  const { used, lastSign } = readAccountState(wallet.store, number);
  return {
    account: number,
    name: wallet.nameOf(number),
    policy: policyTextOf(wallet, account, params.addressPrefix),
    policyType: policy.type,
    policyBlocks: policy.blocks,
    policyId: toHex(policyId),
    lastSign: lastSign === 0 ? null : lastSign,
    used,
    next: { receive: nextIndex(wallet.store, account, 'receive'), change: nextIndex(wallet.store, account, 'change') },
    keys: { receive: account.windowEnd('receive'), change: account.windowEnd('change') },
  };
}

export function describeBalance(balance: Balance): Json {
  return Object.fromEntries(Object.entries(balance).map(([name, amount]) => [name, rnt(amount as bigint)]));
}

export function describeCoin(wallet: LoadedWallet, account: WalletAccount, coin: AccountCoin, api: LedgerApi): Json {
  const { outpoint, branch, index, height, coinbase, amount, status } = coin;
  const address = addressAt(account, branch, index, api.params.addressPrefix);
  const label = readLabel(wallet.store, 'address', address);
  const { lastSign } = readAccountState(wallet.store, account.number);
  return {
    txid: hexId(outpoint.txid),
    vout: outpoint.index,
    account: account.number,
    address,
    ...(label === null ? {} : { label }),
    amount: rnt(amount),
    confirmations: confirmationsOf(wallet, height),
    ...(height === null ? {} : { height, deadline: coinDeadline(account, height, lastSign) }),
    coinbase,
    status,
    spendable: status === 'spendable',
  };
}

/** Blocks from this one to the last that the wallet has read; 0: in none. */
export function confirmationsOf(wallet: LoadedWallet, height: number | null): number {
  return height === null ? 0 : (wallet.sync.tip?.height ?? height) - height + 1;
}

export function describeEntry(wallet: LoadedWallet, entry: HistoryEntry): Json {
  const { account, height, kind, txid, credit, debit, feeAndBonds, heartbeat } = entry;
  const confirmed = txid === null ? null : readConfirmed(wallet.store, txid);
  return {
    account,
    category: categoryOf(kind, credit, debit),
    ...named(wallet, txid),
    amount: rnt(credit - debit),
    credit: rnt(credit),
    debit: rnt(debit),
    ...(feeAndBonds === null ? {} : { fee: rnt(feeAndBonds) }),
    ...(heartbeat ? { heartbeat } : {}),
    confirmations: confirmationsOf(wallet, height),
    blockheight: height,
    ...(confirmed === null ? {} : { blockindex: confirmed.position, time: Number(confirmed.timestamp) }),
  };
}

export function describePendingEntry(wallet: LoadedWallet, account: WalletAccount, entry: PendingEntry): Json {
  const { txid, addedMs, credit, debit } = entry;
  return {
    account: account.number,
    category: categoryOf('transaction', credit, debit),
    ...named(wallet, txid),
    amount: rnt(credit - debit),
    credit: rnt(credit),
    debit: rnt(debit),
    confirmations: 0,
    time: Math.floor(Number(addedMs) / 1000),
  };
}

function named(wallet: LoadedWallet, txid: Uint8Array | null): Json {
  if (txid === null) return {};
  const label = readLabel(wallet.store, 'transaction', toHex(txid));
  return { txid: toHex(txid), ...(label === null ? {} : { label }) };
}

/** Bitcoin Core's words, and `returned`. */
function categoryOf(kind: HistoryEntry['kind'], credit: bigint, debit: bigint): string {
  if (kind === 'coinbase') return 'generate';
  if (kind === 'returned') return 'returned';
  return credit >= debit ? 'receive' : 'send';
}
