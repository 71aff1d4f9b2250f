// Ed25519 with Node's OpenSSL where its answer is final; same functions and same results as ed25519.ts (HASH-10).

import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signNative,
  verify as verifyNative,
} from 'node:crypto';
import { assert } from '@resonancenet/bytes/assert';
import {
  PUBLIC_KEY_LENGTH,
  SEED_LENGTH,
  SIGNATURE_LENGTH,
  type Signers,
  signersOf,
  verify as verifyPortable,
} from './ed25519.ts';

export { PUBLIC_KEY_LENGTH, SEED_LENGTH, SIGNATURE_LENGTH, type Signers, signersOf };

/** Public key of a 32-byte seed. */
export function publicKey(seed: Uint8Array): Uint8Array {
  return new Uint8Array(createPublicKey(privateKey(seed)).export({ format: 'raw-public' }));
}

/** The deterministic signature of RFC 8032, 64 bytes. */
export function sign(message: Uint8Array, seed: Uint8Array): Uint8Array {
  return new Uint8Array(signNative(null, message, privateKey(seed)));
}

/**
 * Whether ZIP-215 accepts. OpenSSL checks the stricter equation without cofactor on canonical encodings: what it accepts,
 * ZIP-215 accepts. Its refusals say nothing and are decided by the portable code, at about a tenth of the speed.
 */
export function verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_LENGTH || publicKey.length !== PUBLIC_KEY_LENGTH) return false;
  return verifyStrict(signature, message, publicKey) || verifyPortable(signature, message, publicKey);
}

/**
 * Whether OpenSSL accepts: the strict sense, in which signatures are relayed. Importing a raw key costs about a fiftieth of the check, so that
 * keys need not be kept.
 */
export function verifyStrict(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: publicKey, format: 'raw-public', asymmetricKeyType: 'ed25519' });
    return verifyNative(null, message, key, signature);
  } catch {
    // Whether a build of OpenSSL returns false or throws on an odd key must not matter: both mean "ask the portable code".
    return false;
  }
}

function privateKey(seed: Uint8Array): KeyObject {
  assert(seed.length === SEED_LENGTH, `an Ed25519 seed has ${SEED_LENGTH} bytes, not ${seed.length}`);
  return createPrivateKey({ key: seed, format: 'raw-private', asymmetricKeyType: 'ed25519' });
}
