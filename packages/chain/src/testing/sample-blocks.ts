// Blocks for tests of the chain machine: valid in every respect that follows from bytes, with checkpoints of the right length whose
// content is a seeded stream, and with the losses that a table of truths, in place of an evaluator, gives them.

import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { nextGrowth } from '@resonancenet/consensus/growth';
import {
  bodyFor,
  childHeader,
  genesisView,
  sumsFor,
  viewOf,
  withGenesis,
} from '@resonancenet/consensus/testing/sample-chain';
import { CHUNK_BYTES, checkpointRootOfLeaves, chunkLeaves } from '@resonancenet/model/checkpoint';
import { checkpointFileLength } from '@resonancenet/model/checkpoint-header';
import { devnet } from '@resonancenet/params/devnet';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { blockReward } from '@resonancenet/ledger/emission';
import { GENESIS_TOTALS } from '@resonancenet/ledger/totals';
import { bodyCodec } from '@resonancenet/primitives/block';
import type { BlockHeader } from '@resonancenet/primitives/header';
import { type Transaction, txRoot } from '@resonancenet/primitives/transaction';
import { checkpointDescription } from '../block-node.ts';
import { ChunkTree } from '../chunk-tree.ts';
import type { Hex32 } from '../events.ts';

/** A small network: one chunk per checkpoint, spacing 10 s, 100 micro-nats a step. */
export const sampleParams: NetworkParams = withGenesis({
  ...devnet,
  name: 'sample',
  baseShape: { width: 16, layers: 1 },
  capShape: { width: 16, layers: 1 },
  dval: { windows: 4, windowSize: 32 },
  lossStep: 100,
  spacingBase: 10,
  stallIntervalBase: 60,
});

/** The same with checkpoints of three chunks. */
export const chunkyParams: NetworkParams = {
  ...sampleParams,
  name: 'chunky',
  baseShape: { width: 256, layers: 1 },
  capShape: { width: 256, layers: 1 },
};

export interface SampleFile {
  readonly bytes: Uint8Array;
  readonly root: Hex32;
  /** Chunks with the branches that prove them. */
  readonly chunks: readonly { readonly bytes: Uint8Array; readonly branch: readonly Uint8Array[] }[];
}

export interface SampleBlock {
  readonly id: Hex32;
  readonly header: BlockHeader;
  readonly body: Uint8Array;
  readonly sums: readonly number[];
  readonly file: SampleFile;
}

export interface SampleOptions {
  /** Micro-nats below the parent loss. */
  readonly gain?: number;
  /** Tells siblings apart: another seed is another checkpoint. */
  readonly seed?: number;
  readonly replaced?: Partial<BlockHeader>;
  /** Another block's file. */
  readonly file?: SampleFile;
  /** After the coinbase, which takes their fees. */
  readonly transactions?: readonly Transaction[];
  readonly fees?: bigint;
}

/** A file with seeded content. */
export function sampleFile(length: number, seed: number): SampleFile {
  const bytes = new Uint8Array(length);
  let state = (Math.imul(seed, 2654435761) + 12345) >>> 0;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  const leaves = chunkLeaves(bytes);
  const tree = new ChunkTree(leaves);
  const chunks = leaves.map((_, index) => ({
    bytes: bytes.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
    branch: tree.branch(index),
  }));
  return { bytes, root: toHex(checkpointRootOfLeaves(leaves)), chunks };
}

/** A valid block on a parent header. */
export function sampleBlock(parent: BlockHeader, params: NetworkParams, options: SampleOptions = {}): SampleBlock {
  const view = parent.height === 0 ? genesisView(params) : viewOf(parent);
  const { gain = 5000, seed = 0, replaced = {} } = options;
  const timestamp = replaced.timestamp ?? parent.timestamp + BigInt(params.spacingBase);
  const { growth } = nextGrowth(view, timestamp, params);
  const length = checkpointFileLength(checkpointDescription(replaced.growth ?? growth, params));
  const file = options.file ?? sampleFile(length, Math.imul(parent.height + 1, 1009) + seed);
  const parentLoss = replaced.parentLoss ?? parent.valLoss;
  const valLoss = replaced.valLoss ?? parentLoss - gain;
  // Too little is minted in tests for the subsidy to halve.
  const { reward } = blockReward(Math.max(parentLoss, valLoss), valLoss, GENESIS_TOTALS, params);
  const { windowSums, transactions } = bodyFor(parent.height + 1, valLoss, params, reward + (options.fees ?? 0n));
  const blockBody = { windowSums, transactions: [...transactions, ...(options.transactions ?? [])] };
  const root = txRoot(blockBody.transactions);
  const fields = { timestamp, checkpointRoot: hexBytes(file.root), txRoot: root, valLoss, ...replaced };
  const header = childHeader(view, params, fields);
  const body = encode(bodyCodec(params), blockBody);
  return { id: toHex(viewOf(header).id), header, body, sums: sumsFor(header.valLoss, params), file };
}

/** `count` blocks on top of each other. */
export function sampleChain(
  parent: BlockHeader,
  params: NetworkParams,
  count: number,
  options: SampleOptions = {},
): SampleBlock[] {
  const blocks: SampleBlock[] = [];
  for (let at = parent; blocks.length < count; at = blocks.at(-1)!.header)
    blocks.push(sampleBlock(at, params, options));
  return blocks;
}

function hexBytes(hex: Hex32): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}
