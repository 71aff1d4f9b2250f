// The search for the policies of a wallet that is restored from words alone. The keys are public; the words stay in the signer.

import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { watchedPolicyCodec } from '@resonancenet/keys/key-window';
import { type AccountCandidate, MAX_CANDIDATES, type RestoredAccount } from '@resonancenet/wallet/restore-accounts';
import { z } from 'zod';
import type { SearchState } from '../../wallet/account-finder.ts';
import { u32Param } from '../parameters.ts';
import { RPC_ERROR, RpcError, type RpcMethod, rpcMethod } from '../rpc-method.ts';
import { type WalletApi, withWalletErrors } from '../wallet-call.ts';

type Json = Readonly<Record<string, unknown>>;

const MAX_KEYS = 1_000;
const KEY_DIGITS = 64;

/** Keys one after the other. */
const keysParam = z
  .string()
  .regex(new RegExp(`^(?:[0-9a-f]{${KEY_DIGITS}})*$`), 'must be keys of 64 lower-case hex digits, one after the other')
  .max(MAX_KEYS * KEY_DIGITS);

const candidateParam = z
  .object({
    account: z.number().int().min(0).max(0x7fff_ffff),
    livenessKey: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'),
    receive: keysParam,
    change: keysParam,
  })
  .strict();

const searchParam = z.string().min(1).max(40);

const stateText =
  'phase (first, second, numbers, done), height, tipHeight, secondsLeft, blocked (why it cannot go on, or null), accounts (account, kind: found, needs-policy or nothing; of found ones policy: hex of WAL-12\u2019s fields from the type on, policyType)';

export function accountSearchMethods({ wallets }: WalletApi): RpcMethod[] {
  return [
    rpcMethod({
      name: 'searchaccounts',
      summary:
        'Looks through the chain for the policies of accounts whose keys are given: for a wallet that is restored from words alone. The same search goes on where it was.',
      params: z.object({
        fingerprint: z.string().regex(/^[0-9a-f]{8}$/, 'must be the eight hex digits of a wallet'),
        candidates: z.array(candidateParam).min(1).max(MAX_CANDIDATES),
        birthheight: u32Param.optional(),
      }),
      result: `search (its name), ${stateText}`,
      example: ['01234567', [{ account: 0, livenessKey: '<key>', receive: '<keys>', change: '<keys>' }]],
      handler: ({ fingerprint, candidates, birthheight = 0 }) => {
        if (new Set(candidates.map(({ account }) => account)).size < candidates.length)
          throw new RpcError(RPC_ERROR.invalidParams, 'candidates: an account is there twice.');
        const search = wallets.finder.start(
          candidates.map((one) => candidateOf(fingerprint, one)),
          birthheight,
        );
        return { search, ...describe(wallets.finder.state(search)) };
      },
    }),
    rpcMethod({
      name: 'getaccountsearch',
      summary: 'How far such a search is, and what it has found.',
      params: z.object({ search: searchParam }),
      result: stateText,
      example: ['<search>'],
      handler: ({ search }) => withWalletErrors(() => describe(wallets.finder.state(search))),
    }),
    rpcMethod({
      name: 'stopaccountsearch',
      summary: 'Ends such a search and forgets it.',
      params: z.object({ search: searchParam }),
      result: 'null',
      example: ['<search>'],
      handler: ({ search }) => withWalletErrors(() => wallets.finder.stop(search)),
    }),
  ];
}

function candidateOf(
  fingerprint: string,
  { account, livenessKey, receive, change }: z.infer<typeof candidateParam>,
): AccountCandidate {
  const keys = (digits: string): AccountCandidate['receive'] => {
    const count = digits.length / KEY_DIGITS;
    const at = (index: number): Uint8Array => fromHex(digits.slice(index * KEY_DIGITS, (index + 1) * KEY_DIGITS));
    return { first: 0, publicKeys: Array.from({ length: count }, (_, index) => at(index)) };
  };
  return {
    fingerprint: fromHex(fingerprint),
    account,
    livenessKey: fromHex(livenessKey),
    receive: keys(receive),
    change: keys(change),
  };
}

function describe({ accounts, ...state }: SearchState): Json {
  return { ...state, accounts: accounts.map(describeAccount) };
}

function describeAccount(found: RestoredAccount): Json {
  if (found.kind !== 'found') return { account: found.account, kind: found.kind };
  const { account, terms, siblingHash, recoveryKey } = found.window;
  const policy = toHex(encode(watchedPolicyCodec, { terms, siblingHash, recoveryKey }));
  return { account, kind: found.kind, policyType: terms.type, policy };
}
