// What sealed files are made with, by Node's OpenSSL; same functions and same results as sealing-primitives.ts.

import { argon2Sync, createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { concatBytes } from '@resonancenet/bytes/compare';
import {
  CIPHER_BLOCK_LENGTH,
  CIPHER_IV_LENGTH,
  CIPHER_KEY_LENGTH,
  checkDerivation,
  checkKeyAndIv,
  costProblem,
  KDF_MEMORY_MAX_KIB,
  KDF_MEMORY_MIN_KIB,
  KDF_OUTPUT_LENGTH,
  KDF_PASSES_MAX,
  KDF_SALT_LENGTH,
  type KdfCost,
  type KeyDerivation,
} from './sealing-primitives.ts';

export {
  CIPHER_BLOCK_LENGTH,
  CIPHER_IV_LENGTH,
  CIPHER_KEY_LENGTH,
  checkDerivation,
  checkKeyAndIv,
  costProblem,
  KDF_MEMORY_MAX_KIB,
  KDF_MEMORY_MIN_KIB,
  KDF_OUTPUT_LENGTH,
  KDF_PASSES_MAX,
  KDF_SALT_LENGTH,
  type KdfCost,
  type KeyDerivation,
};

const cipherName = 'aes-256-cbc';

/** Argon2id. At the least memory and three passes some tenths of a second. */
export const deriveKeys: KeyDerivation = (passphrase, salt, cost) => {
  checkDerivation(salt, cost);
  const output = argon2Sync('argon2id', {
    message: passphrase,
    nonce: salt,
    parallelism: 1,
    tagLength: KDF_OUTPUT_LENGTH,
    memory: cost.memoryKib,
    passes: cost.passes,
  });
  const keys = new Uint8Array(output);
  output.fill(0);
  return keys;
};

/** AES-256-CBC with padding of PKCS #7 (RFC 5652, section 6.3). */
export function encryptCbc(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
  checkKeyAndIv(key, iv);
  const cipher = createCipheriv(cipherName, key, iv);
  return concatBytes(cipher.update(plaintext), cipher.final());
}

/** The plaintext, or null if the ciphertext is no whole number of blocks or its padding is wrong. */
export function decryptCbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array | null {
  checkKeyAndIv(key, iv);
  if (ciphertext.length === 0 || ciphertext.length % CIPHER_BLOCK_LENGTH !== 0) return null;
  const decipher = createDecipheriv(cipherName, key, iv);
  const start = decipher.update(ciphertext);
  try {
    return concatBytes(start, decipher.final());
  } catch {
    // With lengths checked above, wrong padding is the only way in which `final` fails.
    return null;
  } finally {
    start.fill(0);
  }
}

/** HMAC-SHA-256 (RFC 2104), 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(message).digest());
}

/** SHA-256, 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(message).digest());
}
