// X25519 by Node's OpenSSL; same functions and same results as x25519.ts.

import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import { assert } from '@resonancenet/bytes/assert';
import { X25519_LENGTH } from './x25519.ts';

export { X25519_LENGTH };

/** Public key of a 32-byte secret. */
export function publicKey(secret: Uint8Array): Uint8Array {
  return new Uint8Array(createPublicKey(privateKey(secret)).export({ format: 'raw-public' }));
}

/** Shared secret; null if the public key has the wrong length or small order (RFC 7748 section 6.1). */
export function sharedSecret(secret: Uint8Array, publicKey: Uint8Array): Uint8Array | null {
  const ours = privateKey(secret);
  if (publicKey.length !== X25519_LENGTH) return null;
  const theirs = createPublicKey({ key: publicKey, format: 'raw-public', asymmetricKeyType: 'x25519' });
  try {
    return new Uint8Array(diffieHellman({ privateKey: ours, publicKey: theirs }));
  } catch (error) {
    // OpenSSL refuses an all-zero result in this way; anything else is operational trouble.
    if (error instanceof Error && 'code' in error && error.code === 'ERR_OSSL_FAILED_DURING_DERIVATION') return null;
    throw error;
  }
}

function privateKey(secret: Uint8Array): KeyObject {
  assert(secret.length === X25519_LENGTH, `an X25519 secret has ${X25519_LENGTH} bytes, not ${secret.length}`);
  return createPrivateKey({ key: secret, format: 'raw-private', asymmetricKeyType: 'x25519' });
}
