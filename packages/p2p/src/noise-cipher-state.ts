// CipherState (Noise revision 34, section 5.1): a key with a counter that never repeats.

import type { NoiseCipher } from './noise-suite.ts';

const MAX_NONCE = 0xffff_ffff_ffff_ffffn;
const NOTHING: Uint8Array = new Uint8Array(0);

/** The counter has reached its end: the connection must be closed (operational; 2^64 - 1 packets). */
export class NonceExhaustedError extends Error {
  readonly code = 'noise-nonce-exhausted';
  constructor() {
    super('noise-nonce-exhausted: 2^64 - 1 messages were sent under one key; close this connection and open another');
    this.name = 'NonceExhaustedError';
  }
}

export class CipherState {
  readonly #cipher: NoiseCipher;
  #key: Uint8Array | null;
  #nonce = 0n;

  constructor(cipher: NoiseCipher, key: Uint8Array | null) {
    this.#cipher = cipher;
    this.#key = key;
  }

  get hasKey(): boolean {
    return this.#key !== null;
  }

  /** Counter of the next message. */
  get nonce(): bigint {
    return this.#nonce;
  }

  /** SetNonce: only for tests and for protocols that state their counter; it must never go back under one key. */
  setNonce(nonce: bigint): void {
    this.#nonce = nonce;
  }

  /** Replaces the key and starts the counter at 0. */
  setKey(key: Uint8Array): void {
    this.#key = key;
    this.#nonce = 0n;
  }

  /** Ciphertext with its tag; without a key the plaintext itself. Throws `NonceExhaustedError`. */
  encrypt(associated: Uint8Array, plaintext: Uint8Array): Uint8Array {
    if (this.#key === null) return plaintext;
    if (this.#nonce === MAX_NONCE) throw new NonceExhaustedError();
    const sealed = this.#cipher.encrypt(this.#key, this.#nonce, associated, plaintext);
    this.#nonce += 1n;
    return sealed;
  }

  /** Plaintext, or null if the tag does not fit; the counter moves only on success. Throws `NonceExhaustedError`. */
  decrypt(associated: Uint8Array, ciphertext: Uint8Array): Uint8Array | null {
    if (this.#key === null) return ciphertext;
    if (this.#nonce === MAX_NONCE) throw new NonceExhaustedError();
    const plaintext = this.#cipher.decrypt(this.#key, this.#nonce, associated, ciphertext);
    if (plaintext !== null) this.#nonce += 1n;
    return plaintext;
  }

  /** REKEY of section 4.2: the key becomes the encryption of 32 zeros under the reserved counter; the counter goes on. */
  rekey(): void {
    if (this.#key === null) return;
    this.#key = this.#cipher.encrypt(this.#key, MAX_NONCE, NOTHING, new Uint8Array(32)).slice(0, 32);
  }
}
