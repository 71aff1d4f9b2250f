// The Noise handshake machine (Noise Protocol Framework, revision 34), for any pattern of noise-pattern.ts and any suite of
// noise-suite.ts. Entropy is an argument: the caller makes the ephemeral secret, once per handshake.

import { assert } from '@resonancenet/bytes/assert';
import { concatBytes } from '@resonancenet/bytes/compare';
import { CipherState } from './noise-cipher-state.ts';
import type { NoisePattern, NoiseToken } from './noise-pattern.ts';
import { hkdf2, MAX_NOISE_MESSAGE, type NoiseSuite, TAG_LENGTH } from './noise-suite.ts';

export interface HandshakeOptions {
  readonly suite: NoiseSuite;
  readonly pattern: NoisePattern;
  readonly initiator: boolean;
  /** Bytes that both sides must agree on; they are hashed, never sent. */
  readonly prologue: Uint8Array;
  /** 32 bytes. */
  readonly staticSecret: Uint8Array;
  /** 32 fresh bytes for this handshake alone. */
  readonly ephemeralSecret: Uint8Array;
  /** Needed where the pattern has the remote static key as a pre-message. */
  readonly remoteStatic?: Uint8Array;
}

export type HandshakeFailure = 'handshake-length' | 'handshake-key' | 'handshake-tag';

export type HandshakeRead =
  | { readonly ok: true; readonly payload: Uint8Array }
  | { readonly ok: false; readonly code: HandshakeFailure; readonly detail: string };

/** What a finished handshake leaves. */
export interface HandshakeResult {
  readonly send: CipherState;
  readonly receive: CipherState;
  /** Binds both sides to this very handshake (section 11.2). */
  readonly handshakeHash: Uint8Array;
  /** The last chaining key: BOLT 8 derives its key rotation from it. */
  readonly chainingKey: Uint8Array;
  readonly remoteStatic: Uint8Array;
}

/** Name of the protocol as section 8 forms it, ASCII bytes. */
export function protocolName(pattern: NoisePattern, suite: NoiseSuite): Uint8Array {
  const name = `Noise_${pattern.name}_${suite.dh.name}_${suite.cipher.name}_${suite.hash.name}`;
  return Uint8Array.from(name, (character) => character.charCodeAt(0));
}

export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #cipher: CipherState;
  readonly #localStatic: Uint8Array;
  readonly #localEphemeral: Uint8Array;
  #remoteStatic: Uint8Array | null = null;
  #remoteEphemeral: Uint8Array | null = null;
  #chainingKey: Uint8Array;
  #hash: Uint8Array;
  #next = 0;
  #failed = false;

  constructor(options: HandshakeOptions) {
    const { suite, pattern, initiator } = options;
    assert(suite.hash.length === 32, 'noise: the hash must have 32 bytes');
    this.#options = options;
    this.#cipher = new CipherState(suite.cipher, null);
    this.#localStatic = suite.dh.publicKey(options.staticSecret);
    this.#localEphemeral = suite.dh.publicKey(options.ephemeralSecret);
    const name = protocolName(pattern, suite);
    if (name.length <= 32) {
      this.#hash = new Uint8Array(32);
      this.#hash.set(name);
    } else {
      this.#hash = suite.hash.hash(name);
    }
    this.#chainingKey = this.#hash;
    this.#mixHash(options.prologue);
    for (const side of ['initiator', 'responder'] as const) {
      if (!pattern.preMessages[side]) continue;
      const own = (side === 'initiator') === initiator;
      if (!own) {
        assert(options.remoteStatic !== undefined, `noise: ${pattern.name} needs the remote static key beforehand`);
        this.#remoteStatic = options.remoteStatic;
      }
      this.#mixHash(own ? this.#localStatic : this.#requireKey(this.#remoteStatic));
    }
  }

  get isComplete(): boolean {
    return this.#next === this.#options.pattern.messages.length;
  }

  /** Whether the next message is ours to write. */
  get isOurTurn(): boolean {
    return !this.isComplete && (this.#next % 2 === 0) === this.#options.initiator;
  }

  /** Length of the next message if its payload has `payloadLength` bytes. */
  nextLength(payloadLength: number): number {
    let length = 0;
    let keyed = this.#cipher.hasKey;
    for (const token of this.#options.pattern.messages[this.#next] ?? []) {
      if (token === 'e') length += this.#options.suite.dh.publicKeyLength;
      else if (token === 's') length += this.#options.suite.dh.publicKeyLength + (keyed ? TAG_LENGTH : 0);
      else keyed = true;
    }
    return length + payloadLength + (keyed ? TAG_LENGTH : 0);
  }

  /** Writes our next message. The payload is encrypted only as far as the pattern allows at this point (section 7.7). */
  write(payload: Uint8Array): Uint8Array {
    assert(this.isOurTurn && !this.#failed, 'noise: it is not our turn to write');
    const parts: Uint8Array[] = [];
    for (const token of this.#options.pattern.messages[this.#next] ?? []) {
      if (token === 'e') {
        parts.push(this.#localEphemeral);
        this.#mixHash(this.#localEphemeral);
      } else if (token === 's') {
        parts.push(this.#encryptAndHash(this.#localStatic));
      } else {
        const secret = this.#agree(token);
        // Before our turn every remote key was accepted by readKey(); a null here means that a static key given beforehand is bad.
        assert(secret !== null, 'noise: the remote static key given beforehand is not a valid public key');
        this.#mixKey(secret);
      }
    }
    parts.push(this.#encryptAndHash(payload));
    const message = concatBytes(...parts);
    assert(message.length <= MAX_NOISE_MESSAGE, 'noise: handshake payload too long');
    this.#next += 1;
    return message;
  }

  /** Reads the peer's next message; after a refusal the handshake is dead. */
  read(message: Uint8Array): HandshakeRead {
    assert(!this.isComplete && !this.isOurTurn && !this.#failed, 'noise: it is not our turn to read');
    const result = this.#readTokens(message);
    if (result.ok) this.#next += 1;
    else this.#failed = true;
    return result;
  }

  /** The transport keys (section 5.2, Split). */
  finish(): HandshakeResult {
    assert(this.isComplete && !this.#failed, 'noise: the handshake is not finished');
    const { suite, initiator } = this.#options;
    const [first, second] = hkdf2(suite.hash, this.#chainingKey, new Uint8Array(0));
    return {
      send: new CipherState(suite.cipher, initiator ? first : second),
      receive: new CipherState(suite.cipher, initiator ? second : first),
      handshakeHash: this.#hash,
      chainingKey: this.#chainingKey,
      remoteStatic: this.#requireKey(this.#remoteStatic),
    };
  }

  #readTokens(message: Uint8Array): HandshakeRead {
    const { dh } = this.#options.suite;
    const least = this.nextLength(0);
    if (message.length < least || message.length > MAX_NOISE_MESSAGE)
      return fail(
        'handshake-length',
        `message ${this.#next} has ${message.length} bytes, at least ${least} are needed`,
      );
    let offset = 0;
    const take = (length: number): Uint8Array => {
      offset += length;
      return message.slice(offset - length, offset);
    };
    for (const token of this.#options.pattern.messages[this.#next] ?? []) {
      if (token === 'e') {
        this.#remoteEphemeral = take(dh.publicKeyLength);
        this.#mixHash(this.#remoteEphemeral);
      } else if (token === 's') {
        const key = this.#decryptAndHash(take(dh.publicKeyLength + (this.#cipher.hasKey ? TAG_LENGTH : 0)));
        if (key === null) return fail('handshake-tag', `the static key of message ${this.#next} does not authenticate`);
        this.#remoteStatic = key;
      } else {
        const secret = this.#agree(token);
        if (secret === null) return fail('handshake-key', `message ${this.#next} has an invalid public key (${token})`);
        this.#mixKey(secret);
      }
    }
    const payload = this.#decryptAndHash(message.slice(offset));
    if (payload === null)
      return fail(
        'handshake-tag',
        `message ${this.#next} does not authenticate: other network, other version or tampering`,
      );
    return { ok: true, payload };
  }

  #agree(token: NoiseToken): Uint8Array | null {
    const { suite, initiator, staticSecret, ephemeralSecret } = this.#options;
    const local = initiator ? token[0] : token[1];
    const remote = initiator ? token[1] : token[0];
    const key = this.#requireKey(remote === 'e' ? this.#remoteEphemeral : this.#remoteStatic);
    return suite.dh.sharedSecret(local === 'e' ? ephemeralSecret : staticSecret, key);
  }

  #requireKey(key: Uint8Array | null): Uint8Array {
    assert(key !== null, 'noise: the pattern uses a key before it is known');
    return key;
  }

  #mixHash(data: Uint8Array): void {
    this.#hash = this.#options.suite.hash.hash(concatBytes(this.#hash, data));
  }

  #mixKey(input: Uint8Array): void {
    const [chainingKey, key] = hkdf2(this.#options.suite.hash, this.#chainingKey, input);
    this.#chainingKey = chainingKey;
    this.#cipher.setKey(key);
  }

  #encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.#cipher.encrypt(this.#hash, plaintext);
    this.#mixHash(ciphertext);
    return ciphertext;
  }

  #decryptAndHash(ciphertext: Uint8Array): Uint8Array | null {
    const plaintext = this.#cipher.decrypt(this.#hash, ciphertext);
    if (plaintext !== null) this.#mixHash(ciphertext);
    return plaintext;
  }
}

function fail(code: HandshakeFailure, detail: string): HandshakeRead {
  return { ok: false, code, detail };
}
