// Bodies and checkpoint chunks (P2P-16 to P2P-20): asked for one by one, sent only to those who asked.

import { type Codec, fixedBytes, list, struct, u8, u32, varBytes, mapped, refine } from '@resonancenet/bytes/codec';
import type { Hex32 } from '@resonancenet/chain/events';
import { hex32 } from './ids.ts';
import type { TransactionNaming } from './transactions.ts';

/** Bytes of a chunk, the last one of a file excepted (CKPT-6). */
export const CHUNK_SIZE: number = 2 ** 20;

/** Longest Merkle branch that is read: enough for 2^24 chunks, sixteen TiB. */
export const MAX_BRANCH = 24;

export interface GetBodyMessage {
  readonly blockId: Hex32;
}

export interface BodyMessage {
  readonly blockId: Hex32;
  /** The encoded body, everything that follows in the message. */
  readonly bytes: Uint8Array;
}

export interface GetChunkMessage {
  readonly root: Hex32;
  readonly index: number;
}

export interface ChunkMessage {
  readonly root: Hex32;
  readonly index: number;
  readonly branch: readonly Uint8Array[];
  readonly bytes: Uint8Array;
}

/** "I hold every chunk of this root and have fully verified this block." */
export interface OfferMessage {
  readonly root: Hex32;
  readonly blockId: Hex32;
}

/** The answer to a request that cannot be met. */
export interface NotFoundMessage {
  readonly what: 'body' | 'chunk' | TransactionNaming;
  /** Block id, checkpoint root, or a transaction's leaf hash or id. */
  readonly id: Hex32;
  /** Chunk index; 0 for others. */
  readonly index: number;
}

export const getBodyCodec: Codec<GetBodyMessage> = struct<GetBodyMessage>({ blockId: hex32 });

/** `maxBytes`: the network's limit for an encoded body. */
export function bodyMessageCodec(maxBytes: number): Codec<BodyMessage> {
  return struct<BodyMessage>({ blockId: hex32, bytes: varBytes({ min: 1, max: maxBytes }) });
}

export const getChunkCodec: Codec<GetChunkMessage> = struct<GetChunkMessage>({ root: hex32, index: u32 });

export const chunkCodec: Codec<ChunkMessage> = struct<ChunkMessage>({
  root: hex32,
  index: u32,
  branch: list(fixedBytes(32), { max: MAX_BRANCH }),
  bytes: varBytes({ min: 1, max: CHUNK_SIZE }),
});

export const offerCodec: Codec<OfferMessage> = struct<OfferMessage>({ root: hex32, blockId: hex32 });

/** In the order of their bytes. */
const kinds = ['body', 'chunk', 'leaf', 'txid'] as const;

const kind: Codec<NotFoundMessage['what']> = mapped(
  refine(u8, (value) =>
    value < kinds.length
      ? null
      : `${value} is no kind of request: 0 is a body, 1 a chunk, 2 and 3 a transaction by leaf hash and by id`,
  ),
  (value) => kinds[value] ?? 'body',
  (value) => kinds.indexOf(value),
);

export const notFoundCodec: Codec<NotFoundMessage> = refine(
  struct<NotFoundMessage>({ what: kind, id: hex32, index: u32 }),
  (value) => (value.what !== 'chunk' && value.index !== 0 ? 'only chunks have an index; it is 0 otherwise' : null),
);

/** A varint that counts up to this many bytes takes no more than five. */
const COUNT_SIZE = 5;

export const MAX_CHUNK_MESSAGE: number = 32 + 4 + 1 + 32 * MAX_BRANCH + COUNT_SIZE + CHUNK_SIZE;

/** Longest `body` message on a network. */
export function maxBodyMessage(maxBytes: number): number {
  return 32 + COUNT_SIZE + maxBytes;
}
