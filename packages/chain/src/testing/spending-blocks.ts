// Blocks that hold transactions, for tests of the chain with the real rules of the ledger: one key earns all coinbases and pays itself.

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { decodeBody } from '@resonancenet/consensus/admission-checks';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { MINER_SEED, seededRandom } from '@resonancenet/consensus/testing/sample-chain';
import { publicKey, sign } from '@resonancenet/crypto/ed25519';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { amount } from '@resonancenet/primitives/amount';
import { type Condition, leafCodec } from '@resonancenet/primitives/condition';
import { keyDestination } from '@resonancenet/primitives/destination';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import { keyLockId, leafHash } from '@resonancenet/primitives/lock';
import { TransactionSighash } from '@resonancenet/primitives/sighash';
import { NO_LOCK, type Output, type Transaction, txid } from '@resonancenet/primitives/transaction';
import { encodeLockWitness, type Satisfaction, SIGHASH_ALL } from '@resonancenet/primitives/witness';
import type { Hex32 } from '../events.ts';
import { networkLedger, trustedLosses } from '../ledger.ts';
import { MemoryChainStore } from '../memory-store.ts';
import { StoreView } from '../store-view.ts';
import { type SampleBlock, sampleBlock, type SampleOptions, sampleParams } from './sample-blocks.ts';
import { ledgerTables } from './test-ledger.ts';

/** Coinbases can be spent two blocks later. */
export const spendingParams: NetworkParams = { ...sampleParams, name: 'spending', coinbaseMaturity: 2 };

const key = publicKey(MINER_SEED);
const own = keyLockId(key);
const leaf: readonly Condition[] = [{ kind: 'key', publicKey: key }];

/** Left to the miner by every transaction. */
export const FEE = 1_000n;

export interface OwnedCoin {
  readonly txid: Uint8Array;
  readonly index: number;
  readonly output: Output;
  /** First height of a block that may spend it. */
  readonly ripeAt: number;
}

export interface SpendingBlock extends SampleBlock {
  readonly transactions: readonly Transaction[];
  /** Unspent outputs after it that the key alone opens. */
  readonly coins: readonly OwnedCoin[];
}

/** A transaction that pays what these coins hold to the same key again, in so many outputs. */
export function spend(
  coins: readonly OwnedCoin[],
  outputs: number,
  isSigned = true,
  params: NetworkParams = spendingParams,
): Transaction {
  const destination = keyDestination(key, params.recovery);
  const held = coins.reduce((sum, { output }) => sum + output.amount, 0n) - FEE;
  const part = held / BigInt(outputs);
  const amounts = Array.from({ length: outputs }, (_, index) =>
    index === 0 ? held - part * BigInt(outputs - 1) : part,
  );
  const bare: Transaction = {
    version: 1,
    inputs: coins.map(({ txid: id, index }) => ({
      outpoint: { txid: id, index },
      sequence: NO_LOCK,
      witness: new Uint8Array(0),
    })),
    outputs: amounts.map((each) => ({ amount: amount(each), ...destination })),
    actions: [],
    lockTime: NO_LOCK,
  };
  const sighash = new TransactionSighash(
    blockId(genesisHeader(params)),
    bare,
    coins.map(({ output }) => output),
  );
  const inputs = bare.inputs.map((input, index) => {
    const message = sighash.input(index, SIGHASH_ALL, leafHash(encode(leafCodec, leaf)))!;
    const signature = sign(isSigned ? message : message.with(0, message[0]! ^ 1), MINER_SEED);
    const satisfactions: Satisfaction[] = [{ kind: 'key', flag: SIGHASH_ALL, signature }];
    return { ...input, witness: encodeLockWitness({ leaf, index: 0, count: 1, branch: [], satisfactions }) };
  });
  return { ...bare, inputs };
}

interface SpendingOptions {
  readonly seed: number;
  readonly gain: number;
  readonly transactions?: readonly Transaction[];
  /** Beyond what the coinbase earns. */
  readonly greed?: bigint;
  readonly replaced?: SampleOptions['replaced'];
}

/** A block on another, or on genesis. Every transaction leaves `FEE`. */
export function spendingBlock(
  parent: SpendingBlock | null,
  options: SpendingOptions,
  params: NetworkParams = spendingParams,
): SpendingBlock {
  const { transactions = [], seed, gain, greed = 0n, replaced = {} } = options;
  const fees = FEE * BigInt(transactions.length) + greed;
  const header: BlockHeader = parent?.header ?? genesisHeader(params);
  const block = sampleBlock(header, params, { seed, gain, transactions, fees, replaced });
  const body = decodeBody(block.body, params);
  assert(body.ok, 'a body that was just made decodes');
  const spent = new Set(transactions.flatMap(({ inputs }) => inputs.map(({ outpoint }) => outpointText(outpoint))));
  const made = body.body.transactions.flatMap((transaction, place) => {
    const id = txid(transaction);
    const ripeAt = block.header.height + (place === 0 ? params.coinbaseMaturity : 1);
    return transaction.outputs
      .map((output, index) => ({ txid: id, index, output, ripeAt }))
      .filter(({ output }) => equalBytes(output.lockId, own));
  });
  const coins = [...(parent?.coins ?? []), ...made].filter((coin) => !spent.has(outpointText(coin)));
  return { ...block, transactions: body.body.transactions, coins };
}

/** `count` blocks on each other; from where coins are ripe each spends up to two of them. */
export function spendingChain(
  parent: SpendingBlock | null,
  count: number,
  options: Pick<SpendingOptions, 'seed' | 'gain'>,
  params: NetworkParams = spendingParams,
): SpendingBlock[] {
  const blocks: SpendingBlock[] = [];
  for (let at = parent; blocks.length < count; at = blocks.at(-1)!) {
    const height = (at?.header.height ?? 0) + 1;
    const ripe = (at?.coins ?? []).filter(({ ripeAt }) => ripeAt <= height).slice(-2);
    const transactions = ripe.length === 0 ? [] : [spend(ripe, 2, true, params)];
    blocks.push(spendingBlock(at, { ...options, transactions }, params));
  }
  return blocks;
}

/** A tree of blocks with up to four transactions each, some of them wrong: paid too much, or signed badly. */
export function makeSpendingTree(size: number, seed: number): SpendingBlock[] {
  const random = seededRandom(seed);
  const blocks: SpendingBlock[] = [];
  const sound: SpendingBlock[] = [];
  while (blocks.length < size) {
    // Now and then a branch grows on a wrong block.
    const recent = (random() < 0.1 ? blocks : sound).slice(-3);
    const parent = (random() < 0.03 ? null : recent[Math.floor(random() * recent.length)]) ?? null;
    const { block, isSound } = randomBlock(parent, { random, seed: blocks.length, gain: [1_000, 10_000] });
    blocks.push(block);
    if (isSound) sound.push(block);
  }
  return blocks;
}

/** The same with a chain that rivals overtake time and again, each from up to `depth` blocks below its tip. */
export function makeRivalTree(size: number, seed: number, depth: number): SpendingBlock[] {
  const random = seededRandom(seed);
  const blocks: SpendingBlock[] = [];
  let chain: SpendingBlock[] = [];
  const grow = (count: number, gain: readonly [number, number]): void => {
    for (let at = 0; at < count; at += 1) {
      const { block, isSound } = randomBlock(chain.at(-1) ?? null, { random, seed: blocks.length, gain });
      blocks.push(block);
      if (isSound) chain.push(block);
    }
  };
  while (blocks.length < size) {
    grow(2 + Math.floor(random() * depth), [500, 1_500]);
    const taken = 1 + Math.floor(random() * depth);
    chain = chain.slice(0, Math.max(0, chain.length - taken));
    // Better than what it replaces by more than a quarter, so that it may come late.
    grow(1 + Math.floor(random() * taken), [8_000, 12_000]);
  }
  return blocks;
}

interface RandomBlockOptions {
  readonly random: () => number;
  readonly seed: number;
  readonly gain: readonly [low: number, high: number];
}

function randomBlock(
  parent: SpendingBlock | null,
  { random, seed, gain: [low, high] }: RandomBlockOptions,
): { readonly block: SpendingBlock; readonly isSound: boolean } {
  const height = (parent?.header.height ?? 0) + 1;
  let ripe = (parent?.coins ?? []).filter(({ ripeAt }) => ripeAt <= height);
  const transactions: Transaction[] = [];
  const isSigned = random() > 0.1;
  while (ripe.length > 0 && transactions.length < 4 && random() < 0.7) {
    const chosen = ripe.toSorted(() => random() - 0.5).slice(0, 1 + Math.floor(random() * 2));
    ripe = ripe.filter((coin) => !chosen.includes(coin));
    const transaction = spend(chosen, 1 + Math.floor(random() * 3), isSigned);
    transactions.push(transaction);
    // The next one may spend what this one pays.
    const id = txid(transaction);
    ripe.push(...transaction.outputs.map((output, index) => ({ txid: id, index, output, ripeAt: height })));
  }
  const gain = low + Math.floor(random() * (high - low));
  const greed = random() < 0.06 ? 1n : 0n;
  const block = spendingBlock(parent, { seed, gain, transactions, greed });
  return { block, isSound: greed === 0n && (isSigned || transactions.length === 0) };
}

/** The ledger's tables after blocks of a tree, by connecting them and nothing else. */
export function spendingTables(tree: readonly SpendingBlock[]): (ids: readonly Hex32[]) => readonly string[] {
  const byId = new Map(tree.map((block) => [block.id, block]));
  const known = new Map<Hex32, readonly string[]>();
  const genesis = genesisHeader(spendingParams);
  const ledger = networkLedger(spendingParams, toHex(blockId(genesis)));
  return (ids) => {
    const tip = ids.at(-1) ?? '';
    const found = known.get(tip);
    if (found !== undefined) return found;
    const view = new StoreView(new MemoryChainStore());
    for (const [index, id] of ids.entries()) {
      const { header, transactions } = byId.get(id)!;
      const parent = index === 0 ? genesis : byId.get(ids[index - 1]!)!.header;
      const losses = trustedLosses({ dvalId: '', parentLoss: 0 });
      const result = ledger.connect({ id: fromHex(id), header, parent, transactions }, view, losses);
      assert(result.ok, `block ${id} was connected, and cannot be connected`);
    }
    const tables = ledgerTables(view);
    known.set(tip, tables);
    return tables;
  };
}

function outpointText({ txid: id, index }: { readonly txid: Uint8Array; readonly index: number }): string {
  return `${id}:${index}`;
}
