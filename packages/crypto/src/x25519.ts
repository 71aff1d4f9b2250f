// X25519 (RFC 7748; HASH-11) in portable JavaScript. Node takes x25519-node.ts.

import { assert } from '@resonancenet/bytes/assert';
import { x25519 } from '@noble/curves/ed25519.js';

/** Bytes of a secret, of a public key and of a shared secret. */
export const X25519_LENGTH = 32;

/** Public key of a 32-byte secret. */
export function publicKey(secret: Uint8Array): Uint8Array {
  assert(secret.length === X25519_LENGTH, `an X25519 secret has ${X25519_LENGTH} bytes, not ${secret.length}`);
  return x25519.getPublicKey(secret);
}

/**
 * Shared secret; null if the public key has the wrong length or small order, so that the result would be all zeros
 * whatever the secret (RFC 7748 section 6.1).
 */
export function sharedSecret(secret: Uint8Array, publicKey: Uint8Array): Uint8Array | null {
  assert(secret.length === X25519_LENGTH, `an X25519 secret has ${X25519_LENGTH} bytes, not ${secret.length}`);
  if (publicKey.length !== X25519_LENGTH || isSmallOrder(publicKey)) return null;
  return x25519.getSharedSecret(secret, publicKey);
}

const p = 2n ** 255n - 19n;

/** The u coordinates of order 1, 2, 4 and 8 on the curve and its twist: the scalar, a multiple of 8, sends just these to zero. */
const smallOrderU: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  p - 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
]);

function isSmallOrder(publicKey: Uint8Array): boolean {
  let u = 0n;
  for (let index = 31; index >= 0; index--)
    u = u * 256n + BigInt(index === 31 ? publicKey[31]! & 0x7f : publicKey[index]!);
  return smallOrderU.has(u % p);
}
