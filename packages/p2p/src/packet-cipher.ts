// Encrypted packets after the handshake (P2P-4; the same layout as BOLT 8): an encrypted u16 length, then the encrypted content.
// Neither lengths nor contents are in the clear, and no packet is longer than 65,553 bytes on the wire.

import { ByteQueue } from './byte-queue.ts';
import type { CipherState } from './noise-cipher-state.ts';
import { hkdf2, MAX_NOISE_MESSAGE, type NoiseHash, TAG_LENGTH } from './noise-suite.ts';

const NOTHING: Uint8Array = new Uint8Array(0);

/** Bytes of an encrypted length: u16, big-endian as in BOLT 8, and its tag. */
export const LENGTH_PREFIX: number = 2 + TAG_LENGTH;

/** Longest content of one packet, so that content and tag are one Noise message. (BOLT 8 allows 65,535.) */
export const MAX_PACKET_CONTENT: number = MAX_NOISE_MESSAGE - TAG_LENGTH;

/** How the key of one direction changes: `rotate` runs whenever `every` more encryptions have been made. */
export interface KeyRotation {
  readonly every: bigint;
  rotate(cipher: CipherState): void;
}

/** Noise's own REKEY; the counter goes on (P2P-5). */
export function noiseRekey(every: bigint): KeyRotation {
  return { every, rotate: (cipher) => cipher.rekey() };
}

/** BOLT 8: after 1,000 encryptions `ck, k = HKDF(ck, k)` and the counter starts at 0. One value per direction. */
export function bolt8Rotation(hash: NoiseHash, chainingKey: Uint8Array, key: Uint8Array): KeyRotation {
  let current: readonly [Uint8Array, Uint8Array] = [chainingKey, key];
  return {
    every: 1000n,
    rotate(cipher) {
      current = hkdf2(hash, current[0], current[1]);
      cipher.setKey(current[1]);
    },
  };
}

function rotateIfDue(cipher: CipherState, rotation: KeyRotation): void {
  if (cipher.nonce % rotation.every === 0n) rotation.rotate(cipher);
}

export class PacketWriter {
  readonly #cipher: CipherState;
  readonly #rotation: KeyRotation;
  readonly #maxContent: number;

  constructor(cipher: CipherState, rotation: KeyRotation, maxContent: number = MAX_PACKET_CONTENT) {
    this.#cipher = cipher;
    this.#rotation = rotation;
    this.#maxContent = maxContent;
  }

  /** Encrypts bytes of any length into as many packets as they need. Throws `NonceExhaustedError`. */
  write(bytes: Uint8Array): Uint8Array {
    const packets = Math.ceil(bytes.length / this.#maxContent);
    const out = new Uint8Array(bytes.length + packets * (LENGTH_PREFIX + TAG_LENGTH));
    let offset = 0;
    for (let start = 0; start < bytes.length; start += this.#maxContent) {
      const content = bytes.subarray(start, start + this.#maxContent);
      out.set(this.#encrypt(Uint8Array.of(content.length >> 8, content.length & 0xff)), offset);
      out.set(this.#encrypt(content), offset + LENGTH_PREFIX);
      offset += LENGTH_PREFIX + content.length + TAG_LENGTH;
    }
    return out;
  }

  #encrypt(content: Uint8Array): Uint8Array {
    const sealed = this.#cipher.encrypt(NOTHING, content);
    rotateIfDue(this.#cipher, this.#rotation);
    return sealed;
  }
}

export type PacketRead =
  | { readonly ok: true; readonly content: Uint8Array }
  | { readonly ok: false; readonly code: 'packet-tag' | 'packet-length'; readonly detail: string };

export class PacketReader {
  readonly #cipher: CipherState;
  readonly #rotation: KeyRotation;
  readonly #queue = new ByteQueue();
  /** Content length of the packet whose prefix was read; null between packets. */
  #expected: number | null = null;
  readonly #maxContent: number;

  constructor(cipher: CipherState, rotation: KeyRotation, maxContent: number = MAX_PACKET_CONTENT) {
    this.#cipher = cipher;
    this.#rotation = rotation;
    this.#maxContent = maxContent;
  }

  push(bytes: Uint8Array): void {
    this.#queue.push(bytes);
  }

  /** The next packet's content, null if it is not all there yet. After a refusal the connection is of no further use. */
  next(): PacketRead | null {
    if (this.#expected === null) {
      const sealed = this.#queue.take(LENGTH_PREFIX);
      if (sealed === null) return null;
      const length = this.#decrypt(sealed);
      if (length === null)
        return {
          ok: false,
          code: 'packet-tag',
          detail: `the length of packet ${this.#position()} does not authenticate`,
        };
      this.#expected = ((length[0] ?? 0) << 8) | (length[1] ?? 0);
      if (this.#expected === 0 || this.#expected > this.#maxContent)
        return {
          ok: false,
          code: 'packet-length',
          detail: `a packet of ${this.#expected} bytes, 1 to ${this.#maxContent} are allowed`,
        };
    }
    const sealed = this.#queue.take(this.#expected + TAG_LENGTH);
    if (sealed === null) return null;
    this.#expected = null;
    const content = this.#decrypt(sealed);
    if (content === null)
      return {
        ok: false,
        code: 'packet-tag',
        detail: `the content of packet ${this.#position()} does not authenticate`,
      };
    return { ok: true, content };
  }

  #position(): bigint {
    return this.#cipher.nonce / 2n;
  }

  #decrypt(sealed: Uint8Array): Uint8Array | null {
    const content = this.#cipher.decrypt(NOTHING, sealed);
    if (content !== null) rotateIfDue(this.#cipher, this.#rotation);
    return content;
  }
}
