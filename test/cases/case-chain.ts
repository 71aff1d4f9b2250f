// The chain that cases are tried on: a chain machine with the real ledger, a wallet that can open what it was paid, and blocks whose every part
// a case may replace. Blocks repeat their parent's loss, so there is no training; what a case does not say is valid.

import assert from 'node:assert/strict';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { Writer } from '@resonancenet/bytes/writer';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { nextGrowth } from '@resonancenet/consensus/growth';
import { childHeader, genesisView, sumsFor, viewOf } from '@resonancenet/consensus/testing/sample-chain';
import type { VerdictCode } from '@resonancenet/consensus/verdict-codes';
import type { ChainAction, Hex32 } from '@resonancenet/chain/events';
import { checkpointDescription } from '@resonancenet/chain/block-node';
import { MachineDriver } from '@resonancenet/chain/testing/machine-driver';
import { type SampleFile, sampleFile } from '@resonancenet/chain/testing/sample-blocks';
import { ledgerTables } from '@resonancenet/chain/testing/test-ledger';
import { hash } from '@resonancenet/crypto/hash';
import { merkleRoot } from '@resonancenet/crypto/merkle';
import { TAG } from '@resonancenet/crypto/tags';
import { build, keyOf, ownedBy, type Owned, type Plan } from '@resonancenet/ledger/testing/build-transaction';
import { keyLeaves } from '@resonancenet/ledger/testing/sample-policies';
import { checkpointFileLength } from '@resonancenet/model/checkpoint-header';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { amount } from '@resonancenet/primitives/amount';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import { type Destination, keyDestination } from '@resonancenet/primitives/destination';
import { type DvalVote, NO_VOTE } from '@resonancenet/primitives/dval-vote';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import { type Output, type Transaction, transactionCodec, txid } from '@resonancenet/primitives/transaction';
import { LIMITS } from './limits.ts';
import { type CasePlan, signPlan } from './sign-plan.ts';

/** A block of a case and what its parent's view needs. */
export interface CaseBlock {
  readonly id: Hex32;
  readonly header: BlockHeader;
  readonly body: Uint8Array;
  readonly sums: readonly number[];
  readonly file: SampleFile;
  readonly transactions: readonly Transaction[];
  /** null: genesis. */
  readonly parent: CaseBlock | null;
  /** After the parent's timestamp. */
  readonly seconds: number;
}

/** What of a block a case says itself. */
export interface BlockWishes {
  /** The tip if it is left out; null is genesis. */
  readonly parent?: CaseBlock | null;
  readonly transactions?: readonly Transaction[];
  /** Encoded transactions that stand after them, readable or not. */
  readonly raw?: readonly Uint8Array[];
  /** Outputs of the coinbase before the miner's. */
  readonly pay?: readonly Output[];
  /** Resonances that the coinbase pays beyond what the block earns. */
  readonly more?: bigint;
  /** What the block mints: the first subsidy if it is left out. */
  readonly reward?: bigint;
  /** What actions lock and recoveries get back, resonances. */
  readonly bonds?: bigint;
  readonly refunds?: bigint;
  readonly coinbase?: (made: Transaction) => Transaction;
  /** All transactions as they stand in the body; the root is theirs. */
  readonly order?: (encoded: readonly Uint8Array[]) => readonly Uint8Array[];
  readonly vote?: DvalVote;
  readonly dvalId?: Uint8Array;
  readonly parentLoss?: number;
  readonly valLoss?: number;
  /** After the parent. */
  readonly seconds?: number;
  /** Number of the key that is paid. */
  readonly miner?: number;
  readonly header?: Partial<BlockHeader>;
  /** Other bytes for the body that the header does not know of. */
  readonly body?: (made: Uint8Array) => Uint8Array;
}

/** What a refusal means beside its code. */
export interface Blame {
  /** Whether anybody had vouched for the whole block, by chunks of its checkpoint, before it was refused: true if it is left out. */
  readonly vouched?: boolean;
  /** Whether who sent it is at fault. */
  readonly peerFault?: boolean;
  /**
   * What the node knows of the block afterwards: that its id is invalid for ever, a header that may still be completed, or nothing, as of a header
   * that is refused.
   */
  readonly leaves?: 'invalid' | 'open' | 'nothing';
}

export class CaseChain {
  readonly params: NetworkParams;
  readonly node: MachineDriver;
  readonly genesisId: Uint8Array;
  tip: CaseBlock | null = null;
  readonly #outputs = new Map<string, Output>();
  readonly #purse: Owned[] = [];
  readonly #losses = new Map<Hex32, number>();
  #liars = 0;

  constructor(params: NetworkParams) {
    this.params = params;
    this.node = new MachineDriver({ params });
    this.genesisId = blockId(genesisHeader(params));
  }

  /** Height of the block that comes next on the tip. */
  get next(): number {
    return (this.tip?.header.height ?? 0) + 1;
  }

  /** The next block on its parent. */
  block(wishes: BlockWishes = {}): CaseBlock {
    const parent = wishes.parent === undefined ? this.tip : wishes.parent;
    const view = parent === null ? genesisView(this.params) : viewOf(parent.header);
    const made = this.#coinbase(view.height + 1, wishes);
    const transactions = [wishes.coinbase?.(made) ?? made, ...(wishes.transactions ?? [])];
    const natural = [...transactions.map((one) => encode(transactionCodec, one)), ...(wishes.raw ?? [])];
    const encoded = wishes.order?.(natural) ?? natural;
    const seconds = wishes.seconds ?? Math.max(1, this.params.spacingBase);
    const timestamp = view.timestamp + BigInt(seconds);
    const parentLoss = wishes.parentLoss ?? view.valLoss;
    const valLoss = wishes.valLoss ?? parentLoss;
    const root = rootOf(encoded);
    const file = this.#file(nextGrowth(view, timestamp, this.params).growth, wishes.header?.txRoot ?? root);
    const header = childHeader(view, this.params, {
      timestamp,
      txRoot: root,
      checkpointRoot: bytesOf(file.root),
      valLoss,
      parentLoss,
      dvalVote: wishes.vote ?? NO_VOTE,
      ...(wishes.dvalId === undefined ? {} : { dvalId: wishes.dvalId }),
      ...wishes.header,
    });
    for (const transaction of transactions) this.#remember(transaction);
    const sums = sumsFor(valLoss, this.params);
    const plain = bodyBytes(sums, encoded);
    return {
      id: toHex(blockId(header)),
      header,
      body: wishes.body?.(plain) ?? plain,
      sums,
      file,
      transactions,
      parent,
      seconds,
    };
  }

  /** The block becomes the tip. */
  accept(wishes: BlockWishes = {}): CaseBlock {
    return this.follow(this.block(wishes));
  }

  /** This very block becomes the tip. */
  follow(block: CaseBlock): CaseBlock {
    this.node.wait(1000 * block.seconds);
    this.#believe(block);
    const actions = this.node.deliver(block, 'honest');
    assert.deepEqual(this.node.refusals(actions), [], detailOf(actions));
    assert.equal(this.node.tip, block.id, `block ${block.header.height} becomes the tip`);
    this.tip = block;
    return block;
  }

  /** A valid block that another one stays the tip against. */
  aside(block: CaseBlock): void {
    this.node.wait(1000 * block.seconds);
    const before = this.#state();
    const actions = this.node.deliver(block, 'honest');
    assert.deepEqual(this.node.refusals(actions), [], detailOf(actions));
    assert.deepEqual(this.#state(), before, 'nothing moves');
  }

  /** A branch takes over with its last block. Its headers come first: bodies and checkpoints are wanted once it would win. */
  overtake(blocks: readonly CaseBlock[]): void {
    const actions = this.#offer(blocks, 'honest');
    assert.deepEqual(this.node.refusals(actions), [], detailOf(actions));
    assert.equal(this.node.tip, blocks.at(-1)!.id, 'the branch takes over');
    this.tip = blocks.at(-1)!;
  }

  /** A branch that would take over is refused for block `bad` of it, the last one if it is left out; those above it are refused with it. */
  refuseBranch(blocks: readonly CaseBlock[], code: VerdictCode, bad: number = blocks.length - 1): void {
    const before = this.#state();
    const liar = this.#liar();
    const refused = this.node.all('refused', this.#offer(blocks, liar));
    assert.deepEqual(
      refused.map((action) => [action.code, action.blockId, action.peer, action.peerFault]),
      [[code, blocks[bad]!.id, liar, true]],
    );
    assert.deepEqual(this.#state(), before, 'a refused branch changes nothing');
    for (const [place, { id }] of blocks.entries()) {
      assert.equal(this.#knowledge(id), place < bad ? 'open' : 'invalid', `block ${place} of the branch`);
    }
  }

  #offer(blocks: readonly CaseBlock[], peer: string): ChainAction[] {
    this.node.wait(blocks.reduce((sum, { seconds }) => sum + 1000 * seconds, 0));
    this.#believe(...blocks);
    const actions = blocks.flatMap((block) => this.node.header(block, peer));
    for (const block of blocks) actions.push(...this.node.body(block, peer), ...this.node.chunks(block, peer));
    return actions;
  }

  /** The block is refused with this code and nothing else; tip and state of the ledger stay as they are, entry for entry. */
  refuse(wishes: BlockWishes, code: VerdictCode, blame: Blame = {}): CaseBlock {
    return this.refuseBlock(this.block(wishes), code, blame);
  }

  refuseBlock(block: CaseBlock, code: VerdictCode, blame: Blame = {}): CaseBlock {
    const { vouched = true, peerFault = vouched, leaves = code.startsWith('header-') ? 'nothing' : 'invalid' } = blame;
    const before = this.#state();
    const liar = this.#liar();
    this.#believe(block);
    const actions = this.node.deliver(block, liar);
    const refused = actions.filter((action) => action.type === 'refused');
    assert.deepEqual(
      refused.map((action) => [action.code, action.peer, action.peerFault]),
      [[code, vouched ? liar : null, peerFault]],
      detailOf(actions),
    );
    assert.deepEqual(this.#state(), before, 'a refused block changes nothing');
    assert.equal(this.#knowledge(block.id), leaves, 'what the refusal leaves');
    return block;
  }

  /** So many blocks with a coinbase alone. */
  advance(blocks: number): void {
    for (let made = 0; made < blocks; made++) this.accept();
  }

  /** The block after `at` next is the one of this height. */
  advanceTo(height: number): void {
    while (this.next < height) this.accept();
  }

  /** Outputs that a coinbase pays, ready to be spent. */
  fund(...outputs: readonly Output[]): Owned[] {
    const owned = this.owned(this.accept({ pay: outputs }).transactions[0]!, this.next - 1);
    this.advance(LIMITS.coinbaseMaturity - 1);
    return owned.slice(0, outputs.length);
  }

  /** Outputs of a transaction of a block of this height. */
  owned(transaction: Transaction, height: number): Owned[] {
    return ownedBy(transaction, height);
  }

  /** An output of 1 RNT that key 1 opens, mature and unspent; a case that spends it has it for itself. */
  coin(): Owned {
    if (this.#purse.length === 0) {
      const outputs = Array.from({ length: 40 }, () => this.pay(LIMITS.rnt));
      this.#purse.push(...this.fund(...outputs));
    }
    return this.#purse.pop()!;
  }

  /** Fills the purse, so that `coin` mines nothing for a while. */
  prepare(): void {
    this.#purse.push(this.coin());
  }

  /** An output to key 1 unless told. */
  pay(resonances: bigint, destination: Destination = this.home): Output {
    return { amount: amount(resonances), ...destination };
  }

  get home(): Destination {
    return keyDestination(keyOf(1), this.params.recovery);
  }

  /** The transaction with real signatures. */
  sign(plan: CasePlan): Transaction {
    return signPlan(plan, this.genesisId);
  }

  /** Spends coins by key 1 into one output, all of it but `fee`. */
  spend(coins: readonly Owned[], plan: Partial<CasePlan> = {}, fee = 0n): Transaction {
    const held = coins.reduce((sum, { output }) => sum + output.amount, 0n);
    const spends = coins.map((from) => ({ from, leaves: keyLeaves }));
    return this.sign({ spends, outputs: [this.pay(held - fee)], ...plan });
  }

  /** The same without signatures, which stand for themselves where a case is about something else. */
  unsigned(plan: Plan): Transaction {
    return build(plan);
  }

  /** Every checkpoint from here on has this loss on another D_val. */
  setLoss(dvalId: Hex32, valLoss: number): void {
    this.#losses.set(dvalId, valLoss);
  }

  /** What the evaluator finds: what blocks claim, and what was set for other D_vals. */
  #believe(...blocks: readonly CaseBlock[]): void {
    for (const { file } of blocks) {
      for (const [dvalId, valLoss] of this.#losses)
        this.node.setTruth(file.root, dvalId, sumsFor(valLoss, this.params));
    }
    this.node.believe(...blocks);
  }

  /** Nobody lies twice: of one peer few headers with the same parent are kept (CON-31). */
  #liar(): string {
    this.#liars += 1;
    return `liar ${this.#liars}`;
  }

  #knowledge(id: Hex32): 'invalid' | 'open' | 'nothing' {
    const found = this.node.machine.status(id);
    if (found === null || found === undefined) return 'nothing';
    return found.status === 'invalid' ? 'invalid' : 'open';
  }

  /** Everything that a refused block must not change. */
  #state(): { readonly tip: Hex32; readonly ledger: readonly string[] } {
    return { tip: this.node.tip, ledger: ledgerTables(this.node.store) };
  }

  #coinbase(height: number, wishes: BlockWishes): Transaction {
    const { transactions = [], pay = [], more = 0n, bonds = 0n, refunds = 0n, reward = LIMITS.subsidy } = wishes;
    for (const transaction of transactions) this.#remember(transaction);
    const fees = transactions.reduce((sum, one) => sum + this.#leftOver(one), 0n);
    const paid = pay.reduce((sum, output) => sum + output.amount, 0n);
    const rest = reward + fees + refunds - bonds - paid + more;
    const miner = keyDestination(keyOf(wishes.miner ?? 1), this.params.recovery);
    const coinbase = makeCoinbase(height, amount(rest < 0n ? 0n : rest), miner);
    return { ...coinbase, outputs: [...pay, ...coinbase.outputs] };
  }

  /** Inputs minus outputs of a transaction, as far as the inputs are known and are not less. */
  #leftOver({ inputs, outputs }: Transaction): bigint {
    const held = inputs.reduce((sum, { outpoint }) => sum + (this.#outputs.get(nameOf(outpoint))?.amount ?? 0n), 0n);
    const fee = outputs.reduce((rest, output) => rest - output.amount, held);
    return fee < 0n ? 0n : fee;
  }

  #remember(transaction: Transaction): void {
    const id = txid(transaction);
    for (const [index, output] of transaction.outputs.entries()) this.#outputs.set(nameOf({ txid: id, index }), output);
  }

  /** Each block has a checkpoint of its own, so that it is known who vouched for it; of the same block always the same. */
  #file(growth: bigint, txRoot: Uint8Array): SampleFile {
    const length = checkpointFileLength(checkpointDescription(growth, this.params));
    return sampleFile(length, new DataView(txRoot.buffer, txRoot.byteOffset).getUint32(0) + Number(growth));
  }
}

/** Merkle root over encoded transactions (BLK-12), read or not. */
export function rootOf(encoded: readonly Uint8Array[]): Uint8Array {
  if (encoded.length === 0) return new Uint8Array(32);
  return merkleRoot(
    encoded.map((bytes) => hash(TAG.txLeaf, bytes)),
    TAG.txNode,
  );
}

/** A body's bytes by BLK-6, written here because a case's transactions may be none. */
export function bodyBytes(sums: readonly number[], encoded: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer().varint(sums.length);
  for (const sum of sums) writer.u32(sum);
  writer.varint(encoded.length);
  for (const bytes of encoded) writer.bytes(bytes);
  return writer.finish();
}

function nameOf({ txid: id, index }: { readonly txid: Uint8Array; readonly index: number }): string {
  return `${toHex(id)}:${index}`;
}

function bytesOf(hex: Hex32): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}

function detailOf(actions: readonly ChainAction[]): string {
  return actions
    .flatMap((action) => (action.type === 'refused' ? [`${action.code}: ${action.detail}`] : []))
    .join('; ');
}
