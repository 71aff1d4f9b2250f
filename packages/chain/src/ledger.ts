// Where the state of the ledger hangs in: what a block changes beside the chain itself goes into the same batch and is undone exactly.

import { type Codec, fixedBytes, list, refine, struct, u8 } from '@resonancenet/bytes/codec';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { BlockBody } from '@resonancenet/primitives/block';
import { type Output, outputCodec, txid } from '@resonancenet/primitives/transaction';
import { ChainError } from './chain-error.ts';
import type { Hex32 } from './events.ts';
import { encodeHeight } from './records.ts';
import type { StoreView } from './store-view.ts';

export interface ConnectedBody {
  readonly id: Hex32;
  readonly height: number;
  readonly body: BlockBody;
}

/** Every change goes into the view, and `disconnect` after `connect` leaves the table as it was, byte for byte. */
export interface Ledger {
  connect(block: ConnectedBody, view: StoreView): void;
  disconnect(block: ConnectedBody, view: StoreView): void;
}

/** What a block of the active chain paid. */
export interface RewardRecord {
  readonly blockId: Hex32;
  readonly txid: Hex32;
  readonly outputs: readonly Output[];
}

interface StoredReward {
  readonly version: number;
  readonly blockId: Uint8Array;
  readonly txid: Uint8Array;
  readonly outputs: readonly Output[];
}

const storedReward: Codec<StoredReward> = struct<StoredReward>({
  version: refine(u8, (value) => (value === 1 ? null : `a record of version ${value}; this program reads 1`)),
  blockId: fixedBytes(32),
  txid: fixedBytes(32),
  outputs: list(outputCodec),
});

/** The ledger as long as a block holds nothing but its coinbase: one record per height. */
export const coinbaseLedger: Ledger = {
  connect({ id, height, body }, view) {
    const coinbase = body.transactions[0]!;
    const record = { version: 1, blockId: fromHex(id), txid: txid(coinbase), outputs: coinbase.outputs };
    view.put('ledger', encodeHeight(height), encode(storedReward, record));
  },
  disconnect({ height }, view) {
    view.delete('ledger', encodeHeight(height));
  },
};

/** What the active chain's block at a height paid; null if there is none or it is genesis. */
export function rewardAt(height: number, view: StoreView): RewardRecord | null {
  const bytes = view.get('ledger', encodeHeight(height));
  if (bytes === null) return null;
  const result = decode(storedReward, bytes);
  if (!result.ok)
    throw new ChainError('chain-corrupt', `The reward of height ${height} cannot be read: ${result.error.message}.`);
  const { blockId, txid: id, outputs } = result.value;
  return { blockId: toHex(blockId), txid: toHex(id), outputs };
}
