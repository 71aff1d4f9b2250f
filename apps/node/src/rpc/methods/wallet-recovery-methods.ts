// Recovery in use: how accounts stand, signs of life, and what heirs and guardians do with an account that they watch.

import { fromHex } from '@resonancenet/bytes/hex';
import { keyPath } from '@resonancenet/keys/derivation-path';
import { decodeKeyText } from '@resonancenet/keys/key-text';
import type { KeyOrigin } from '@resonancenet/wallet/rntp';
import { announceRecovery } from '@resonancenet/wallet/recovery/announce-recovery';
import { claimAsGuardians } from '@resonancenet/wallet/recovery/claim-as-guardians';
import { claimAsHeir } from '@resonancenet/wallet/recovery/claim-as-heir';
import type { BuiltRecovery, RecoveryContext } from '@resonancenet/wallet/recovery/recovery-context';
import { encodeRntp } from '@resonancenet/wallet/rntp';
import type { WalletAccount } from '@resonancenet/wallet/wallet-account';
import { type WalletProblem, walletProblem } from '@resonancenet/wallet/wallet-problem';
import { z } from 'zod';
import { buildHeartbeat, statusOf } from '../../wallet/account-keeper.ts';
import type { LoadedWallet } from '../../wallet/loaded-wallet.ts';
import { sendPayment } from '../../wallet/send-payment.ts';
import { rnt } from '../amounts.ts';
import { describeFunded, describeSent, rntpText, sentText } from '../describe-payment.ts';
import { describeStatus, statusText } from '../describe-recovery.ts';
import { destinationOf, u32Param } from '../parameters.ts';
import { type PaymentOptions, paymentOptions, rateOf } from '../payment-options.ts';
import { RPC_ERROR, RpcError, type RpcMethod, rpcMethod } from '../rpc-method.ts';
import {
  accountOf,
  accountParam,
  accountsOf,
  problemError,
  type WalletApi,
  walletMethod,
  withWalletErrors,
} from '../wallet-call.ts';

type Json = Readonly<Record<string, unknown>>;

const addressParam = z.string().min(1).max(128);
const nameParam = z.string().min(1).max(80);

/** A key of another wallet: its text, the wallet's fingerprint, and where it is there. */
const originParam = z
  .object({
    key: z.string().min(1).max(128),
    fingerprint: z.string().regex(/^[0-9a-f]{8}$/, 'must be the eight hex digits of a wallet'),
    account: u32Param.optional(),
    index: u32Param.optional(),
  })
  .strict();

type Origin = z.infer<typeof originParam>;

/** Signers name their places only where they would not find them themselves (WAL-57). */
const originsParam = z.array(originParam).max(16).optional();

const originText =
  'key (as rnt wallet show-key gives it), fingerprint (of its wallet), account and index (0 if they are not given); left out where it is one of the first 100 keys of its wallet, which finds it';

export function walletRecoveryMethods(api: WalletApi): RpcMethod[] {
  return [statusMethod(api), ...signMethods(api), watchMethod(api), announceMethod(api), claimMethod(api)];
}

function statusMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'recoverystatus',
    summary:
      'How the accounts of a wallet stand: since when idle, who can do what at which height, and whether the wallet keeps them alive.',
    params: z.object({ account: accountParam }),
    result: statusText,
    example: [],
    handler: async (wallet, { account }) => {
      const { isUnlocked } = await wallet.signer.status();
      return accountsOf(wallet, account).map((one) => describeStatus(wallet, one, isUnlocked, api.wallets));
    },
  });
}

function signMethods(api: WalletApi): RpcMethod[] {
  const params = z.object({ account: accountParam, options: paymentOptions.optional() });
  return [
    walletMethod(api, {
      name: 'heartbeat',
      summary: 'Sends a sign of life for an account now; the wallet does so by itself in time while it is unlocked.',
      params,
      result: sentText,
      example: [],
      handler: (wallet, { account, options = {} }) => signOfLife(wallet, accountOf(wallet, account), options, api),
    }),
    walletMethod(api, {
      name: 'cancelrecovery',
      summary: 'The owner says no to a recovery that guardians have announced.',
      params,
      result: sentText,
      example: [],
      handler: (wallet, { account: number, options = {} }) => {
        const account = accountOf(wallet, number);
        const { announcement } = api.wallets.network.policy(account.policyId);
        if (announcement === null) throw problemError(walletProblem('no-announcement', {}));
        return signOfLife(wallet, account, options, api);
      },
    }),
  ];
}

async function signOfLife(
  wallet: LoadedWallet,
  account: WalletAccount,
  options: PaymentOptions,
  { wallets }: WalletApi,
): Promise<Json> {
  if (wallet.signer.isWatchOnly === true) {
    const message = `Wallet '${wallet.name}' only watches: a sign of life needs its keys. Where they are, sign a payment of it (rnt wallet rntp create): it carries one.`;
    throw new RpcError(RPC_ERROR.wallet, message);
  }
  const rate = rateOf(options, wallets.network);
  const build = (): ReturnType<typeof buildHeartbeat> => buildHeartbeat(wallet, account, rate, wallets.network);
  return describeSent(await sendPayment(wallet, wallets.pool, wallets.unixMs(), build));
}

function watchMethod({ wallets }: WalletApi): RpcMethod {
  return rpcMethod({
    name: 'watchaccount',
    summary:
      'Makes a wallet without secrets that watches accounts by their key windows: one\u2019s own of another machine, or somebody else\u2019s as heir or guardian. One that there is gets further keys and accounts.',
    params: z.object({ name: nameParam, windows: z.string().min(1).max(4_000_000), birthheight: u32Param.optional() }),
    result: 'name, fingerprint, accounts (numbers), keys (account, receive, change: how many are known)',
    example: ['annas', '<base64 of the file that rnt wallet kit --window-out wrote>'],
    handler: ({ name, windows, birthheight = 0 }) =>
      withWalletErrors(async () => {
        const bytes = new Uint8Array(Buffer.from(windows, 'base64'));
        const wallet = await wallets.watch(name, bytes, birthheight);
        return {
          name,
          fingerprint: wallet.fingerprint,
          accounts: wallet.accounts.all.map(({ number }) => number),
          keys: wallet.accounts.all.map((account) => ({
            account: account.number,
            receive: account.windowEnd('receive'),
            change: account.windowEnd('change'),
          })),
        };
      }),
  });
}

function announceMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'announcerecovery',
    summary:
      'Guardians of an account that this wallet watches say where its coins shall go. Each signs a copy; joined and sent, it starts the waiting time.',
    params: z.object({
      destination: addressParam,
      payer: nameParam,
      guardians: originsParam,
      account: accountParam,
      options: paymentOptions.optional(),
    }),
    result: `rntp, fee, bytes, bonds (RNT that an announcement beyond the first locks), change. payer: a loaded wallet that pays the fee. guardians: list of ${originText}`,
    example: ['<address>', 'main'],
    handler: (wallet, { destination, payer: name, guardians = [], account: number, options = {} }) => {
      const { network } = api.wallets;
      const account = accountOf(wallet, number);
      const { terms } = account;
      if (terms.type !== 'social')
        throw problemError(walletProblem('wrong-policy', { expected: 'social', found: terms.type }));
      const payer = api.wallets.get(name);
      const built = announceRecovery(
        accountOf(payer, options.account),
        terms,
        destinationOf(destination, network.params),
        guardians.map((one) => originOf(one, 'guardian', api)),
        network.policy(account.policyId),
        rateOf(options, network),
        network.context(payer.store),
      );
      if (!built.ok) throw problemError(built);
      return describeFunded(built);
    },
  });
}

function claimMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'claimrecovery',
    summary:
      'Takes the coins of an account that this wallet watches: by its heir to an address, or by its guardians to what they announced. Refused with the height at which it opens if it is too early.',
    params: z.object({
      destination: addressParam.optional(),
      account: accountParam,
      signers: originsParam,
      options: paymentOptions.optional(),
    }),
    result: `rntp, fee, bytes, amount (RNT that arrive), left (coins for a further one), later (amount and opens of what opens later). signers: list of ${originText}`,
    example: ['<address>'],
    handler: (wallet, { signers = [], destination, account: number, options = {} }) => {
      const built = claim(wallet, accountOf(wallet, number), signers, destination, options, api);
      if (!built.ok) throw problemError(built);
      return describeRecovery(built);
    },
  });
}

function claim(
  wallet: LoadedWallet,
  account: WalletAccount,
  signers: readonly Origin[],
  destination: string | undefined,
  options: PaymentOptions,
  api: WalletApi,
): BuiltRecovery | WalletProblem {
  const { network } = api.wallets;
  const context: RecoveryContext = {
    view: wallet.store,
    params: network.params,
    genesisId: network.genesisId,
    record: network.policy(account.policyId),
    rate: rateOf(options, network),
  };
  switch (account.terms.type) {
    case 'social': {
      if (destination !== undefined)
        throw new RpcError(RPC_ERROR.invalidParams, 'destination: guardians go where they announced; leave it away.');
      const guardians = signers.map((one) => originOf(one, 'guardian', api));
      return claimAsGuardians(account, guardians, context);
    }
    case 'heartbeat': {
      if (destination === undefined)
        throw new RpcError(RPC_ERROR.invalidParams, 'destination: an heir says where the coins shall go (--to).');
      const origins = signers.slice(0, 1).map((one) => originOf(one, 'recovery', api));
      const heirKey = origins[0]?.publicKey ?? heirOf(wallet, account);
      return claimAsHeir(account, heirKey, origins, destinationOf(destination, network.params), context);
    }
    case 'emissionReturn': {
      const { deadlines, next } = statusOf(wallet, account, network);
      return walletProblem('owner-only', { returns: deadlines[0]?.height ?? null, next });
    }
  }
}

/** Whom the key windows name. @throws RpcError */
function heirOf(wallet: LoadedWallet, { number }: WalletAccount): Uint8Array {
  const { recoveryKey } = wallet.policyOf(number);
  if (recoveryKey !== null) return recoveryKey;
  const message = 'signers: the key windows do not tell the heir\u2019s key: give the one that the owner was given.';
  throw new RpcError(RPC_ERROR.invalidParams, message);
}

function describeRecovery({ rntp, fee, bytes, amount, left, later }: BuiltRecovery): Json {
  return {
    rntp: rntpText(encodeRntp(rntp)),
    fee: rnt(fee),
    bytes,
    amount: rnt(amount),
    left,
    later: later === null ? null : { amount: rnt(later.amount), opens: later.opens },
  };
}

/** @throws RpcError */
function originOf(
  { key, fingerprint, account = 0, index = 0 }: Origin,
  branch: 'guardian' | 'recovery',
  { wallets }: WalletApi,
): KeyOrigin {
  const { params } = wallets.network;
  const decoded = decodeKeyText(params.addressPrefix, key);
  if (!decoded.ok) throw new RpcError(RPC_ERROR.notFound, `Invalid key '${key}': ${decoded.detail}`);
  const path = keyPath(params.coinType, account, branch, index);
  return { publicKey: decoded.publicKey, fingerprint: fromHex(fingerprint), path };
}
