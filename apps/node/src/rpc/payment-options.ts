// How a payment is wanted, as parameters.

import { fromHex } from '@resonancenet/bytes/hex';
import type { FeeRate } from '@resonancenet/mempool/fee-rate';
import type { Output } from '@resonancenet/primitives/transaction';
import { DEFAULT_MAX_FEE, type FeeWish, type PaymentWish } from '@resonancenet/wallet/payment-wish';
import { amount } from '@resonancenet/primitives/amount';
import { z } from 'zod';
import { findContact } from '@resonancenet/wallet/contacts';
import type { AddressParams } from '@resonancenet/primitives/address';
import type { Destination } from '@resonancenet/primitives/destination';
import type { LoadedWallet } from '../wallet/loaded-wallet.ts';
import type { WalletNetwork } from '../wallet/wallet-network.ts';
import { problemError } from './wallet-call.ts';
import { amountParam } from './amounts.ts';
import { destinationOf, hashParam, u32Param } from './parameters.ts';
import { RPC_ERROR, RpcError } from './rpc-method.ts';

const addressParam = z.string().min(1).max(128);
const targetParam = z.number().int().min(1).max(1008);

/** `options` of everything that pays. */
export interface PaymentOptions {
  readonly account?: number | undefined;
  /** Resonances per 1,000 bytes. */
  readonly fee_rate?: FeeRate | undefined;
  /** Blocks. */
  readonly conf_target?: number | undefined;
  /** Exactly this much, resonances. */
  readonly fee?: bigint | undefined;
  readonly max_fee?: bigint | undefined;
  /** Exactly these coins. */
  readonly inputs?: readonly { readonly txid: string; readonly vout: number }[] | undefined;
  /** Own change that is in no block yet may be spent. */
  readonly unconfirmed?: boolean | undefined;
  /** Whether to add a sign of life; true if it is not given. */
  readonly heartbeat?: boolean | undefined;
  /** The caller's name for the payment: it is paid once, however often it is asked for. */
  readonly reference?: string | undefined;
}

const inputsParam = z
  .array(z.object({ txid: hashParam, vout: u32Param }))
  .min(1)
  .max(10_000);

export const paymentOptions: z.ZodType<PaymentOptions> = z
  .object({
    account: u32Param.optional(),
    fee_rate: amountParam.optional(),
    conf_target: targetParam.optional(),
    fee: amountParam.optional(),
    max_fee: amountParam.optional(),
    inputs: inputsParam.optional(),
    unconfirmed: z.boolean().optional(),
    heartbeat: z.boolean().optional(),
    reference: z
      .string()
      .regex(/^[\x21-\x7e]{1,64}$/, 'takes 1 to 64 visible characters of ASCII')
      .optional(),
  })
  .strict();

export const optionsText =
  'options: account, fee_rate (RNT per 1,000 bytes), or conf_target (blocks), or fee (RNT), max_fee (RNT, 0.1 if it is not given), inputs (list of txid, vout: exactly these), unconfirmed (own change too), heartbeat (false: no sign of life), reference (1 to 64 visible characters: a payment with it is made once, and asking again gives its txid)';

/** One address and amount or several: an object by address, or a list of objects with address and amount. */
export const outputsParam: z.ZodType<readonly { readonly address: string; readonly amount: bigint }[]> = z.union([
  z
    .array(z.object({ address: addressParam, amount: amountParam }).strict())
    .min(1)
    .max(1_000),
  z
    .record(addressParam, amountParam)
    .transform((pairs) => Object.entries(pairs).map(([address, paid]) => ({ address, amount: paid })))
    .refine((list) => list.length >= 1 && list.length <= 1_000, 'takes 1 to 1,000 addresses'),
]);

/** @throws RpcError */
export function paymentsOf(
  outputs: readonly { readonly address: string; readonly amount: bigint }[],
  wallet: LoadedWallet,
  { params }: WalletNetwork,
): Output[] {
  return outputs.map(({ address, amount: resonances }) => ({
    ...payeeOf(address, wallet, params),
    amount: amount(resonances),
  }));
}

/** Where an address, or with `@` in front a name of the wallet's address book, leads. @throws RpcError */
export function payeeOf(text: string, wallet: LoadedWallet, params: AddressParams): Destination {
  if (!text.startsWith('@')) return destinationOf(text, params);
  const found = findContact(wallet.store, text.slice(1));
  if (!found.ok) throw problemError(found);
  return destinationOf(found.address, params);
}

/** The wish with what the options say. @throws RpcError */
export function wishOf(
  payments: readonly Output[],
  options: PaymentOptions,
  network: WalletNetwork,
  sendAll: PaymentWish['sendAll'] = null,
): PaymentWish {
  return {
    payments,
    sendAll,
    fee: feeWish(options, network),
    coins: options.inputs?.map(({ txid, vout }) => ({ txid: fromHex(txid), index: vout })) ?? null,
    unconfirmed: options.unconfirmed ?? false,
    actions: [],
    heartbeat: options.heartbeat ?? true,
    maxFee: options.max_fee ?? DEFAULT_MAX_FEE,
  };
}

/** Of calls that begin no payment. @throws RpcError */
export function refuseReference({ reference }: PaymentOptions): void {
  if (reference !== undefined)
    throw new RpcError(RPC_ERROR.invalidParams, 'reference: sendtoaddress, send and sendall take one.');
}

/** The rate that the options ask for. @throws RpcError */
export function rateOf(options: PaymentOptions, network: WalletNetwork): FeeRate {
  if (options.fee !== undefined) throw new RpcError(RPC_ERROR.invalidParams, 'fee: give fee_rate or conf_target here.');
  return options.fee_rate ?? network.rateFor(options.conf_target);
}

function feeWish(options: PaymentOptions, network: WalletNetwork): FeeWish {
  const given = [options.fee, options.fee_rate, options.conf_target].filter((value) => value !== undefined);
  if (given.length > 1) throw new RpcError(RPC_ERROR.invalidParams, 'Give one of fee, fee_rate and conf_target.');
  if (options.fee !== undefined) return { kind: 'fixed', fee: options.fee };
  return { kind: 'rate', rate: rateOf(options, network) };
}
