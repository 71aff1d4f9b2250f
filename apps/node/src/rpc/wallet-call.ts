// What methods about a wallet have in common: which wallet is meant, that it knows the chain's tip, and its refusals as errors.

import { StorageError } from '@resonancenet/storage/storage-error';
import type { WalletAccount } from '@resonancenet/wallet/wallet-account';
import { explainWalletProblem, type WalletProblem } from '@resonancenet/wallet/wallet-problem';
import type { z } from 'zod';
import type { LoadedWallet } from '../wallet/loaded-wallet.ts';
import { SignerClientError } from '@resonancenet/signer/signer-client';
import { WalletError, type WalletErrorCode } from '../wallet/wallet-error.ts';
import type { WalletService } from '../wallet/wallet-service.ts';
import type { LedgerApi } from './ledger-api.ts';
import { u32Param } from './parameters.ts';
import { RPC_ERROR, type RpcContext, RpcError, type RpcMethod, rpcMethod } from './rpc-method.ts';

/** What methods about wallets ask. */
export interface WalletApi {
  readonly wallets: WalletService;
  readonly ledger: LedgerApi;
}

/** A wallet that reads many blocks is answered for as far as it is. */
const LONGEST_WAIT_MS = 3_000;

const errorCodes: Readonly<Record<WalletErrorCode, number>> = {
  'bad-name': RPC_ERROR.outOfRange,
  'not-found': RPC_ERROR.walletNotFound,
  corrupt: RPC_ERROR.wallet,
  exists: RPC_ERROR.wallet,
  'other-network': RPC_ERROR.wallet,
  'already-loaded': RPC_ERROR.walletAlreadyLoaded,
  'not-loaded': RPC_ERROR.walletNotFound,
  'not-chosen': RPC_ERROR.walletNotSpecified,
  closed: RPC_ERROR.misc,
};

/** Number of an account of the wallet's. */
export const accountParam: z.ZodOptional<z.ZodNumber> = u32Param.optional();

/** A method that is about one wallet, which has read the chain up to its tip. */
export function walletMethod<Shape extends z.ZodRawShape>(
  { wallets }: WalletApi,
  method: Omit<RpcMethod<Shape>, 'handler'> & {
    readonly handler: (wallet: LoadedWallet, params: z.infer<z.ZodObject<Shape>>) => unknown;
  },
): RpcMethod {
  return rpcMethod<Shape>({
    ...method,
    handler: (params, context: RpcContext) =>
      withWalletErrors(async () => {
        const wallet = wallets.get(context.wallet);
        await caughtUp(wallet);
        return method.handler(wallet, params);
      }),
  });
}

/** Operational trouble becomes what the caller is told. */
export async function withWalletErrors<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WalletError) throw new RpcError(errorCodes[error.code], error.message);
    if (error instanceof StorageError) throw new RpcError(RPC_ERROR.wallet, error.message);
    if (error instanceof SignerClientError)
      throw new RpcError(error.code === 'locked' ? RPC_ERROR.unlockNeeded : RPC_ERROR.wallet, error.message);
    throw error;
  }
}

/** The account of this number; without one the wallet's first. @throws RpcError */
export function accountOf(wallet: LoadedWallet, number: number | undefined): WalletAccount {
  const account = number === undefined ? [...wallet.accounts.all][0]! : wallet.accounts.get(number);
  if (account !== null) return account;
  const numbers = [...wallet.accounts.all].map((one) => one.number).join(', ');
  throw new RpcError(RPC_ERROR.outOfRange, `Wallet '${wallet.name}' has no account ${number}; it has ${numbers}.`);
}

/** The accounts that are asked about: this one, or all. @throws RpcError */
export function accountsOf(wallet: LoadedWallet, number: number | undefined): WalletAccount[] {
  return number === undefined ? [...wallet.accounts.all] : [accountOf(wallet, number)];
}

/** A refusal of the wallet's as an error. */
export function problemError(problem: WalletProblem): RpcError {
  const code = problem.code === 'insufficient-funds' ? RPC_ERROR.insufficientFunds : RPC_ERROR.wallet;
  return new RpcError(code, `${problem.code}: ${explainWalletProblem(problem)}`);
}

async function caughtUp({ sync }: LoadedWallet): Promise<void> {
  if (sync.progress !== null) return;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LONGEST_WAIT_MS);
  });
  await Promise.race([sync.caughtUp(), late]);
  if (timer !== null) clearTimeout(timer);
}
