// Suites for tests, wholly of the noble libraries: they need no native code, and Lightning's is of use only here so far.

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { NoiseCipher, NoiseDh, NoiseHash, NoiseSuite } from '../noise-suite.ts';

export const nobleSha256: NoiseHash = {
  name: 'SHA256',
  length: 32,
  hash: (data) => sha256(data),
  hmac: (key, data) => hmac(sha256, key, data),
};

/** Null where noble throws: it does so for a tag or a key that does not hold, and for nothing else that is passed here. */
function orNull(compute: () => Uint8Array): Uint8Array | null {
  try {
    return compute();
  } catch {
    return null;
  }
}

function chachaNonce(counter: bigint): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(4, counter, true);
  return nonce;
}

export const nobleChaChaPoly: NoiseCipher = {
  name: 'ChaChaPoly',
  encrypt: (key, nonce, associated, plaintext) =>
    chacha20poly1305(key, chachaNonce(nonce), associated).encrypt(plaintext),
  decrypt: (key, nonce, associated, ciphertext) =>
    orNull(() => chacha20poly1305(key, chachaNonce(nonce), associated).decrypt(ciphertext)),
};

const noble25519: NoiseDh = {
  name: '25519',
  publicKeyLength: 32,
  publicKey: (secret) => x25519.getPublicKey(secret),
  sharedSecret: (secret, publicKey) => orNull(() => x25519.getSharedSecret(secret, publicKey)),
};

/** BOLT 8: the shared secret is SHA-256 of the compressed point. */
const nobleSecp256k1: NoiseDh = {
  name: 'secp256k1',
  publicKeyLength: 33,
  publicKey: (secret) => secp256k1.getPublicKey(secret, true),
  sharedSecret: (secret, publicKey) => {
    const point = orNull(() => secp256k1.getSharedSecret(secret, publicKey, true));
    return point === null ? null : sha256(point);
  },
};

export const nobleSuite25519: NoiseSuite = { dh: noble25519, cipher: nobleChaChaPoly, hash: nobleSha256 };
export const nobleSuiteSecp256k1: NoiseSuite = { dh: nobleSecp256k1, cipher: nobleChaChaPoly, hash: nobleSha256 };
