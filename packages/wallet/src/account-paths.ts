// Where the keys of an account stand under its wallet's master key (WAL-20): m/44'/coin type'/account'/branch'/index', all hardened.

import { type AddressBranch, branchNumber } from './address-branch.ts';
import type { KeyOrigin } from './rntp.ts';
import type { AddressPlace, WalletAccount } from './wallet-account.ts';

const PURPOSE = 44;

/** Branch of the one key that signs heartbeats. */
const LIVENESS_BRANCH = 2;

/** Indices of the path without their hardened bit. */
export function keyPath(coinType: number, account: number, branch: AddressBranch, index: number): readonly number[] {
  return [PURPOSE, coinType, account, branchNumber(branch), index];
}

export function addressOrigin(coinType: number, { account, branch, index, publicKey }: AddressPlace): KeyOrigin {
  return { publicKey, fingerprint: account.fingerprint, path: keyPath(coinType, account.number, branch, index) };
}

export function livenessOrigin(coinType: number, { number, fingerprint, terms }: WalletAccount): KeyOrigin {
  return { publicKey: terms.livenessKey, fingerprint, path: [PURPOSE, coinType, number, LIVENESS_BRANCH, 0] };
}
