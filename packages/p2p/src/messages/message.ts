// All messages by command: how each is encoded and how long it may be (P2P-9, P2P-10).

import { assert } from '@resonancenet/bytes/assert';
import type { Codec } from '@resonancenet/bytes/codec';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { HEADER_LENGTH } from '@resonancenet/primitives/header';
import {
  type GetHeadersMessage,
  getHeadersCodec,
  type HeadersMessage,
  headersCodec,
  MAX_GET_HEADERS,
  MAX_HEADERS_MESSAGE,
} from './headers.ts';
import { MAX_REJECT_SIZE, type PingMessage, pingCodec, type RejectMessage, rejectCodec } from './notices.ts';
import {
  type BodyMessage,
  bodyMessageCodec,
  type ChunkMessage,
  chunkCodec,
  type GetBodyMessage,
  type GetChunkMessage,
  getBodyCodec,
  getChunkCodec,
  MAX_CHUNK_MESSAGE,
  maxBodyMessage,
  type NotFoundMessage,
  notFoundCodec,
  type OfferMessage,
  offerCodec,
} from './transfer.ts';
import {
  type FeeFilterMessage,
  feeFilterCodec,
  getTransactionCodec,
  MAX_NEW_TRANSACTIONS_MESSAGE,
  maxTransactionMessage,
  type NewTransactionsMessage,
  newTransactionsCodec,
  type TransactionMessage,
  type TransactionName,
  transactionMessageCodec,
} from './transactions.ts';
import { MAX_VERSION_SIZE, type VersionMessage, versionCodec } from './version.ts';

/** A message without content. */
export type Empty = Readonly<Record<never, never>>;

/** Content by command. */
export interface MessageBodies {
  readonly version: VersionMessage;
  readonly verack: Empty;
  readonly ping: PingMessage;
  readonly pong: PingMessage;
  readonly getheaders: GetHeadersMessage;
  readonly headers: HeadersMessage;
  readonly getbody: GetBodyMessage;
  readonly body: BodyMessage;
  readonly getchunk: GetChunkMessage;
  readonly chunk: ChunkMessage;
  readonly offer: OfferMessage;
  readonly notfound: NotFoundMessage;
  readonly reject: RejectMessage;
  readonly newtx: NewTransactionsMessage;
  readonly gettx: TransactionName;
  readonly tx: TransactionMessage;
  readonly feefilter: FeeFilterMessage;
}

export type Command = keyof MessageBodies;

/** A decoded message. */
export type PeerMessage = {
  readonly [C in Command]: { readonly command: C; readonly body: MessageBodies[C] };
}[Command];

/** Longest frame of a command that this version does not know; such frames are skipped, so that later versions can add commands. */
export const MAX_UNKNOWN_MESSAGE = 65_536;

interface MessageFormat<T> {
  readonly codec: Codec<T>;
  /** Longest payload, bytes. */
  readonly maxSize: number;
}

type MessageFormats = { readonly [C in Command]: MessageFormat<MessageBodies[C]> };

const empty: Codec<Empty> = { minSize: 0, read: () => ({}), write: () => undefined };

export type MessageRead =
  | { readonly ok: true; readonly message: PeerMessage }
  | { readonly ok: false; readonly detail: string };

/** What of a network bounds its messages. */
export interface MessageLimits {
  readonly maxBlockBytes: number;
  readonly maxTransactionBytes: number;
}

/** The messages of one network (its limits for blocks and transactions are theirs). */
export class MessageCodec {
  readonly #formats: MessageFormats;

  constructor({ maxBlockBytes, maxTransactionBytes }: MessageLimits) {
    const maxBody = maxBlockBytes - HEADER_LENGTH;
    this.#formats = {
      version: { codec: versionCodec, maxSize: MAX_VERSION_SIZE },
      verack: { codec: empty, maxSize: 0 },
      ping: { codec: pingCodec, maxSize: pingCodec.minSize },
      pong: { codec: pingCodec, maxSize: pingCodec.minSize },
      getheaders: { codec: getHeadersCodec, maxSize: MAX_GET_HEADERS },
      headers: { codec: headersCodec, maxSize: MAX_HEADERS_MESSAGE },
      getbody: { codec: getBodyCodec, maxSize: getBodyCodec.minSize },
      body: { codec: bodyMessageCodec(maxBody), maxSize: maxBodyMessage(maxBody) },
      getchunk: { codec: getChunkCodec, maxSize: getChunkCodec.minSize },
      chunk: { codec: chunkCodec, maxSize: MAX_CHUNK_MESSAGE },
      offer: { codec: offerCodec, maxSize: offerCodec.minSize },
      notfound: { codec: notFoundCodec, maxSize: notFoundCodec.minSize },
      reject: { codec: rejectCodec, maxSize: MAX_REJECT_SIZE },
      newtx: { codec: newTransactionsCodec, maxSize: MAX_NEW_TRANSACTIONS_MESSAGE },
      gettx: { codec: getTransactionCodec, maxSize: getTransactionCodec.minSize },
      tx: {
        codec: transactionMessageCodec(maxTransactionBytes),
        maxSize: maxTransactionMessage(maxTransactionBytes),
      },
      feefilter: { codec: feeFilterCodec, maxSize: feeFilterCodec.minSize },
    };
  }

  isKnown(command: string): command is Command {
    return Object.hasOwn(this.#formats, command);
  }

  /** Longest payload of a command, known or not. */
  maxSize(command: string): number {
    return this.isKnown(command) ? this.#formats[command].maxSize : MAX_UNKNOWN_MESSAGE;
  }

  encode(message: PeerMessage): Uint8Array {
    const payload = this.#encodeAs(message.command, message.body);
    assert(payload.length <= this.maxSize(message.command), `a ${message.command} message of ${payload.length} bytes`);
    return payload;
  }

  /** Decodes the payload of a known command; trailing bytes and every other departure from the format are refused. */
  decode(command: Command, payload: Uint8Array): MessageRead {
    return this.#decodeAs(command, payload);
  }

  #encodeAs<C extends Command>(command: C, body: MessageBodies[C]): Uint8Array {
    const codec: Codec<MessageBodies[C]> = this.#formats[command].codec;
    return encode(codec, body);
  }

  #decodeAs<C extends Command>(command: C, payload: Uint8Array): MessageRead {
    const codec: Codec<MessageBodies[C]> = this.#formats[command].codec;
    const result = decode(codec, payload);
    if (!result.ok) return { ok: false, detail: `${command}: ${result.error.message}` };
    return { ok: true, message: { command, body: result.value } as PeerMessage };
  }
}
