// Addresses of a wallet and what their owner calls them.

import { toHex } from '@resonancenet/bytes/hex';
import { encodeAddress, parseAddress } from '@resonancenet/primitives/address';
import { parsePolicyId } from '@resonancenet/primitives/policy';
import { labelKindOf } from '@resonancenet/wallet/label-kind';
import { LABEL_KINDS, type LabelKind, readLabel, setLabel, walkLabels } from '@resonancenet/wallet/labels';
import { nextIndex, takeNextAddress } from '@resonancenet/wallet/next-address';
import type { WalletAccount } from '@resonancenet/wallet/wallet-account';
import { readAccountState } from '@resonancenet/wallet/account-state';
import { addressAt } from '../describe-wallet.ts';
import { u32Param } from '../parameters.ts';
import { z } from 'zod';
import type { LoadedWallet } from '../../wallet/loaded-wallet.ts';
import { RPC_ERROR, RpcError, type RpcMethod } from '../rpc-method.ts';
import { accountOf, accountParam, accountsOf, problemError, type WalletApi, walletMethod } from '../wallet-call.ts';

type Json = Readonly<Record<string, unknown>>;

const labelParam = z.string().max(256);
const nameParam = z.string().min(1).max(128);

export function walletAddressMethods(api: WalletApi): RpcMethod[] {
  return [newAddressMethod(api), listMethod(api), addressInfoMethod(api), ...labelMethods(api)];
}

function newAddressMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'getnewaddress',
    summary:
      'An address that was never given out before, of the wallet\u2019s first account or of the one that is named.',
    params: z.object({ label: labelParam.optional(), account: accountParam }),
    result: 'address',
    example: ['rent from Anna'],
    handler: (wallet, { label, account: number }) => {
      const account = accountOf(wallet, number);
      return wallet.sync.change((view) => {
        const next = takeNextAddress(view, account, 'receive');
        if (!next.ok) throw problemError(next);
        const address = encodeAddress(api.ledger.params.addressPrefix, next.destination);
        const problem = setLabel(view, { kind: 'address', name: address, label: label ?? '' });
        if (problem !== null) throw problemError(problem);
        return address;
      });
    },
  });
}

/** Addresses in one answer. */
const MAX_LISTED = 1_000;

function listMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'listaddresses',
    summary: 'The addresses to receive that a wallet has given out, by account and index.',
    params: z.object({
      account: accountParam,
      skip: u32Param.optional(),
      count: z.number().int().min(1).max(MAX_LISTED).optional(),
    }),
    result: `list of account, index, address, paid (it, or one after it, was paid in a block), label; at most ${MAX_LISTED} from skip on`,
    example: [0],
    handler: (wallet, { account: number, skip = 0, count = MAX_LISTED }) =>
      accountsOf(wallet, number)
        .flatMap((account) => addressesOf(wallet, account, api.ledger.params.addressPrefix))
        .slice(skip, skip + count),
  });
}

function addressesOf(wallet: LoadedWallet, account: WalletAccount, prefix: string): Json[] {
  const { used } = readAccountState(wallet.store, account.number);
  const given = Math.min(nextIndex(wallet.store, account, 'receive'), account.windowEnd('receive'));
  return Array.from({ length: given }, (_, index) => {
    const address = addressAt(account, 'receive', index, prefix);
    const label = readLabel(wallet.store, 'address', address);
    const paid = index < used.receive;
    return { account: account.number, index, address, paid, ...(label === null ? {} : { label }) };
  });
}

function addressInfoMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'getaddressinfo',
    summary: 'What an address is, and whether it is the wallet\u2019s.',
    params: z.object({ address: nameParam }),
    result:
      'address, ismine, lockId, policyId, policyType, policyBlocks, labels; of the wallet\u2019s: account, ischange, index, pubkey',
    example: ['<address>'],
    handler: (wallet, { address }) => describeAddress(wallet, address, api),
  });
}

function describeAddress(wallet: LoadedWallet, text: string, { ledger }: WalletApi): Json {
  const parsed = parseAddress(ledger.params, text);
  if (!parsed.ok) throw new RpcError(RPC_ERROR.notFound, `Invalid address '${text}': ${parsed.detail}`);
  const { destination } = parsed;
  const policy = parsePolicyId(destination.policyId);
  const place = wallet.accounts.placeOf(destination);
  const address = encodeAddress(ledger.params.addressPrefix, destination);
  const labels = (['address', 'payee'] as const).map((kind) => readLabel(wallet.store, kind, address));
  return {
    address,
    ismine: place !== null,
    lockId: toHex(destination.lockId),
    policyId: toHex(destination.policyId),
    ...(policy === null ? {} : { policyType: policy.type, policyBlocks: policy.blocks }),
    labels: labels.filter((label) => label !== null),
    ...(place === null
      ? {}
      : {
          account: place.account.number,
          ischange: place.branch === 'change',
          index: place.index,
          pubkey: toHex(place.publicKey),
        }),
  };
}

function labelMethods(api: WalletApi): RpcMethod[] {
  const kinds = z.enum(LABEL_KINDS);
  return [
    walletMethod(api, {
      name: 'setlabel',
      summary:
        'Calls an address, a transaction (by its id) or somebody else\u2019s address something; an empty label takes it away.',
      params: z.object({ name: nameParam, label: labelParam, kind: kinds.optional() }),
      result: 'kind: address (of the wallet), payee (of others) or transaction',
      example: ['<address>', 'rent'],
      handler: (wallet, { name, label, kind: given }) => {
        const kind = given ?? kindOf(wallet, name, api);
        const problem = wallet.sync.change((view) => setLabel(view, { kind, name, label }));
        if (problem !== null) throw problemError(problem);
        return { kind };
      },
    }),
    walletMethod(api, {
      name: 'listlabels',
      summary: 'Everything that has a label, the address book (payee) among it.',
      params: z.object({ kind: kinds.optional() }),
      result: 'list of kind, name, label',
      example: ['payee'],
      handler: (wallet, { kind }) =>
        (kind === undefined ? LABEL_KINDS : [kind]).flatMap((one) => [...walkLabels(wallet.store, one)]),
    }),
  ];
}

/** @throws RpcError */
function kindOf(wallet: LoadedWallet, name: string, { ledger }: WalletApi): LabelKind {
  const result = labelKindOf(name, wallet.accounts, ledger.params);
  if (result.ok) return result.kind;
  throw new RpcError(RPC_ERROR.notFound, `'${name}' is no address and no id: ${result.detail}`);
}
