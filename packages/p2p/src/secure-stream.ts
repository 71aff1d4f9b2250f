// One encrypted connection: the XX handshake without payloads, then packets (P2P-2 to P2P-6). Bytes in, plaintext and bytes out.

import { assert } from '@resonancenet/bytes/assert';
import { concatBytes } from '@resonancenet/bytes/compare';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { utf8 } from '@resonancenet/bytes/utf8';
import type { Hex32 } from '@resonancenet/chain/events';
import { ByteQueue } from './byte-queue.ts';
import type { CloseReason } from './close-code.ts';
import { Handshake } from './noise.ts';
import { XX } from './noise-pattern.ts';
import { noiseRekey, PacketReader, PacketWriter } from './packet-cipher.ts';
import { transportSuite } from './transport-suite.ts';

/** Version of handshake, packets and frames. It is in the prologue, so that other versions fail at once and cleanly (P2P-3). */
export const TRANSPORT_VERSION = 1;

/** Encryptions under one key (P2P-5). */
export const REKEY_EVERY = 1024n;

const NOTHING: Uint8Array = new Uint8Array(0);

/** What both sides hash before they begin: name, transport version, network (P2P-3). */
export function transportPrologue(network: Hex32): Uint8Array {
  return concatBytes(utf8('resonancenet-p2p'), Uint8Array.of(TRANSPORT_VERSION), fromHex(network));
}

export interface SecureStreamOptions {
  readonly initiator: boolean;
  /** NET-4. */
  readonly network: Hex32;
  /** The node's X25519 secret, 32 bytes. */
  readonly staticSecret: Uint8Array;
  /** 32 fresh random bytes for this connection alone. */
  readonly ephemeralSecret: Uint8Array;
}

export type StreamEvent =
  | { readonly type: 'send'; readonly bytes: Uint8Array }
  | { readonly type: 'established'; readonly remoteStatic: Hex32 }
  | { readonly type: 'content'; readonly bytes: Uint8Array }
  | { readonly type: 'failed'; readonly reason: CloseReason };

interface Keys {
  readonly writer: PacketWriter;
  readonly reader: PacketReader;
}

export class SecureStream {
  readonly #handshake: Handshake;
  readonly #queue = new ByteQueue();
  readonly #events: StreamEvent[] = [];
  #keys: Keys | null = null;
  #failed = false;

  constructor(options: SecureStreamOptions) {
    this.#handshake = new Handshake({
      suite: transportSuite,
      pattern: XX,
      initiator: options.initiator,
      prologue: transportPrologue(options.network),
      staticSecret: options.staticSecret,
      ephemeralSecret: options.ephemeralSecret,
    });
    this.#advanceHandshake();
  }

  push(bytes: Uint8Array): void {
    if (this.#keys === null) this.#queue.push(bytes);
    else this.#keys.reader.push(bytes);
  }

  /** What happens next; null until more bytes come. After `failed` the connection is of no further use. */
  next(): StreamEvent | null {
    if (this.#events.length === 0 && !this.#failed) {
      if (this.#keys === null) this.#advanceHandshake();
      else this.#readPacket(this.#keys.reader);
    }
    return this.#events.shift() ?? null;
  }

  /** Encrypts; only after `established`. */
  write(bytes: Uint8Array): Uint8Array {
    assert(this.#keys !== null, 'nothing is sent before the handshake is finished');
    return this.#keys.writer.write(bytes);
  }

  #advanceHandshake(): void {
    const handshake = this.#handshake;
    while (!handshake.isComplete) {
      if (handshake.isOurTurn) {
        this.#events.push({ type: 'send', bytes: handshake.write(NOTHING) });
        continue;
      }
      const message = this.#queue.take(handshake.nextLength(0));
      if (message === null) return;
      const read = handshake.read(message);
      if (!read.ok) {
        this.#fail({ code: read.code, detail: read.detail });
        return;
      }
    }
    const result = handshake.finish();
    const rotation = noiseRekey(REKEY_EVERY);
    this.#keys = {
      writer: new PacketWriter(result.send, rotation),
      reader: new PacketReader(result.receive, rotation),
    };
    const rest = this.#queue.take(this.#queue.length);
    if (rest !== null) this.#keys.reader.push(rest);
    this.#events.push({ type: 'established', remoteStatic: toHex(result.remoteStatic) });
  }

  #readPacket(reader: PacketReader): void {
    const read = reader.next();
    if (read === null) return;
    if (read.ok) this.#events.push({ type: 'content', bytes: read.content });
    else this.#fail({ code: read.code, detail: read.detail });
  }

  #fail(reason: CloseReason): void {
    this.#failed = true;
    this.#events.push({ type: 'failed', reason });
  }
}
