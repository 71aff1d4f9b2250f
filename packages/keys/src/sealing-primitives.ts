// What sealed files are made with (WAL-13): Argon2id (RFC 9106), AES-256-CBC, HMAC-SHA-256, SHA-256, in portable JavaScript. Node takes
// sealing-primitives-node.ts.

import { assert } from '@resonancenet/bytes/assert';
import { cbc } from '@noble/ciphers/aes.js';
import { argon2id } from '@noble/hashes/argon2.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as sha256Portable } from '@noble/hashes/sha2.js';

/** What a guess at a passphrase costs. */
export interface KdfCost {
  /** KiB, 65,536 to 1,048,576. */
  readonly memoryKib: number;
  /** 1 to 10. */
  readonly passes: number;
}

export const KDF_MEMORY_MIN_KIB = 65_536;
export const KDF_MEMORY_MAX_KIB = 1_048_576;
export const KDF_PASSES_MAX = 10;
export const KDF_SALT_LENGTH = 16;
/** Three keys of 32 bytes. */
export const KDF_OUTPUT_LENGTH = 96;

export const CIPHER_KEY_LENGTH = 32;
export const CIPHER_IV_LENGTH = 16;
/** Ciphertexts are multiples of this, and longer than what they hold. */
export const CIPHER_BLOCK_LENGTH = 16;

/** 96 bytes of a passphrase (NFKD, UTF-8) and 16 bytes of salt: Argon2id, version 0x13, one lane. */
export type KeyDerivation = (passphrase: Uint8Array, salt: Uint8Array, cost: KdfCost) => Uint8Array;

/** Argon2id. At the least memory and three passes some seconds in JavaScript. */
export const deriveKeys: KeyDerivation = (passphrase, salt, cost) => {
  checkDerivation(salt, cost);
  return argon2id(passphrase, salt, {
    m: cost.memoryKib,
    t: cost.passes,
    p: 1,
    version: 0x13,
    dkLen: KDF_OUTPUT_LENGTH,
    // The bounds above are the limit; the library's own, 1 GiB in all, would refuse the greatest memory.
    maxmem: 2 * KDF_MEMORY_MAX_KIB * 1_024,
  });
};

/** AES-256-CBC with padding of PKCS #7 (RFC 5652, section 6.3). */
export function encryptCbc(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
  checkKeyAndIv(key, iv);
  return cbc(key, iv).encrypt(plaintext);
}

/** The plaintext, or null if the ciphertext is no whole number of blocks or its padding is wrong. */
export function decryptCbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array | null {
  checkKeyAndIv(key, iv);
  if (ciphertext.length === 0 || ciphertext.length % CIPHER_BLOCK_LENGTH !== 0) return null;
  try {
    return cbc(key, iv).decrypt(ciphertext);
  } catch {
    // With lengths checked above, wrong padding is the only way in which decryption fails.
    return null;
  }
}

/** HMAC-SHA-256 (RFC 2104), 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return hmac(sha256Portable, key, message);
}

/** SHA-256, 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  return sha256Portable(message);
}

/** Asserts the bounds: files with others are refused before this. */
export function checkDerivation(salt: Uint8Array, cost: KdfCost): void {
  assert(salt.length === KDF_SALT_LENGTH, `a salt has ${KDF_SALT_LENGTH} bytes, not ${salt.length}`);
  const problem = costProblem(cost);
  assert(problem === null, problem ?? '');
}

/** Why a cost is refused, or null. */
export function costProblem({ memoryKib, passes }: KdfCost): string | null {
  if (!Number.isInteger(memoryKib) || memoryKib < KDF_MEMORY_MIN_KIB || memoryKib > KDF_MEMORY_MAX_KIB) {
    return `Argon2 memory of ${memoryKib} KiB; allowed are ${KDF_MEMORY_MIN_KIB} to ${KDF_MEMORY_MAX_KIB}`;
  }
  return Number.isInteger(passes) && passes >= 1 && passes <= KDF_PASSES_MAX
    ? null
    : `${passes} passes of Argon2; allowed are 1 to ${KDF_PASSES_MAX}`;
}

/** Asserts the lengths of key and IV. */
export function checkKeyAndIv(key: Uint8Array, iv: Uint8Array): void {
  assert(key.length === CIPHER_KEY_LENGTH, `a key has ${CIPHER_KEY_LENGTH} bytes, not ${key.length}`);
  assert(iv.length === CIPHER_IV_LENGTH, `an IV has ${CIPHER_IV_LENGTH} bytes, not ${iv.length}`);
}
