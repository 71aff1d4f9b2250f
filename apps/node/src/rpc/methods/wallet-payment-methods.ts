// Paying from a wallet. The wallet's signer is asked; while it is locked nothing is sent.

import { fromHex } from '@resonancenet/bytes/hex';
import { readLabel, setLabel } from '@resonancenet/wallet/labels';
import { buildPaymentInParts } from '@resonancenet/wallet/build-payment';
import { bumpFee } from '@resonancenet/wallet/bump-fee';
import type { BuiltPayment, PaymentWish } from '@resonancenet/wallet/payment-wish';
import { DEFAULT_MAX_FEE } from '@resonancenet/wallet/payment-wish';
import { type WalletProblem, walletProblem } from '@resonancenet/wallet/wallet-problem';
import { z } from 'zod';
import type { LoadedWallet } from '../../wallet/loaded-wallet.ts';
import { inTurns } from '../../wallet/in-turns.ts';
import { noteOfReplacement, payOnce } from '../../wallet/pay-once.ts';
import { type BuildPayment, sendPayment } from '../../wallet/send-payment.ts';
import { amountParam } from '../amounts.ts';
import { describeFunded, describeSent, sentText } from '../describe-payment.ts';
import { hashParam } from '../parameters.ts';
import {
  optionsText,
  outputsParam,
  payeeOf,
  type PaymentOptions,
  paymentOptions,
  paymentsOf,
  rateOf,
  refuseReference,
  wishOf,
} from '../payment-options.ts';
import type { RpcMethod } from '../rpc-method.ts';
import { accountOf, problemError, type WalletApi, walletMethod } from '../wallet-call.ts';

type Json = Readonly<Record<string, unknown>>;

const addressParam = z.string().min(1).max(128);
const labelParam = z.string().max(256);

export function walletPaymentMethods(api: WalletApi): RpcMethod[] {
  return [...sendMethods(api), sendAllMethod(api), fundMethod(api), ...replaceMethods(api)];
}

function sendMethods(api: WalletApi): RpcMethod[] {
  return [
    walletMethod(api, {
      name: 'sendtoaddress',
      summary: 'Pays an amount to an address.',
      params: z.object({
        address: addressParam,
        amount: amountParam,
        label: labelParam.optional(),
        options: paymentOptions.optional(),
      }),
      result: `${sentText}. The label is of the transaction. ${optionsText}`,
      example: ['<address>', '1.5'],
      handler: async (wallet, { address, amount, label, options = {} }) => {
        const { network } = api.wallets;
        const wish = wishOf(paymentsOf([{ address, amount }], wallet, network), options, network);
        const result = await pay(wallet, options, wish, api);
        if (label !== undefined && 'txid' in result) labelTransaction(wallet, String(result['txid']), label);
        return result;
      },
    }),
    walletMethod(api, {
      name: 'send',
      summary: 'Pays several addresses in one transaction.',
      params: z.object({ outputs: outputsParam, options: paymentOptions.optional() }),
      result: `${sentText}. ${optionsText}`,
      example: [{ '<address>': '1.5', '<another address>': '2' }],
      handler: (wallet, { outputs, options = {} }) => {
        const { network } = api.wallets;
        const wish = wishOf(paymentsOf(outputs, wallet, network), options, network);
        return pay(wallet, options, wish, api);
      },
    }),
  ];
}

function sendAllMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'sendall',
    summary: 'Pays all that an account can spend to one address.',
    params: z.object({ address: addressParam, options: paymentOptions.optional() }),
    result: `${sentText}. ${optionsText}`,
    example: ['<address>'],
    handler: (wallet, { address, options = {} }) => {
      const { network } = api.wallets;
      const wish = wishOf([], options, network, payeeOf(address, wallet, network.params));
      return pay(wallet, options, wish, api);
    },
  });
}

function fundMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'createfundedrntp',
    summary:
      'Builds a payment and does not sign it: for signers elsewhere. Nothing is kept of it, so two of them may choose the same coins.',
    params: z.object({ outputs: outputsParam, options: paymentOptions.optional() }),
    result: `rntp (base64), fee (RNT), bytes (once it is signed), change (RNT, or null). ${optionsText}`,
    example: [{ '<address>': '1.5' }],
    handler: async (wallet, { outputs, options = {} }) => {
      const { network } = api.wallets;
      refuseReference(options);
      const wish = wishOf(paymentsOf(outputs, wallet, network), options, network);
      const account = accountOf(wallet, options.account);
      const built = await inTurns(buildPaymentInParts(account, wish, network.context(wallet.store)));
      if (!built.ok) throw problemError(built);
      return describeFunded(built);
    },
  });
}

function replaceMethods(api: WalletApi): RpcMethod[] {
  const params = z.object({ txid: hashParam, options: paymentOptions.optional() });
  const result = `${sentText}; of the options fee_rate, conf_target and max_fee count`;
  return [
    walletMethod(api, {
      name: 'bumpfee',
      summary: 'Replaces a transaction that waits by one that pays a higher fee.',
      params,
      result,
      example: ['<txid>'],
      handler: (wallet, { txid, options = {} }) => replace(wallet, txid, false, options, api),
    }),
    walletMethod(api, {
      name: 'canceltransaction',
      summary:
        'Replaces a transaction that waits by one that pays everything back; whichever a block has first counts.',
      params,
      result,
      example: ['<txid>'],
      handler: (wallet, { txid, options = {} }) => replace(wallet, txid, true, options, api),
    }),
  ];
}

async function replace(
  wallet: LoadedWallet,
  txid: string,
  cancel: boolean,
  options: PaymentOptions,
  api: WalletApi,
): Promise<Json> {
  const { network } = api.wallets;
  refuseReference(options);
  const rate = rateOf(options, network);
  const maxFee = options.max_fee ?? DEFAULT_MAX_FEE;
  const build = (): BuiltPayment | WalletProblem => {
    const account = wallet.payerOf(fromHex(txid));
    if (account === null) return walletProblem('not-pending', { txid });
    const descendantFees = network.descendantFees(txid);
    const wish = { txid: fromHex(txid), rate, cancel, descendantFees, maxFee };
    return bumpFee(account, wish, network.context(wallet.store));
  };
  const note = noteOfReplacement(fromHex(txid), cancel);
  const result = describeSent(await sendPayment(wallet, api.wallets.pool, api.wallets.unixMs(), build, note));
  const label = readLabel(wallet.store, 'transaction', txid);
  if (label !== null && 'txid' in result) labelTransaction(wallet, String(result['txid']), label);
  return result;
}

async function pay(
  wallet: LoadedWallet,
  { account: number, reference }: PaymentOptions,
  wish: PaymentWish,
  { wallets }: WalletApi,
): Promise<Json> {
  const account = accountOf(wallet, number);
  const build: BuildPayment = () => buildPaymentInParts(account, wish, wallets.network.context(wallet.store));
  const { pool } = wallets;
  const sent = await (reference === undefined
    ? sendPayment(wallet, pool, wallets.unixMs(), build)
    : payOnce(wallet, pool, wallets.unixMs(), reference, wish, build));
  return describeSent(sent);
}

function labelTransaction(wallet: LoadedWallet, txid: string, label: string): void {
  const problem = wallet.sync.change((view) => setLabel(view, { kind: 'transaction', name: txid, label }));
  if (problem !== null) throw problemError(problem);
}
