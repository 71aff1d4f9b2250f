// Addresses as people see them (BLK-20, BLK-21): bech32m of lock and policy, and Base58Check of a key's hash.

import { assert } from '@resonancenet/bytes/assert';
import { concatBytes } from '@resonancenet/bytes/compare';
import { decodeBase58Check, encodeBase58Check } from '@resonancenet/crypto/base58check';
import { bytesToWords, decodeBech32, encodeBech32, wordsToBytes } from '@resonancenet/crypto/bech32';
import { hashUntagged } from '@resonancenet/crypto/hash';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { Destination } from './destination.ts';
import { LOCK_ID_LENGTH, POLICY_ID_LENGTH } from './ids.ts';
import { base58PolicyId } from './policy.ts';

/** What of a network its addresses show. */
export type AddressParams = Pick<NetworkParams, 'addressPrefix' | 'base58Version' | 'recovery'>;

export type AddressProblem = 'bad-text' | 'other-network' | 'unknown-version' | 'wrong-length' | 'bad-padding';

export type AddressResult =
  | { readonly ok: true; readonly destination: Destination }
  | { readonly ok: false; readonly code: AddressProblem; readonly detail: string };

/** The version symbol of the addresses that this file knows. */
const ADDRESS_VERSION = 0;
const PAYLOAD_LENGTH = LOCK_ID_LENGTH + POLICY_ID_LENGTH;
const KEY_HASH_LENGTH = 20;

/** No address of any network is longer; the exact length follows from the payload's. */
const MAX_LENGTH = 120;

/** bech32m: 88 characters with a prefix of three, 89 with one of four. */
export function encodeAddress(prefix: string, destination: Destination): string {
  const payload = concatBytes(destination.lockId, destination.policyId);
  assert(payload.length === PAYLOAD_LENGTH, `an address holds ${PAYLOAD_LENGTH} bytes, not ${payload.length}`);
  const words = concatBytes(Uint8Array.of(ADDRESS_VERSION), bytesToWords(payload));
  return encodeBech32('bech32m', prefix, words);
}

/** What a bech32m address names. Whether anything may be paid there, `destinationProblem` says. */
export function decodeAddress(prefix: string, text: string): AddressResult {
  const decoded = decodeBech32('bech32m', text, MAX_LENGTH);
  if (!decoded.ok) return { ok: false, code: 'bad-text', detail: decoded.detail };
  if (decoded.prefix !== prefix) {
    const detail = `the address begins with ${decoded.prefix}; this network's begin with ${prefix}: use one of this network`;
    return { ok: false, code: 'other-network', detail };
  }
  const [version, ...rest] = decoded.words;
  if (version !== ADDRESS_VERSION) {
    const detail = `an address of version ${version ?? '(none)'}; this program knows ${ADDRESS_VERSION}: update it or ask for another`;
    return { ok: false, code: 'unknown-version', detail };
  }
  const payload = wordsToBytes(Uint8Array.from(rest));
  if (payload === null) {
    return { ok: false, code: 'bad-padding', detail: 'unused bits at the end are set; ask for the address again' };
  }
  if (payload.length !== PAYLOAD_LENGTH) {
    const detail = `an address holds ${PAYLOAD_LENGTH} bytes, this one ${payload.length}: copy the whole address`;
    return { ok: false, code: 'wrong-length', detail };
  }
  const destination = { lockId: payload.slice(0, LOCK_ID_LENGTH), policyId: payload.slice(LOCK_ID_LENGTH) };
  return { ok: true, destination };
}

/** First 20 bytes of the untagged hash of a public key. */
export function keyHash(publicKey: Uint8Array): Uint8Array {
  return hashUntagged(publicKey).slice(0, KEY_HASH_LENGTH);
}

/** Base58Check of the version and the key's hash: `R...` or `T...`. */
export function encodeBase58Address(version: number, keyHash: Uint8Array): string {
  assert(keyHash.length === KEY_HASH_LENGTH, `a key hash has ${KEY_HASH_LENGTH} bytes, not ${keyHash.length}`);
  return encodeBase58Check(concatBytes(Uint8Array.of(version), keyHash));
}

/** What a Base58Check address names: the key hash and four zero bytes, under the built-in Base58 policy. */
export function decodeBase58Address(network: AddressParams, text: string): AddressResult {
  const decoded = decodeBase58Check(text, 1 + KEY_HASH_LENGTH);
  if (!decoded.ok) return { ok: false, code: 'bad-text', detail: decoded.detail };
  const version = decoded.payload[0];
  if (version !== network.base58Version) {
    const detail = `an address of version ${version}; this network's have ${network.base58Version}: use one of this network`;
    return { ok: false, code: 'other-network', detail };
  }
  const lockId = concatBytes(decoded.payload.subarray(1), new Uint8Array(LOCK_ID_LENGTH - KEY_HASH_LENGTH));
  return { ok: true, destination: { lockId, policyId: base58PolicyId(network.recovery) } };
}

/** Longest text of 25 bytes in Base58. */
const BASE58_MAX_LENGTH = 35;

/** An address of either kind. Base58Check ones are shorter than all others and begin with a capital. */
export function parseAddress(network: AddressParams, text: string): AddressResult {
  const isBech32 = text.length > BASE58_MAX_LENGTH || text.startsWith(`${network.addressPrefix}1`);
  return isBech32 ? decodeAddress(network.addressPrefix, text) : decodeBase58Address(network, text);
}
