// A block from its parts: what comes neither from the miner nor from the ledger follows from the parent and the timestamp.

import { encode } from '@resonancenet/bytes/encode';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { nextGrowth } from '@resonancenet/consensus/growth';
import { aggregateLoss } from '@resonancenet/consensus/loss';
import { lossRoot } from '@resonancenet/consensus/loss-root';
import { blockReward } from '@resonancenet/ledger/emission';
import type { Totals } from '@resonancenet/ledger/totals';
import type { Template } from '@resonancenet/mempool/block-template';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { BLOCK_VERSION } from '@resonancenet/params/protocol-constants';
import { amount } from '@resonancenet/primitives/amount';
import { bodyCodec } from '@resonancenet/primitives/block';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import type { Destination } from '@resonancenet/primitives/destination';
import type { DvalVote } from '@resonancenet/primitives/dval-vote';
import { type BlockHeader, blockId, signHeader } from '@resonancenet/primitives/header';
import { txRoot } from '@resonancenet/primitives/transaction';

export interface BlockParts {
  readonly params: NetworkParams;
  readonly parent: BlockHeader;
  /** Unix seconds; fixes growth. */
  readonly timestamp: bigint;
  /** The D_val that the block must use, 32 bytes. */
  readonly dvalId: Uint8Array;
  readonly dvalVote: DvalVote;
  readonly checkpointRoot: Uint8Array;
  readonly windowSums: readonly number[];
  /** What the loss is compared with: the parent's, or the parent's checkpoint evaluated on a new D_val. */
  readonly parentLoss: number;
  /** Of the parent's state: with both losses they give the reward. */
  readonly totals: Totals;
  /** What the block takes beside its coinbase, in order, and what it pays; nothing unless given. */
  readonly template?: Pick<Template, 'transactions' | 'fees'>;
  readonly payTo: Destination;
  /** Seed of the miner's signing key. */
  readonly minerKey: Uint8Array;
}

export interface AssembledBlock {
  readonly header: BlockHeader;
  readonly bodyBytes: Uint8Array;
}

/** Header and encoded body, signed. */
export function assembleBlock(parts: BlockParts): AssembledBlock {
  const { params, parent, timestamp, windowSums, template } = parts;
  const { growth, stagnation, shape } = nextGrowth(parent, timestamp, params);
  const height = parent.height + 1;
  const { valLoss } = aggregateLoss(windowSums, params.dval.windowSize);
  const { reward } = blockReward(parts.parentLoss, valLoss, parts.totals, params);
  const coinbase = makeCoinbase(height, amount(reward + (template?.fees ?? 0n)), parts.payTo);
  const transactions = [coinbase, ...(template?.transactions ?? [])];
  const header = signHeader(
    {
      version: BLOCK_VERSION,
      height,
      prevHash: blockId(parent),
      txRoot: txRoot(transactions),
      checkpointRoot: parts.checkpointRoot,
      valLoss,
      parentLoss: parts.parentLoss,
      lossRoot: lossRoot(windowSums).hash,
      dvalId: parts.dvalId,
      dModel: shape.width,
      nLayers: shape.layers,
      growth,
      stagnation,
      timestamp,
      dvalVote: parts.dvalVote,
      minerKey: publicKey(parts.minerKey),
    },
    parts.minerKey,
  );
  return { header, bodyBytes: encode(bodyCodec(params), { windowSums, transactions }) };
}
