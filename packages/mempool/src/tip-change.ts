// What a move of the tip means for the pool: the blocks that went and those that came.

import { toHex } from '@resonancenet/bytes/hex';
import type { Hex32 } from '@resonancenet/chain/events';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { Transaction } from '@resonancenet/primitives/transaction';
import type { ChainBlock, MempoolEvent } from './mempool-events.ts';

/** The blocks that the node knows; apps/node gives it over the chain machine. */
export interface BlockSource {
  /** Null for an id that is not known. */
  header(id: Hex32): BlockHeader | null;
  /** The coinbase first; null if the body is not here any more. */
  transactions(id: Hex32): readonly Transaction[] | null;
}

/** From one tip to another, by way of the last block that both chains have. */
export function tipChange(
  from: Hex32,
  to: Hex32,
  blocks: BlockSource,
): Extract<MempoolEvent, { readonly type: 'tip' }> {
  const disconnected: ChainBlock[] = [];
  const connected: ChainBlock[] = [];
  let [low, high] = [from, to];
  while (low !== high) {
    const [below, above] = [blocks.header(low), blocks.header(high)];
    if (below === null || above === null) break;
    const isAboveHigher = above.height >= below.height;
    const isBelowHigher = below.height >= above.height;
    if (isAboveHigher) {
      connected.unshift(blockOf(high, above, blocks));
      high = toHex(above.prevHash);
    }
    if (isBelowHigher) {
      disconnected.unshift(blockOf(low, below, blocks));
      low = toHex(below.prevHash);
    }
  }
  return { type: 'tip', connected, disconnected };
}

function blockOf(id: Hex32, { height, timestamp }: BlockHeader, blocks: BlockSource): ChainBlock {
  // A body that is not here holds nothing for the pool: it is far below what can be taken back.
  return { height, timestamp: Number(timestamp), transactions: blocks.transactions(id) ?? [] };
}
