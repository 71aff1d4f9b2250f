// The secret half of a wallet: its master key and what each account needs of it (WAL-4, WAL-5).

import { publicKey } from '@resonancenet/crypto/ed25519';
import { BRANCH, type Branch, keyPath } from './derivation-path.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { KeyRange } from './key-window.ts';
import { childKey, descendantKey, type ExtendedKey, masterKey, wipeKey } from './slip10.ts';

/** The keys of one seed. Lives in a signer only; `wipe` ends it. */
export class WalletKeys {
  /** 4 bytes (WAL-6). */
  readonly fingerprint: Uint8Array;
  readonly #master: ExtendedKey;
  readonly #coinType: number;

  /** `seed`: 16 to 64 bytes, which stay the caller's. `coinType`: the network's. */
  constructor(seed: Uint8Array, coinType: number) {
    this.#master = masterKey(seed);
    this.#coinType = coinType;
    this.fingerprint = fingerprintOf(publicKey(this.#master.privateKey));
  }

  /** The keys of an account, below 2^31. */
  account(number: number): AccountKeys {
    const [purpose, coinType, account] = keyPath(this.#coinType, number, 'receive', 0);
    return new AccountKeys(number, descendantKey(this.#master, [purpose!, coinType!, account!]));
  }

  /** Overwrites the master key. Nothing may be derived afterwards. */
  wipe(): void {
    wipeKey(this.#master);
  }
}

/** The keys of one account. */
export class AccountKeys {
  /** Number of the account in its wallet. */
  readonly number: number;
  readonly #root: ExtendedKey;

  constructor(number: number, root: ExtendedKey) {
    this.number = number;
    this.#root = root;
  }

  /** The Ed25519 seed of a key, 32 bytes: overwrite it after use. */
  privateKey(branch: Branch, index: number): Uint8Array {
    const { privateKey, chainCode } = descendantKey(this.#root, [BRANCH[branch], index]);
    chainCode.fill(0);
    return privateKey;
  }

  /** Public key, 32 bytes. */
  publicKey(branch: Branch, index: number): Uint8Array {
    return publicOf(this.privateKey(branch, index));
  }

  /** Public keys of `count` successive indexes. About 0.1 ms each. */
  publicKeys(branch: Branch, first: number, count: number): KeyRange {
    const parent = descendantKey(this.#root, [BRANCH[branch]]);
    const publicKeys = Array.from({ length: count }, (_, index) => {
      const child = childKey(parent, first + index);
      child.chainCode.fill(0);
      return publicOf(child.privateKey);
    });
    wipeKey(parent);
    return { first, publicKeys };
  }

  /** The key whose signature is a sign of life: there is one. */
  livenessKey(): Uint8Array {
    return this.publicKey('liveness', 0);
  }

  /** Overwrites the account's root key. Nothing may be derived afterwards. */
  wipe(): void {
    wipeKey(this.#root);
  }
}

function publicOf(privateKey: Uint8Array): Uint8Array {
  const key = publicKey(privateKey);
  privateKey.fill(0);
  return key;
}
