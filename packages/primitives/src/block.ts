// Blocks: a header and its body (BLK-6, BLK-7). The checkpoint travels beside the block, by its root.

import { type Codec, limited, list, struct, u32 } from '@resonancenet/bytes/codec';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { type BlockHeader, HEADER_LENGTH, headerCodec } from './header.ts';
import { type Transaction, transactionCodec } from './transaction.ts';

export interface BlockBody {
  /** Loss of each window of the validation set, in its order (EVAL-12). */
  readonly windowSums: readonly number[];
  /** The coinbase first. */
  readonly transactions: readonly Transaction[];
}

export interface Block {
  readonly header: BlockHeader;
  readonly body: BlockBody;
}

/** What of a network bounds the bytes of its blocks. */
export type BlockLimits = Pick<NetworkParams, 'dval' | 'maxBlockBytes'>;

/** Body of a block of this network: no more sums than the validation set has windows, at least the coinbase (BLK-6). */
export function bodyCodec(limits: BlockLimits): Codec<BlockBody> {
  return limited(
    struct<BlockBody>({
      windowSums: list(u32, { max: limits.dval.windows }),
      transactions: list(transactionCodec, { min: 1 }),
    }),
    limits.maxBlockBytes - HEADER_LENGTH,
  );
}

/** Header and body, nothing between them (BLK-7). */
export function blockCodec(limits: BlockLimits): Codec<Block> {
  return struct<Block>({ header: headerCodec, body: bodyCodec(limits) });
}
