// The suite of the peer transport, 25519 + ChaChaPoly + SHA256 (P2P-2), on the platform's own primitives where it has them.

import { Writer } from '@resonancenet/bytes/writer';
import { decrypt, encrypt } from '@resonancenet/crypto/aead';
import { publicKey, sharedSecret, X25519_LENGTH } from '@resonancenet/crypto/x25519';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { NoiseSuite } from './noise-suite.ts';

/** Nonce of ChaChaPoly in Noise section 12.3: 32 zero bits, then the counter as u64, little-endian. */
function chachaNonce(counter: bigint): Uint8Array {
  return new Writer(12).u32(0).u64(counter).finish();
}

export const transportSuite: NoiseSuite = {
  dh: { name: '25519', publicKeyLength: X25519_LENGTH, publicKey, sharedSecret },
  cipher: {
    name: 'ChaChaPoly',
    encrypt: (key, nonce, associated, plaintext) => encrypt(key, chachaNonce(nonce), associated, plaintext),
    decrypt: (key, nonce, associated, ciphertext) => decrypt(key, chachaNonce(nonce), associated, ciphertext),
  },
  hash: { name: 'SHA256', length: 32, hash: (data) => sha256(data), hmac: (key, data) => hmac(sha256, key, data) },
};
