// Blocks with proposals, votes and reveals on regtest, and a node that follows them: losses are what a test says, signatures are real.

import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { nextGrowth } from '@resonancenet/consensus/growth';
import { childHeader, genesisView, MINER_SEED, sumsFor, viewOf } from '@resonancenet/consensus/testing/sample-chain';
import { publicKey, sign } from '@resonancenet/crypto/ed25519';
import { checkpointFileLength } from '@resonancenet/model/checkpoint-header';
import { dvalId, encodeDval } from '@resonancenet/params/dval';
import { regtest } from '@resonancenet/params/regtest';
import { type ActionContent, encodeAction } from '@resonancenet/primitives/action-content';
import { amount } from '@resonancenet/primitives/amount';
import { bodyCodec } from '@resonancenet/primitives/block';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import { leafCodec } from '@resonancenet/primitives/condition';
import { keyDestination } from '@resonancenet/primitives/destination';
import { type DvalVote, NO_VOTE, proposalHash } from '@resonancenet/primitives/dval-vote';
import { blockId } from '@resonancenet/primitives/header';
import { leafHash } from '@resonancenet/primitives/lock';
import { TransactionSighash } from '@resonancenet/primitives/sighash';
import { NO_LOCK, type Outpoint, type Transaction, txid, txRoot } from '@resonancenet/primitives/transaction';
import { encodeLockWitness, SIGHASH_ALL } from '@resonancenet/primitives/witness';
import { checkpointDescription } from '../block-node.ts';
import type { Hex32 } from '../events.ts';
import { type SampleBlock, sampleFile } from './sample-blocks.ts';

const params = regtest;
const miner = keyDestination(publicKey(MINER_SEED), params.recovery);
const minerLeaf = [{ kind: 'key', publicKey: publicKey(MINER_SEED) }] as const;

/** A validation set, what it is proposed by, and its id. */
export interface ProposedSet {
  readonly salt: Uint8Array;
  readonly shard: Uint8Array;
  readonly proposal: Uint8Array;
  readonly id: Hex32;
}

export function proposedSet(seed: number): ProposedSet {
  const count = params.dval.windows * params.dval.windowSize;
  const shard = encodeDval(Uint16Array.from({ length: count }, (_, i) => (seed * 37 + i * 11) % 256));
  const salt = new Uint8Array(32).fill(seed);
  return { salt, shard, proposal: proposalHash(salt, shard), id: toHex(dvalId(shard)) };
}

export interface RotationBlock extends SampleBlock {
  readonly transactions: readonly Transaction[];
}

export interface RotationWishes {
  /** An action, paid by the coinbases of these blocks; what is left beside its bond is the fee. */
  readonly action?: ActionContent;
  readonly paidBy?: readonly RotationBlock[];
  readonly vote?: DvalVote;
  /** The parent's if it is left out, as is `parentLoss`. */
  readonly dvalId?: Hex32;
  readonly parentLoss?: number;
  /** After the parent. */
  readonly seconds?: number;
  /** Tells siblings apart. */
  readonly seed?: number;
}

/** A block on a parent; on genesis if it is null. Its loss is its parent's. */
export function rotationBlock(parent: RotationBlock | null, wishes: RotationWishes = {}): RotationBlock {
  const header = parent?.header ?? genesisHeader(params);
  const { vote = NO_VOTE, seconds = 1, seed = 0, parentLoss = header.valLoss } = wishes;
  const height = header.height + 1;
  const spent = (wishes.paidBy ?? []).map(coinbaseOf);
  const bond = wishes.action?.kind === 'propose' ? params.rotation.bond : 0n;
  const fee = spent.reduce((sum, { output }) => sum + output.amount, 0n) - bond;
  const coinbase = makeCoinbase(height, amount(params.subsidy + fee), miner);
  const transactions = wishes.action === undefined ? [coinbase] : [coinbase, acting(wishes.action, spent)];
  const view = parent === null ? genesisView(params) : viewOf(header);
  const timestamp = header.timestamp + BigInt(seconds);
  const { growth } = nextGrowth(view, timestamp, params);
  // No two blocks of a test have one file: it says the growth of its block.
  const own = new DataView(view.id.buffer, view.id.byteOffset).getUint32(0) + seed;
  const file = sampleFile(checkpointFileLength(checkpointDescription(growth, params)), own);
  const child = childHeader(view, params, {
    timestamp,
    txRoot: txRoot(transactions),
    checkpointRoot: fromHex(file.root),
    valLoss: parentLoss,
    parentLoss,
    dvalId: wishes.dvalId === undefined ? header.dvalId : fromHex(wishes.dvalId),
    dvalVote: vote,
  });
  const sums = sumsFor(parentLoss, params);
  const body = encode(bodyCodec(params), { windowSums: sums, transactions });
  return { id: toHex(blockId(child)), header: child, body, sums, file, transactions };
}

function coinbaseOf(block: RotationBlock): {
  readonly outpoint: Outpoint;
  readonly output: Transaction['outputs'][number];
} {
  const coinbase = block.transactions[0]!;
  return { outpoint: { txid: txid(coinbase), index: 0 }, output: coinbase.outputs[0]! };
}

/** A signed transaction with this action and no outputs. */
function acting(action: ActionContent, spent: readonly ReturnType<typeof coinbaseOf>[]): Transaction {
  const unsigned: Transaction = {
    version: 1,
    inputs: spent.map(({ outpoint }) => ({ outpoint, sequence: NO_LOCK, witness: new Uint8Array(0) })),
    outputs: [],
    actions: [encodeAction(action)],
    lockTime: NO_LOCK,
  };
  const outputs = spent.map(({ output }) => output);
  const sighash = new TransactionSighash(blockId(genesisHeader(params)), unsigned, outputs);
  const leaf = leafHash(encode(leafCodec, minerLeaf));
  const inputs = unsigned.inputs.map((input, index) => {
    const signature = sign(sighash.input(index, SIGHASH_ALL, leaf)!, MINER_SEED);
    const witness = encodeLockWitness({
      leaf: minerLeaf,
      index: 0,
      count: 1,
      branch: [],
      satisfactions: [{ kind: 'key', flag: SIGHASH_ALL, signature }],
    });
    return { ...input, witness };
  });
  return { ...unsigned, inputs };
}
