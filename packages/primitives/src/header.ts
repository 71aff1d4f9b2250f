// Block headers: their bytes, their id and their signature (BLK-1 to BLK-5; protocol: blocks).

import { assert } from '@resonancenet/bytes/assert';
import { type Codec, fixedBytes, struct, u16, u32, u64 } from '@resonancenet/bytes/codec';
import { equalBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { publicKey, sign, verify } from '@resonancenet/crypto/ed25519';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import { type DvalVote, dvalVoteCodec } from './dval-vote.ts';
import { type BlockId, HASH_LENGTH, type Height } from './ids.ts';

/** All of a header that its id covers. */
export interface UnsignedHeader {
  readonly version: number;
  readonly height: Height;
  readonly prevHash: BlockId;
  /** Merkle root over the full transactions (BLK-12). */
  readonly txRoot: Uint8Array;
  /** Id of the checkpoint file (CKPT-6). */
  readonly checkpointRoot: Uint8Array;
  /** Loss of that checkpoint, micro-nats (EVAL-12). */
  readonly valLoss: number;
  /** What the loss is compared with, micro-nats. */
  readonly parentLoss: number;
  /** Merkle-sum root over the window sums (EVAL-13). */
  readonly lossRoot: Uint8Array;
  /** The validation set that both losses are measured on. */
  readonly dvalId: Uint8Array;
  readonly dModel: number;
  readonly nLayers: number;
  /** Cumulative, uncapped (MOD-2). */
  readonly growth: bigint;
  /** Stall rounds that this block counts. */
  readonly stagnation: number;
  /** Unix time in seconds. */
  readonly timestamp: bigint;
  readonly dvalVote: DvalVote;
  /** Ed25519 public key that signs the header. */
  readonly minerKey: Uint8Array;
}

export interface BlockHeader extends UnsignedHeader {
  /** Ed25519 by `minerKey` over the block's id. */
  readonly signature: Uint8Array;
}

/** Bytes of an encoded header. */
export const HEADER_LENGTH = 329;

const unsignedFields = {
  version: u32,
  height: u32,
  prevHash: fixedBytes(HASH_LENGTH),
  txRoot: fixedBytes(HASH_LENGTH),
  checkpointRoot: fixedBytes(HASH_LENGTH),
  valLoss: u32,
  parentLoss: u32,
  lossRoot: fixedBytes(HASH_LENGTH),
  dvalId: fixedBytes(HASH_LENGTH),
  dModel: u16,
  nLayers: u16,
  growth: u64,
  stagnation: u32,
  timestamp: u64,
  dvalVote: dvalVoteCodec,
  minerKey: fixedBytes(32),
};

const unsignedHeaderCodec: Codec<UnsignedHeader> = struct<UnsignedHeader>(unsignedFields);

/** 329 bytes (BLK-1). */
export const headerCodec: Codec<BlockHeader> = struct<BlockHeader>({ ...unsignedFields, signature: fixedBytes(64) });

/** Hash of everything but the signature (BLK-3): a signature in another form does not make another block. */
export function blockId(header: UnsignedHeader): BlockId {
  return hash(TAG.blockId, encode(unsignedHeaderCodec, header));
}

/**
 * The header with its signature (BLK-5).
 * @throws AssertionFailure if `minerKey` is not the public key of the seed.
 */
export function signHeader(header: UnsignedHeader, seed: Uint8Array): BlockHeader {
  assert(equalBytes(publicKey(seed), header.minerKey), 'a header is signed with the seed of its minerKey');
  return { ...header, signature: sign(blockId(header), seed) };
}

/** Whether the signature is `minerKey`'s over the id (BLK-5). */
export function verifyHeaderSignature(header: BlockHeader): boolean {
  return verify(header.signature, blockId(header), header.minerKey);
}
