// Builds valid blocks, and from them blocks that lie: everything a miner can sign, with exact losses and without training. A candidate is the
// parent's model moved a little in a random direction, forwards or backwards, whichever lowers the loss.

import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { ChunkTree } from '@resonancenet/chain/chunk-tree';
import type { Hex32 } from '@resonancenet/chain/events';
import { expectedDval } from '@resonancenet/consensus/dval-rotation';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { aggregateLoss } from '@resonancenet/consensus/loss';
import { lossRoot } from '@resonancenet/consensus/loss-root';
import { publicKey } from '@resonancenet/crypto/ed25519';
import type { Backend } from '@resonancenet/kernels/backend';
import { blockReward } from '@resonancenet/ledger/emission';
import { GENESIS_TOTALS } from '@resonancenet/ledger/totals';
import { bf16FromF32, widenBf16 } from '@resonancenet/model/bf16';
import { CHUNK_BYTES, type Checkpoint, chunkLeaves, encodeCheckpoint } from '@resonancenet/model/checkpoint';
import { growWeights } from '@resonancenet/model/growth';
import { assembleBlock } from '@resonancenet/node/mining/assemble-block';
import { nextBlock } from '@resonancenet/node/mining/next-block';
import { amount } from '@resonancenet/primitives/amount';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import { bodyCodec } from '@resonancenet/primitives/block';
import { keyDestination } from '@resonancenet/primitives/destination';
import { NO_VOTE } from '@resonancenet/primitives/dval-vote';
import { type BlockHeader, blockId, signHeader } from '@resonancenet/primitives/header';
import { type Transaction, txRoot } from '@resonancenet/primitives/transaction';
import type { TestNetwork } from './test-network.ts';

export interface CheckpointFile {
  readonly bytes: Uint8Array;
  readonly root: Hex32;
  /** Chunks with the branches that prove them. */
  readonly chunks: readonly { readonly bytes: Uint8Array; readonly branch: readonly Uint8Array[] }[];
}

export interface ForgedBlock {
  readonly id: Hex32;
  readonly header: BlockHeader;
  /** Encoded; empty for genesis. */
  readonly body: Uint8Array;
  /** What the body claims. */
  readonly sums: readonly number[];
  readonly file: CheckpointFile;
  /** The model behind the file, as long as the file is the model's. */
  readonly checkpoint: Checkpoint;
}

export interface CandidateOptions {
  /** Unix seconds; left out: as early as spacing allows. */
  readonly timestamp?: bigint;
  /** Seed of the miner's key and of the direction of the step: siblings need different ones. */
  readonly seed?: number;
}

/** What a liar changes in a block; the rest is made to fit, so that nothing else is wrong with it. */
export interface Lie {
  readonly header?: Partial<BlockHeader>;
  /** Claimed window sums; header and body follow. */
  readonly sums?: readonly number[];
  /** Transactions of the body instead of the block's own. */
  readonly transactions?: readonly Transaction[];
  /** Another file; the header's root follows. */
  readonly file?: Uint8Array;
  readonly seed?: number;
}

/** Steps that are tried, as shares of an embedding's amplitude; smaller ones are surer to help. */
const stepSizes = [1 / 8, 1 / 32, 1 / 128];

export class BlockForge {
  readonly network: TestNetwork;
  readonly genesis: ForgedBlock;
  readonly #backend: Backend;
  #nextSeed = 1;

  constructor(network: TestNetwork, backend: Backend) {
    this.network = network;
    this.#backend = backend;
    const header = genesisHeader(network.params);
    this.genesis = {
      id: toHex(blockId(header)),
      header,
      body: new Uint8Array(0),
      sums: network.genesisSums,
      file: checkpointFile(encodeCheckpoint(network.genesis)),
      checkpoint: network.genesis,
    };
  }

  /** A valid block on a parent: a loss at least LOSS_STEP lower, exactly evaluated. */
  async block(parent: ForgedBlock, options: CandidateOptions = {}): Promise<ForgedBlock> {
    const { params } = this.network;
    const seed = options.seed ?? this.#takeSeed();
    const next = nextBlock(parent.header, options.timestamp ?? 0n, params, (timestamp) =>
      toHex(expectedDval(parent.header, timestamp, params)),
    );
    const grown: Checkpoint = {
      shape: next.shape,
      baseLayers: params.baseShape.layers,
      growth: Number(next.growth),
      data: growWeights(
        parent.checkpoint.shape,
        parent.checkpoint.data,
        next.shape,
        fromHex(parent.id),
        params.initAmplitudes,
      ),
    };
    const before = next.dvalChanges ? await this.evaluate(grown, next.dvalId) : parent.sums;
    const parentLoss = this.#lossOf(before);
    const { checkpoint, sums } = await this.#improve(grown, next.dvalId, parentLoss - params.lossStep, seed);
    const file = checkpointFile(encodeCheckpoint(checkpoint));
    const minerKey = keyOf(seed);
    const { header, bodyBytes } = assembleBlock({
      params,
      parent: parent.header,
      timestamp: next.timestamp,
      dvalId: fromHex(next.dvalId),
      dvalVote: NO_VOTE,
      checkpointRoot: fromHex(file.root),
      windowSums: sums,
      parentLoss,
      totals: GENESIS_TOTALS,
      payTo: keyDestination(publicKey(minerKey), params.recovery),
      minerKey,
    });
    return { id: toHex(blockId(header)), header, body: bodyBytes, sums, file, checkpoint };
  }

  /** `count` blocks on top of each other. */
  async chain(parent: ForgedBlock, count: number): Promise<ForgedBlock[]> {
    const blocks: ForgedBlock[] = [];
    for (let at = parent; blocks.length < count; ) {
      at = await this.block(at);
      blocks.push(at);
    }
    return blocks;
  }

  /** The block with something wrong in it, signed as if nothing were. */
  lie(block: ForgedBlock, lie: Lie): ForgedBlock {
    const { params } = this.network;
    const seed = lie.seed ?? this.#takeSeed();
    const minerKey = keyOf(seed);
    const sums = lie.sums ?? block.sums;
    const file = lie.file === undefined ? block.file : checkpointFile(lie.file);
    const valLoss = lie.sums === undefined ? block.header.valLoss : this.#lossOf(lie.sums);
    const transactions = lie.transactions ?? (lie.sums === undefined ? undefined : [this.#coinbaseFor(block, valLoss)]);
    const claimed = {
      ...(lie.sums === undefined ? {} : { valLoss, lossRoot: lossRoot(lie.sums).hash }),
      ...(transactions === undefined ? {} : { txRoot: txRoot(transactions) }),
    };
    const { signature: _, ...own } = block.header;
    const header = signHeader(
      { ...own, ...claimed, checkpointRoot: fromHex(file.root), minerKey: publicKey(minerKey), ...lie.header },
      minerKey,
    );
    const body =
      transactions === undefined ? block.body : encode(bodyCodec(params), { windowSums: sums, transactions });
    return { id: toHex(blockId(header)), header, body, sums, file, checkpoint: block.checkpoint };
  }

  /** What the block's coinbase would be with another loss: the reward follows from it. */
  #coinbaseFor(block: ForgedBlock, valLoss: number): Transaction {
    const { height, parentLoss } = block.header;
    const [destination] = this.transactionsOf(block)[0]!.outputs;
    const { reward } = blockReward(parentLoss, valLoss, GENESIS_TOTALS, this.network.params);
    return makeCoinbase(height, amount(reward), destination!);
  }

  transactionsOf(block: ForgedBlock): readonly Transaction[] {
    const body = decode(bodyCodec(this.network.params), block.body);
    if (!body.ok) throw new Error(`The forged body does not decode: ${body.error.message}`);
    return body.value.transactions;
  }

  /** Window sums moved so that val_loss differs by exactly `microNats`, and as little as that takes. */
  shiftedSums(sums: readonly number[], microNats: 1 | -1): number[] {
    const before = this.#lossOf(sums);
    const shifted = [...sums];
    while (this.#lossOf(shifted) !== before + microNats) shifted[0] = (shifted[0] ?? 0) + Math.sign(microNats);
    return shifted;
  }

  /** All window sums of a model on a D_val. */
  async evaluate(checkpoint: Checkpoint, dvalId: Hex32): Promise<readonly number[]> {
    const windows = this.network.windows.get(dvalId);
    if (windows === undefined) throw new RangeError(`There is no D_val ${dvalId}.`);
    const evaluator = await this.#backend.evaluator(checkpoint);
    try {
      return (await evaluator.evaluate(windows)).map((result) => {
        if (!result.ok) throw new RangeError('The forged model has no loss.');
        return result.sum;
      });
    } finally {
      await evaluator.close();
    }
  }

  #takeSeed(): number {
    this.#nextSeed += 1;
    return this.#nextSeed;
  }

  #lossOf(sums: readonly number[]): number {
    return aggregateLoss(sums, this.network.params.dval.windowSize).valLoss;
  }

  async #improve(
    from: Checkpoint,
    dvalId: Hex32,
    maxLoss: number,
    seed: number,
  ): Promise<{ readonly checkpoint: Checkpoint; readonly sums: readonly number[] }> {
    const weights = widenBf16(from.data);
    const embedding = from.shape.vocab * from.shape.width;
    for (const size of stepSizes) {
      const step = size * this.network.params.initAmplitudes.embed;
      for (const sign of [1, -1]) {
        const moved = weights.slice();
        let state = Math.imul(seed, 2_654_435_761) >>> 0;
        for (let i = 0; i < embedding; i += 1) {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          moved[i] = (moved[i] ?? 0) + sign * step * (state / 2 ** 31 - 1);
        }
        const checkpoint = { ...from, data: bf16FromF32(moved) };
        const sums = await this.evaluate(checkpoint, dvalId);
        if (this.#lossOf(sums) <= maxLoss) return { checkpoint, sums };
      }
    }
    return this.#improve(from, dvalId, maxLoss, seed + 1_000_003);
  }
}

/** A key of 32 bytes from a number. */
export function keyOf(seed: number): Uint8Array {
  const key = new Uint8Array(32).fill(0x5a);
  new DataView(key.buffer).setUint32(0, seed);
  return key;
}

/** Bytes as a checkpoint: its chunks, their branches and the root. */
export function checkpointFile(bytes: Uint8Array): CheckpointFile {
  const tree = new ChunkTree(chunkLeaves(bytes));
  const chunks = tree.leaves.map((_, index) => ({
    bytes: bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
    branch: tree.branch(index),
  }));
  return { bytes, root: tree.root, chunks };
}
