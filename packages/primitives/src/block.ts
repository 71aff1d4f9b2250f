// Blocks: a header and its body (BLK-6, BLK-7). The checkpoint travels beside the block, by its root.

import { type Codec, limited, list, struct, u32 } from '@resonancenet/bytes/codec';
import { Reader } from '@resonancenet/bytes/reader';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { type BlockHeader, HEADER_LENGTH, headerCodec } from './header.ts';
import { type Transaction, transactionCodec } from './transaction.ts';

interface BodyOf<T> {
  /** Loss of each window of the validation set, in its order (EVAL-12). */
  readonly windowSums: readonly number[];
  /** The coinbase first. */
  readonly transactions: readonly T[];
}

export type BlockBody = BodyOf<Transaction>;

export interface Block {
  readonly header: BlockHeader;
  readonly body: BlockBody;
}

/** What of a network bounds the bytes of its blocks. */
export type BlockLimits = Pick<NetworkParams, 'dval' | 'maxBlockBytes'>;

const windowSum: Codec<number> = u32;

/** Body of a block of this network: no more sums than the validation set has windows, at least the coinbase (BLK-6). */
export function bodyCodec(limits: BlockLimits): Codec<BlockBody> {
  return bodyCodecOf(limits, transactionCodec);
}

/** The same with what `transaction` reads of each transaction. */
export function bodyCodecOf<T>(limits: BlockLimits, transaction: Codec<T>): Codec<BodyOf<T>> {
  return limited(
    struct<BodyOf<T>>({
      windowSums: list(windowSum, { max: limits.dval.windows }),
      transactions: list(transaction, { min: 1 }),
    }),
    limits.maxBlockBytes - HEADER_LENGTH,
  );
}

/**
 * The transactions of an encoded body, which was decoded before. Each is decoded when its turn comes, as often as they are walked, and is parts of these bytes: those of
 * a full block at once are 14 MB, which would outlive what is made for each of them.
 */
export function transactionsIn(body: Uint8Array): Iterable<Transaction> {
  return { [Symbol.iterator]: () => readTransactions(new Reader(body, true)) };
}

function* readTransactions(reader: Reader): Generator<Transaction, void> {
  reader.view(windowSum.minSize * reader.count(windowSum.minSize));
  const count = reader.count(transactionCodec.minSize);
  for (let place = 0; place < count; place++) yield transactionCodec.read(reader);
}

/** Header and body, nothing between them (BLK-7). */
export function blockCodec(limits: BlockLimits): Codec<Block> {
  return struct<Block>({ header: headerCodec, body: bodyCodec(limits) });
}
