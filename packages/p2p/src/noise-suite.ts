// The parameters of a Noise protocol (Noise revision 34, sections 4 and 8): what a DH, a cipher and a hash must offer.
// Every use of Noise here (peer transport, Lightning's BOLT 8) is one value of these types; the machine itself names none.

export interface NoiseDh {
  /** Name in the protocol name, for example `25519`. */
  readonly name: string;
  readonly publicKeyLength: number;
  /** Public key of a 32-byte secret. */
  publicKey(secret: Uint8Array): Uint8Array;
  /** Shared secret, or null if the public key is no valid one (wrong encoding, point of small order). */
  sharedSecret(secret: Uint8Array, publicKey: Uint8Array): Uint8Array | null;
}

/** An AEAD with 32-byte keys and 16-byte tags. `nonce` is the u64 counter; the cipher decides how it is laid out. */
export interface NoiseCipher {
  readonly name: string;
  encrypt(key: Uint8Array, nonce: bigint, associated: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Plaintext, or null if the tag does not fit. */
  decrypt(key: Uint8Array, nonce: bigint, associated: Uint8Array, ciphertext: Uint8Array): Uint8Array | null;
}

export interface NoiseHash {
  readonly name: string;
  /** HASHLEN; must be 32 here, so that keys need no truncation. */
  readonly length: number;
  hash(data: Uint8Array): Uint8Array;
  hmac(key: Uint8Array, data: Uint8Array): Uint8Array;
}

export interface NoiseSuite {
  readonly dh: NoiseDh;
  readonly cipher: NoiseCipher;
  readonly hash: NoiseHash;
}

/** Bytes that an AEAD adds. */
export const TAG_LENGTH = 16;

/** Longest Noise message (section 3). */
export const MAX_NOISE_MESSAGE = 65535;

/** HKDF of section 4.3 with two outputs. */
export function hkdf2(hash: NoiseHash, chainingKey: Uint8Array, input: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const temporary = hash.hmac(chainingKey, input);
  const first = hash.hmac(temporary, Uint8Array.of(1));
  const block = new Uint8Array(first.length + 1);
  block.set(first);
  block[first.length] = 2;
  return [first, hash.hmac(temporary, block)];
}
