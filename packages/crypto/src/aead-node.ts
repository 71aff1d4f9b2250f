// ChaCha20-Poly1305 by Node's OpenSSL; same functions and same results as aead.ts.

import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concatBytes } from '@resonancenet/bytes/compare';
import { AEAD_KEY_LENGTH, AEAD_NONCE_LENGTH, AEAD_TAG_LENGTH, checkKeyAndNonce } from './aead.ts';

export { AEAD_KEY_LENGTH, AEAD_NONCE_LENGTH, AEAD_TAG_LENGTH, checkKeyAndNonce };

const algorithm = 'chacha20-poly1305';
const options = { authTagLength: AEAD_TAG_LENGTH } as const;

/** Ciphertext followed by the 16-byte tag. A nonce must never be used twice under one key. */
export function encrypt(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Uint8Array {
  checkKeyAndNonce(key, nonce);
  const cipher = createCipheriv(algorithm, key, nonce, options);
  cipher.setAAD(associated, { plaintextLength: plaintext.length });
  return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

/** Plaintext; null if the tag does not fit or is missing. */
export function decrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array | null {
  checkKeyAndNonce(key, nonce);
  const length = ciphertext.length - AEAD_TAG_LENGTH;
  if (length < 0) return null;
  const decipher = createDecipheriv(algorithm, key, nonce, options);
  decipher.setAAD(associated, { plaintextLength: length });
  decipher.setAuthTag(ciphertext.subarray(length));
  const plaintext = decipher.update(ciphertext.subarray(0, length));
  try {
    decipher.final();
  } catch {
    // ChaCha20 has no padding: a wrong tag is the only way in which `final` fails.
    return null;
  }
  return new Uint8Array(plaintext);
}
