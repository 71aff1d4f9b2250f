// What a wallet is asked to sign, as a person checks it before (WAL-56).

import { toHex } from '@resonancenet/bytes/hex';
import { equalBytes } from '@resonancenet/bytes/compare';
import { policyOfTerms } from '@resonancenet/keys/account-policy';
import { printPath } from '@resonancenet/keys/derivation-path';
import { encodeKeyText } from '@resonancenet/keys/key-text';
import { printPolicyText } from '@resonancenet/keys/policy-text';
import type { PolicyId } from '@resonancenet/primitives/ids';
import { missingSignatures } from '@resonancenet/wallet/finalise-rntp';
import type { WalletAccounts } from '@resonancenet/wallet/wallet-accounts';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { askedKeys, type RecoveryRequest, recoveryRequests } from '@resonancenet/wallet/recovery/recovery-requests';
import type { Rntp } from '@resonancenet/wallet/rntp';
import { summarise } from '@resonancenet/wallet/sign-summary';
import type { LoadedWallet } from '../wallet/loaded-wallet.ts';
import type { WalletService } from '../wallet/wallet-service.ts';
import { rnt } from './amounts.ts';
import { addressOf } from './describe-transaction.ts';
import { policyTextOf } from './describe-wallet.ts';

type Json = Readonly<Record<string, unknown>>;

/** Whoever is asked to sign, and what it knows of others. */
export interface Reviewer {
  readonly name: string;
  /** Of the wallet, 4 bytes. */
  readonly fingerprint: Uint8Array;
  readonly accounts: WalletAccounts;
  readonly params: NetworkParams;
  /** Which account here the policy is of; `of` null: none. */
  knownAs(policyId: PolicyId): Json;
}

/** A wallet of the node. */
export function reviewerOf({ name, record, accounts }: LoadedWallet, wallets: WalletService): Reviewer {
  const { params } = wallets.network;
  return { name, fingerprint: record.fingerprint, accounts, params, knownAs: (id) => knownAs(id, wallets) };
}

export function describeReview(rntp: Rntp, reviewer: Reviewer): Json {
  const { name, fingerprint, accounts, params } = reviewer;
  const { outputs, spent, ownSpent, leaves, feeAndBonds } = summarise(
    rntp,
    (destination) => accounts.placeOf(destination) !== null,
  );
  return {
    wallet: name,
    fingerprint: toHex(fingerprint),
    spent: rnt(spent),
    ownSpent: rnt(ownSpent),
    leaves: rnt(leaves),
    outputs: outputs.map(({ destination, amount, own }) => ({
      address: addressOf(destination, params),
      amount: rnt(amount),
      own,
    })),
    feeAndBonds: rnt(feeAndBonds),
    recovery: recoveryRequests(rntp).map((request) => describeRequest(request, reviewer)),
    asks: askedKeys(rntp).map(({ publicKey, part, origin, hasSigned }) => ({
      key: encodeKeyText(params.addressPrefix, publicKey),
      part,
      fingerprint: origin === null ? null : toHex(origin.fingerprint),
      path: origin === null ? null : printPath(origin.path),
      own: origin === null ? null : equalBytes(origin.fingerprint, fingerprint),
      signed: hasSigned,
    })),
    complete: missingSignatures(rntp).length === 0,
  };
}

function describeRequest(request: RecoveryRequest, { params, ...reviewer }: Reviewer): Json {
  const { kind, policyId } = request;
  const common = { kind, policyId: toHex(policyId), ...reviewer.knownAs(policyId) };
  switch (kind) {
    case 'sign-of-life':
      return common;
    case 'announcement': {
      const { terms, destination } = request;
      return {
        ...common,
        policy: printPolicyText(policyOfTerms(terms, null)!, params.addressPrefix),
        destination: addressOf(destination, params),
        wait: terms.wait,
        required: terms.required,
        guardians: terms.guardians.length,
      };
    }
    case 'claim':
      return { ...common, by: request.by, coins: request.coins, amount: rnt(request.amount) };
  }
}

/** Wallet and account of this node that the policy is of. */
function knownAs(policyId: PolicyId, wallets: WalletService): Json {
  for (const name of wallets.names()) {
    const wallet = wallets.get(name);
    const account = wallet.accounts.ofPolicy(policyId);
    if (account === null) continue;
    const policy = policyTextOf(wallet, account, wallets.network.params.addressPrefix);
    return { of: { wallet: name, account: account.number }, policy };
  }
  return { of: null, policy: null };
}
