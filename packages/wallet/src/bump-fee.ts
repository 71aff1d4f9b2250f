// A better paid transaction in the place of one that waits (WAL-46), by the pool's rules of replacement; and taking a payment back before it is mined.

import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { dustLimit } from '@resonancenet/mempool/dust';
import { feeAtRate, type FeeRate } from '@resonancenet/mempool/fee-rate';
import { amount } from '@resonancenet/primitives/amount';
import { ACTION_KIND, decodeAction } from '@resonancenet/primitives/action-content';
import type { TxId } from '@resonancenet/primitives/ids';
import { termsPolicyId } from '@resonancenet/primitives/policy-terms';
import { type Outpoint, type Output, transactionCodec } from '@resonancenet/primitives/transaction';
import { equalBytes } from '@resonancenet/bytes/compare';
import { type AccountCoin, closedStatus, type CoinRules, listCoins } from './account-coins.ts';
import { assemblePayment } from './assemble-payment.ts';
import { sumOf } from './balance.ts';
import { changePlace } from './change-place.ts';
import { readCoin } from './coin-table.ts';
import { heartbeatWish } from './own-heartbeat.ts';
import type { ActionWish, BuiltPayment, PaymentContext } from './payment-wish.ts';
import { type PendingTransaction, readPending } from './pending-table.ts';
import { showOutpoint } from './spendable-coins.ts';
import { inputBytes, ownWitnessBytes, transactionBytes } from './transaction-size.ts';
import type { WalletAccount } from './wallet-account.ts';
import { type WalletProblem, walletProblem } from './wallet-problem.ts';
import { wishedActionBytes } from './wished-action.ts';

export interface BumpWish {
  /** Of the transaction that waits. */
  readonly txid: TxId;
  readonly rate: FeeRate;
  /** Whether its payments are taken back: all comes back to the account. */
  readonly cancel: boolean;
  /** Fees of unconfirmed transactions that spend its outputs, as the pool knows them: they go with it and must be paid again. */
  readonly descendantFees: bigint;
  readonly maxFee: bigint;
}

/** What the replacement must keep, and what it must beat. */
interface Replaced {
  readonly coins: readonly AccountCoin[];
  readonly payments: readonly Output[];
  readonly actions: readonly ActionWish[];
  readonly fee: bigint;
  readonly bytes: number;
}

/**
 * The replacement, ready to be signed. It spends all that the old one spends, and further coins only if its change does not suffice. Its fee is that
 * of the rate, or the least that the pool takes for a replacement if that is more.
 */
export function bumpFee(account: WalletAccount, wish: BumpWish, context: PaymentContext): BuiltPayment | WalletProblem {
  const pending = readPending(context.view, wish.txid);
  if (pending === null) return walletProblem('not-pending', { txid: toHex(wish.txid) });
  const replaced = replacedBy(account, pending, wish.cancel, context);
  return 'ok' in replaced ? replaced : replace(account, replaced, wish, context);
}

function replacedBy(
  account: WalletAccount,
  { txid, transaction }: PendingTransaction,
  cancel: boolean,
  { view, params }: PaymentContext,
): Replaced | WalletProblem {
  const refuse = (detail: string): WalletProblem => walletProblem('not-replaceable', { txid: toHex(txid), detail });
  const coins = transaction.inputs.map(({ outpoint }) => coinOf(view, account, outpoint));
  const own = coins.filter((coin) => coin !== null);
  if (own.length < coins.length) return refuse('not all that it spends is this account’s');
  for (const { outpoint, height, coinbase } of own) {
    // After a reorganisation a coin may be too young again.
    const status = height === null ? null : closedStatus(view, { height, coinbase }, account, params);
    if (status !== null) return walletProblem('coin-unavailable', { outpoint: showOutpoint(outpoint), status });
  }
  const heartbeats = transaction.actions.filter((action) => isHeartbeatOf(account, action));
  if (heartbeats.length < transaction.actions.length) return refuse('it does more than pay and give a sign of life');
  const isChange = (output: Output): boolean => account.placeOfOutput(output)?.branch === 'change';
  return {
    coins: own,
    payments: cancel ? [] : transaction.outputs.filter((output) => !isChange(output)),
    actions: heartbeats.map(() => heartbeatWish(account, params.coinType)),
    fee: sumOf(own) - sumOf(transaction.outputs),
    bytes: encode(transactionCodec, transaction).length,
  };
}

function replace(
  account: WalletAccount,
  replaced: Replaced,
  { rate, descendantFees, maxFee }: BumpWish,
  context: PaymentContext,
): BuiltPayment | WalletProblem {
  const { view, params, relayRate } = context;
  const { payments, actions } = replaced;
  const bytesOf = bytesWith(account, actions);
  let further: AccountCoin[] | null = null;
  const feeFor = (bytes: number): bigint =>
    greatest(
      feeAtRate(rate, bytes),
      replaced.fee + descendantFees + feeAtRate(relayRate, bytes),
      (replaced.fee * BigInt(bytes)) / BigInt(replaced.bytes) + 1n,
    );
  const least = dustLimit({ policyId: account.policyId }, relayRate);
  const paid = sumOf(payments);
  const coins = [...replaced.coins];
  for (let bytes = bytesOf(coins.length, payments.length + 1); bytes <= params.maxTransactionBytes; ) {
    const rest = sumOf(coins) - paid - feeFor(bytes);
    const bare = bytesOf(coins.length, payments.length);
    const isBareEnough = payments.length + actions.length > 0 && sumOf(coins) - paid >= feeFor(bare);
    if (rest >= least || isBareEnough) {
      const change = rest >= least ? changeOf(context, account, rest) : null;
      const outputs = change === null ? payments : [...payments, change];
      const fee = sumOf(coins) - sumOf(outputs);
      if (fee > maxFee) return walletProblem('fee-too-high', { fee, limit: maxFee });
      const rntp = assemblePayment(account, coins, outputs, actions, context);
      const back = change === null ? null : { output: payments.length, amount: change.amount };
      return { ok: true, rntp, fee, bonds: 0n, bytes: bytesOf(coins.length, outputs.length), change: back };
    }
    // Looked for only if they are needed. Further unconfirmed coins would bring in ancestors, which the pool refuses.
    further ??= spendableByAmount(view, account, params);
    const next = further.shift();
    if (next === undefined) return notEnough(sumOf(coins), paid + feeFor(bare));
    coins.push(next);
    bytes = bytesOf(coins.length, payments.length + 1);
  }
  return walletProblem('transaction-too-large', {
    bytes: bytesOf(coins.length, payments.length + 1),
    limit: params.maxTransactionBytes,
  });
}

/** The largest first. */
function spendableByAmount(view: PaymentContext['view'], account: WalletAccount, rules: CoinRules): AccountCoin[] {
  return listCoins(view, account, rules)
    .filter(({ status }) => status === 'spendable')
    .sort((a, b) => (a.amount === b.amount ? 0 : a.amount > b.amount ? -1 : 1));
}

function bytesWith(
  account: WalletAccount,
  actions: readonly ActionWish[],
): (inputs: number, outputs: number) => number {
  const each = inputBytes(ownWitnessBytes(account.ownBranch.length));
  const acts = actions.map(wishedActionBytes);
  return (inputs, outputs) => transactionBytes({ count: inputs, bytes: inputs * each }, outputs, acts);
}

function changeOf({ view }: PaymentContext, own: WalletAccount, rest: bigint): Output {
  const { account, branch, index } = changePlace(view, own);
  return { amount: amount(rest), ...account.destination(branch, index)! };
}

function notEnough(available: bigint, required: bigint): WalletProblem {
  return walletProblem('insufficient-funds', { available, required, locked: 0n, immature: 0n, unconfirmed: 0n });
}

/** A coin of the account that a waiting transaction spends: in a block, or of another waiting one. */
function coinOf(view: PaymentContext['view'], account: WalletAccount, outpoint: Outpoint): AccountCoin | null {
  const coin = readCoin(view, outpoint);
  if (coin !== null) return coin.account === account.number ? { ...coin, status: 'spending' } : null;
  const output = readPending(view, outpoint.txid)?.transaction.outputs[outpoint.index];
  const place = output === undefined ? null : account.placeOfOutput(output);
  if (output === undefined || place === null) return null;
  const { branch, index } = place;
  const base = { outpoint, account: account.number, branch, index, amount: output.amount };
  return { ...base, height: null, coinbase: false, status: 'spending' };
}

function isHeartbeatOf({ policyId }: WalletAccount, action: Parameters<typeof decodeAction>[0]): boolean {
  if (action.kind !== ACTION_KIND.heartbeat) return false;
  const decoded = decodeAction(action);
  return (
    decoded.ok && decoded.content.kind === 'heartbeat' && equalBytes(termsPolicyId(decoded.content.terms), policyId)
  );
}

function greatest(first: bigint, ...others: readonly bigint[]): bigint {
  let most = first;
  for (const value of others) if (value > most) most = value;
  return most;
}
