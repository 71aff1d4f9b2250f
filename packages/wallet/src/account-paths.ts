// Which keys of which wallet the keys of an account are (WAL-4).

import { keyPath } from '@resonancenet/keys/derivation-path';
import type { KeyOrigin } from './rntp.ts';
import type { AddressPlace, WalletAccount } from './wallet-account.ts';

export function addressOrigin(coinType: number, { account, branch, index, publicKey }: AddressPlace): KeyOrigin {
  return { publicKey, fingerprint: account.fingerprint, path: keyPath(coinType, account.number, branch, index) };
}

export function livenessOrigin(coinType: number, { number, fingerprint, terms }: WalletAccount): KeyOrigin {
  return { publicKey: terms.livenessKey, fingerprint, path: keyPath(coinType, number, 'liveness', 0) };
}
