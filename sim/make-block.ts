// Blocks of the simulation, made without training: valid in every respect, with the loss that one wishes.

import { assert } from '@resonancenet/bytes/assert';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { checkpointDescription } from '@resonancenet/chain/block-node';
import type { Hex32 } from '@resonancenet/chain/events';
import { expectedDval } from '@resonancenet/consensus/dval-rotation';
import { nextGrowth } from '@resonancenet/consensus/growth';
import { sumsFor } from '@resonancenet/consensus/testing/sample-chain';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { GENESIS_TOTALS, type Totals } from '@resonancenet/ledger/totals';
import { checkpointRoot } from '@resonancenet/model/checkpoint';
import { assembleBlock } from '@resonancenet/node/mining/assemble-block';
import type { Template } from '@resonancenet/mempool/block-template';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { keyDestination } from '@resonancenet/primitives/destination';
import { type DvalVote, NO_VOTE } from '@resonancenet/primitives/dval-vote';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import { lossOffset, simCheckpoint } from './oracle.ts';

export interface MadeBlock {
  readonly header: BlockHeader;
  readonly id: Hex32;
  readonly root: Hex32;
  readonly body: Uint8Array;
  readonly file: Uint8Array;
}

export interface BlockWish {
  readonly parent: BlockHeader;
  /** Unix seconds. */
  readonly timestamp: bigint;
  /** Improvement over the parent loss, micro-nats. */
  readonly gain: number;
  /** If the D_val changes, another than the parent's. */
  readonly parentLoss?: number;
  /** Not what the parent's header alone asks for. */
  readonly dvalId?: Hex32;
  readonly dvalVote?: DvalVote;
  /** Of the parent's state; without them nothing was minted yet, as is near enough where the subsidy does not halve. */
  readonly totals?: Totals;
  /** Seed of the miner's key. */
  readonly key: Uint8Array;
  /** Tells checkpoints of equal loss apart. */
  readonly seed: number;
  /** What the block takes beside its coinbase; nothing unless given. */
  readonly template?: Template;
}

export function makeBlock(wish: BlockWish, params: NetworkParams): MadeBlock {
  const { parent, timestamp, gain, parentLoss = parent.valLoss, key, seed, template } = wish;
  const dvalId = wish.dvalId === undefined ? expectedDval(parent, timestamp, params) : fromHex(wish.dvalId);
  const { growth } = nextGrowth(parent, timestamp, params);
  const valLoss = parentLoss - gain;
  const offset = lossOffset(toHex(dvalId), params);
  assert(offset !== null, 'no block is made on a D_val that is void');
  const file = simCheckpoint(checkpointDescription(growth, params), valLoss - offset, seed);
  const root = checkpointRoot(file);
  const { header, bodyBytes } = assembleBlock({
    params,
    parent,
    timestamp,
    dvalId,
    dvalVote: wish.dvalVote ?? NO_VOTE,
    checkpointRoot: root,
    windowSums: sumsFor(valLoss, params),
    parentLoss,
    totals: wish.totals ?? GENESIS_TOTALS,
    ...(template === undefined ? {} : { template }),
    payTo: keyDestination(publicKey(key), params.recovery),
    minerKey: key,
  });
  return { header, id: toHex(blockId(header)), root: toHex(root), body: bodyBytes, file };
}

/** Where a block's parent is, in the words of a header. */
export function parentOf(header: BlockHeader): Hex32 {
  return toHex(header.prevHash);
}
