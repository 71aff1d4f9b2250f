// Full blocks of transactions that spend two coins of the set each, at random places of it, with signatures of keys that sign nothing else.

import { type Codec, list, struct, varBytes } from '@resonancenet/bytes/codec';
import { encode } from '@resonancenet/bytes/encode';
import { sampleBlock } from '@resonancenet/chain/testing/sample-blocks';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { publicKey, sign } from '@resonancenet/crypto/ed25519';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { amount } from '@resonancenet/primitives/amount';
import { leafCodec } from '@resonancenet/primitives/condition';
import { type BlockHeader, blockId, headerCodec } from '@resonancenet/primitives/header';
import { leafHash } from '@resonancenet/primitives/lock';
import { TransactionSighash } from '@resonancenet/primitives/sighash';
import { NO_LOCK, type Transaction, transactionCodec } from '@resonancenet/primitives/transaction';
import { encodeLockWitness, SIGHASH_ALL } from '@resonancenet/primitives/witness';
import { coinOutput, coinSeed, coinTxid, strangersDestination } from './coin-set.ts';

export interface BenchBlock {
  readonly header: BlockHeader;
  /** Encoded. */
  readonly body: Uint8Array;
}

export interface SpendingBlocks {
  /** Full blocks, and on top of them empty ones, as many as are evaluated when a node catches up. */
  readonly blocks: readonly BenchBlock[];
  readonly full: number;
  /** Transactions that spend, in all full blocks. */
  readonly transactions: number;
}

/** Room for window sums and coinbase. */
const OTHER_BYTES = 2_000;

/** What a transaction pays to the miner, resonances. */
const FEE = 10_000n;

const noWitness = new Uint8Array(0);

/** Transaction `number` spends coins 2 `number` and 2 `number` + 1 of the set, which are its owners', and pays strangers. */
export function twoInputTransaction(number: number, params: NetworkParams): Transaction {
  const coins = [2 * number, 2 * number + 1];
  const spent = coins.map((coin) => coinOutput(coin, params));
  const held = spent.reduce((sum, output) => sum + output.amount, 0n) - FEE;
  const parts = [held / 3n, held - held / 3n];
  const bare: Transaction = {
    version: 1,
    inputs: coins.map((coin) => ({
      outpoint: { txid: coinTxid(coin), index: 0 },
      sequence: NO_LOCK,
      witness: noWitness,
    })),
    outputs: parts.map((part, index) => ({
      amount: amount(part),
      ...strangersDestination(2 ** 31 + 2 * number + index, params),
    })),
    actions: [],
    lockTime: NO_LOCK,
  };
  const sighash = new TransactionSighash(blockId(genesisHeader(params)), bare, spent);
  const inputs = bare.inputs.map((input, index) => {
    const seed = coinSeed(coins[index]!);
    const leaf = [{ kind: 'key' as const, publicKey: publicKey(seed) }];
    const message = sighash.input(index, SIGHASH_ALL, leafHash(encode(leafCodec, leaf)))!;
    const satisfactions = [{ kind: 'key' as const, flag: SIGHASH_ALL, signature: sign(message, seed) } as const];
    return { ...input, witness: encodeLockWitness({ leaf, index: 0, count: 1, branch: [], satisfactions }) };
  });
  return { ...bare, inputs };
}

export interface BlocksPlan {
  readonly full: number;
  /** At most so many in one block; left out: as many as fit. */
  readonly transactions?: number;
  /** Whether the last signature is of another message. */
  readonly spoiled?: boolean;
}

/** Blocks from genesis on, with as many transactions as fit or are asked for, and empty ones above them. */
export function makeSpendingBlocks(plan: BlocksPlan, params: NetworkParams): SpendingBlocks {
  const { full, transactions: most = Number.POSITIVE_INFINITY, spoiled = false } = plan;
  const blocks: BenchBlock[] = [];
  let parent = genesisHeader(params);
  let number = 0;
  while (blocks.length < full + params.finalityDepth) {
    const transactions: Transaction[] = [];
    for (let bytes = OTHER_BYTES; blocks.length < full && transactions.length < most; number += 1) {
      const next = twoInputTransaction(number, params);
      bytes += encode(transactionCodec, next).length;
      if (bytes > params.maxBlockBytes) break;
      transactions.push(next);
    }
    if (spoiled && blocks.length === full - 1) transactions.push(spoil(transactions.pop()!));
    const block = sampleBlock(parent, params, {
      seed: blocks.length,
      gain: 1_000,
      transactions,
      fees: FEE * BigInt(transactions.length),
      replaced: { timestamp: parent.timestamp + 1n },
    });
    parent = block.header;
    blocks.push({ header: block.header, body: block.body });
  }
  return { blocks, full, transactions: number };
}

function spoil(transaction: Transaction): Transaction {
  const [first, second] = transaction.inputs;
  const witness = second!.witness.slice();
  witness[witness.length - 1]! ^= 1;
  return { ...transaction, inputs: [first!, { ...second!, witness }] };
}

/** Blocks as a file, for another process. */
export const blocksCodec: Codec<readonly BenchBlock[]> = list(
  struct<BenchBlock>({ header: headerCodec, body: varBytes() }),
);
