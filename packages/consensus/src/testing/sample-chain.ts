// Values for tests: a network with genesis constants, valid headers and bodies on it, and a seeded generator.

import { toHex } from '@resonancenet/bytes/hex';
import { publicKey } from '@resonancenet/crypto/ed25519';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { amount } from '@resonancenet/primitives/amount';
import type { BlockBody } from '@resonancenet/primitives/block';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import { keyDestination } from '@resonancenet/primitives/destination';
import { NO_VOTE } from '@resonancenet/primitives/dval-vote';
import { type BlockHeader, blockId, signHeader } from '@resonancenet/primitives/header';
import { txRoot } from '@resonancenet/primitives/transaction';
import { expectedDval } from '../dval-rotation.ts';
import { genesisHeader } from '../genesis-header.ts';
import { nextGrowth } from '../growth.ts';
import { type BranchFacts, checkHeader, type ParentView } from '../header-checks.ts';
import { aggregateLoss } from '../loss.ts';
import { lossRoot } from '../loss-root.ts';
import { minSpacing } from '../timing.ts';
import type { Verdict } from '../verdict.ts';

/** Seed of the miner of all sample blocks. */
export const MINER_SEED: Uint8Array = new Uint8Array(32).fill(7);

/** The network with made-up genesis constants: a loss of 5 nats and three D_vals. */
export function withGenesis(params: NetworkParams): NetworkParams {
  const constants = {
    valLoss: 5_000_000,
    lossRoot: '11'.repeat(32),
    checkpointRoot: '22'.repeat(32),
    dvalIds: ['a1'.repeat(32), 'a2'.repeat(32), 'a3'.repeat(32)],
  };
  return { ...params, genesis: { ...params.genesis, constants } };
}

/** A header and its id, as the checks want the parent. */
export function viewOf(header: BlockHeader): ParentView {
  return { ...header, id: blockId(header) };
}

export function genesisView(params: NetworkParams): ParentView {
  return viewOf(genesisHeader(params));
}

/** Window sums that add up to exactly `valLoss` micro-nats, spread evenly. */
export function sumsFor(valLoss: number, params: NetworkParams): number[] {
  const { windows, windowSize } = params.dval;
  const total = Math.floor((valLoss * windows * windowSize * 65_536) / 1_000_000);
  const each = Math.floor(total / windows);
  const sums = Array.from({ length: windows }, () => each);
  sums[0] = total - each * (windows - 1);
  return sums;
}

/** A body whose coinbase pays the sample miner, the first subsidy unless told; what a block earns is the ledger's to say. */
export function bodyFor(
  height: number,
  valLoss: number,
  params: NetworkParams,
  reward: bigint = params.subsidy,
): BlockBody {
  const destination = keyDestination(publicKey(MINER_SEED), params.recovery);
  return {
    windowSums: sumsFor(valLoss, params),
    transactions: [makeCoinbase(height, amount(reward), destination)],
  };
}

/** A valid signed header on this parent, with any fields replaced before signing; `gain` micro-nats better than its parent. */
export function childHeader(
  parent: ParentView,
  params: NetworkParams,
  replaced: Partial<BlockHeader> = {},
  gain = 5000,
): BlockHeader {
  const genesisParent = nextGrowth(parent, parent.timestamp, params).shape;
  const spacing = BigInt(Math.max(1, minSpacing(genesisParent, params)));
  const timestamp = replaced.timestamp ?? parent.timestamp + spacing;
  const { growth, stagnation, shape } = nextGrowth(parent, timestamp, params);
  const valLoss = replaced.valLoss ?? parent.valLoss - gain;
  const body = bodyFor(parent.height + 1, valLoss, params);
  const unsigned = {
    version: 1,
    height: parent.height + 1,
    prevHash: parent.id,
    txRoot: txRoot(body.transactions),
    checkpointRoot: Uint8Array.from({ length: 32 }, (_, i) => (i < 4 ? parent.height >> (8 * i) : 0xc4)),
    valLoss,
    parentLoss: parent.valLoss,
    lossRoot: lossRoot(body.windowSums).hash,
    dvalId: replaced.dvalId ?? expectedDval(parent, timestamp, params),
    dModel: shape.width,
    nLayers: shape.layers,
    growth,
    stagnation,
    timestamp,
    dvalVote: NO_VOTE,
    minerKey: publicKey(MINER_SEED),
    ...replaced,
  };
  return { ...signHeader(unsigned, MINER_SEED), ...('signature' in replaced ? { signature: replaced.signature } : {}) };
}

/** A branch with these checkpoints, on which these proposed D_vals may come into force. */
export function branchOf(checkpoints: readonly Uint8Array[], proposed: readonly Uint8Array[] = []): BranchFacts {
  const roots = new Set(checkpoints.map(toHex));
  const dvals = new Set(proposed.map(toHex));
  return { hasCheckpoint: (root) => roots.has(toHex(root)), mayActivate: (dvalId) => dvals.has(toHex(dvalId)) };
}

/** The cheap verdict on a child whose ancestors' checkpoints are these. */
export function verdictOn(
  header: BlockHeader,
  parent: ParentView,
  params: NetworkParams,
  ancestors: readonly Uint8Array[] = [],
  proposed: readonly Uint8Array[] = [],
): Verdict {
  return checkHeader(header, parent, branchOf(ancestors, proposed), params);
}

/** val_loss that a body's sums give. */
export function lossOf(body: BlockBody, params: NetworkParams): number {
  return aggregateLoss(body.windowSums, params.dval.windowSize).valLoss;
}

/** mulberry32: a seeded generator of numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
