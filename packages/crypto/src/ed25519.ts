// Ed25519 (RFC 8032) under one rule of verification everywhere, ZIP-215 (HASH-10), in portable JavaScript. Node takes ed25519-node.ts.

import { assert } from '@resonancenet/bytes/assert';
import { ed25519 } from '@noble/curves/ed25519.js';

/** Bytes of a seed (the secret key of RFC 8032). */
export const SEED_LENGTH = 32;
export const PUBLIC_KEY_LENGTH = 32;
export const SIGNATURE_LENGTH = 64;

/** Public key of a 32-byte seed. */
export function publicKey(seed: Uint8Array): Uint8Array {
  assert(seed.length === SEED_LENGTH, `an Ed25519 seed has ${SEED_LENGTH} bytes, not ${seed.length}`);
  return ed25519.getPublicKey(seed);
}

/** The deterministic signature of RFC 8032, 64 bytes. */
export function sign(message: Uint8Array, seed: Uint8Array): Uint8Array {
  assert(seed.length === SEED_LENGTH, `an Ed25519 seed has ${SEED_LENGTH} bytes, not ${seed.length}`);
  return ed25519.sign(message, seed);
}

/**
 * Whether ZIP-215 accepts: any encoding of points, S below the group order, cofactored equation (HASH-10).
 * Never throws: wrong lengths are false.
 */
export function verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_LENGTH || publicKey.length !== PUBLIC_KEY_LENGTH) return false;
  return ed25519.verify(signature, message, publicKey, { zip215: true });
}

/**
 * What signatures by a key can mean under HASH-10. `none`: its bytes are no point, so that no signature is ever valid. `anyone`: it has small order,
 * so that everybody can make valid signatures of everything. `holder`: neither.
 */
export type Signers = 'none' | 'anyone' | 'holder';

/** Whose signatures by this key are valid. About 0.2 ms. */
export function signersOf(publicKey: Uint8Array): Signers {
  assert(
    publicKey.length === PUBLIC_KEY_LENGTH,
    `an Ed25519 key has ${PUBLIC_KEY_LENGTH} bytes, not ${publicKey.length}`,
  );
  try {
    return ed25519.Point.fromBytes(publicKey, true).isSmallOrder() ? 'anyone' : 'holder';
  } catch {
    // It has 32 bytes: all that can be wrong is that they are no point.
    return 'none';
  }
}
