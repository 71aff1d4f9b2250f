// ChaCha20-Poly1305 (RFC 8439; HASH-11) in portable JavaScript. Node takes aead-node.ts.

import { assert } from '@resonancenet/bytes/assert';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';

export const AEAD_KEY_LENGTH = 32;
export const AEAD_NONCE_LENGTH = 12;
/** Bytes that sealing adds at the end. */
export const AEAD_TAG_LENGTH = 16;

/** Ciphertext followed by the 16-byte tag. A nonce must never be used twice under one key. */
export function encrypt(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Uint8Array {
  checkKeyAndNonce(key, nonce);
  return chacha20poly1305(key, nonce, associated).encrypt(plaintext);
}

/** Plaintext; null if the tag does not fit or is missing. */
export function decrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array | null {
  checkKeyAndNonce(key, nonce);
  if (ciphertext.length < AEAD_TAG_LENGTH) return null;
  try {
    return chacha20poly1305(key, nonce, associated).decrypt(ciphertext);
  } catch {
    // With lengths checked above, a wrong tag is the only way in which decryption fails.
    return null;
  }
}

/** Asserts the lengths of key and nonce. */
export function checkKeyAndNonce(key: Uint8Array, nonce: Uint8Array): void {
  assert(key.length === AEAD_KEY_LENGTH, `a key has ${AEAD_KEY_LENGTH} bytes, not ${key.length}`);
  assert(nonce.length === AEAD_NONCE_LENGTH, `a nonce has ${AEAD_NONCE_LENGTH} bytes, not ${nonce.length}`);
}
