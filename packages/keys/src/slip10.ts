// SLIP-10 for Ed25519 (WAL-3): keys as a tree from one seed, hardened steps only. A child is an HMAC of its parent, so that no public key leads to another.

import { assert } from '@resonancenet/bytes/assert';
import { bigEndian } from '@resonancenet/bytes/big-endian';
import { concatBytes } from '@resonancenet/bytes/compare';
import { utf8 } from '@resonancenet/bytes/utf8';
import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { type DerivationPath, HARDENED_LIMIT } from './derivation-path.ts';

/** A node of the tree. Both parts are secret. */
export interface ExtendedKey {
  /** Ed25519 seed (RFC 8032), 32 bytes. */
  readonly privateKey: Uint8Array;
  /** 32 bytes. */
  readonly chainCode: Uint8Array;
}

const masterSecret = utf8('ed25519 seed');
const KEY_LENGTH = 32;

/** The root of the tree of a seed of 16 to 64 bytes. */
export function masterKey(seed: Uint8Array): ExtendedKey {
  assert(seed.length >= 16 && seed.length <= 64, `a seed has 16 to 64 bytes, not ${seed.length}`);
  return split(hmac(sha512, masterSecret, seed));
}

/** The hardened child of this index, below 2^31. */
export function childKey(parent: ExtendedKey, index: number): ExtendedKey {
  assert(Number.isInteger(index) && index >= 0 && index < HARDENED_LIMIT, `${index} is no index of a hardened child`);
  const data = concatBytes(Uint8Array.of(0), parent.privateKey, bigEndian(index + HARDENED_LIMIT));
  const child = split(hmac(sha512, parent.chainCode, data));
  data.fill(0);
  return child;
}

/** The descendant that a path leads to; of an empty path a copy. */
export function descendantKey(from: ExtendedKey, path: DerivationPath): ExtendedKey {
  let key: ExtendedKey = { privateKey: from.privateKey.slice(), chainCode: from.chainCode.slice() };
  for (const index of path) {
    const child = childKey(key, index);
    wipeKey(key);
    key = child;
  }
  return key;
}

/** Overwrites both parts with zeros. */
export function wipeKey(key: ExtendedKey): void {
  key.privateKey.fill(0);
  key.chainCode.fill(0);
}

function split(digest: Uint8Array): ExtendedKey {
  const key = { privateKey: digest.slice(0, KEY_LENGTH), chainCode: digest.slice(KEY_LENGTH) };
  digest.fill(0);
  return key;
}
