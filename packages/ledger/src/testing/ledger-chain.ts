// A chain of blocks over a ledger in memory, for tests of the rules: what a test does not say is valid.

import { assert } from '@resonancenet/bytes/assert';
import { fromHex } from '@resonancenet/bytes/hex';
import { withGenesis } from '@resonancenet/consensus/testing/sample-chain';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { regtest } from '@resonancenet/params/regtest';
import { type Amount, amount } from '@resonancenet/primitives/amount';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import { type Destination, keyDestination } from '@resonancenet/primitives/destination';
import { type DvalVote, NO_VOTE } from '@resonancenet/primitives/dval-vote';
import type { BlockHeader } from '@resonancenet/primitives/header';
import { type Output, type Transaction, txid } from '@resonancenet/primitives/transaction';
import { connectBlock } from '../connect-block.ts';
import type { ConnectResult } from '../connect-result.ts';
import type { LedgerBlock, LedgerContext } from '../ledger-context.ts';
import { readTotals, type Totals } from '../totals.ts';
import type { Owned } from './build-transaction.ts';
import { type JournalEntry, MemoryLedger } from './memory-ledger.ts';

/** What of a block a test says itself. */
export interface BlockWishes {
  /** Paid by the coinbase before the miner; they must not be more than it earns. */
  readonly pay?: readonly Output[];
  readonly coinbase?: Transaction;
  readonly parentLoss?: number;
  readonly valLoss?: number;
  readonly dvalId?: Uint8Array;
  readonly timestamp?: bigint;
  readonly vote?: DvalVote;
}

const PARENT_LOSS = 5_000_000;
const bytes32 = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const MINER = bytes32(0xee);

export class LedgerChain {
  readonly view: MemoryLedger = new MemoryLedger();
  readonly params: NetworkParams;
  readonly context: LedgerContext;
  readonly #returnsPerBlock: number | undefined;
  readonly #blocks: { readonly header: BlockHeader; readonly journal: readonly JournalEntry[] }[] = [];

  constructor(
    params: NetworkParams = withGenesis(regtest),
    returnsPerBlock?: number,
    lossOf?: LedgerContext['lossOf'],
  ) {
    this.params = params;
    this.#returnsPerBlock = returnsPerBlock;
    this.context = { params, genesisId: bytes32(0x6e), lossOf: lossOf ?? (() => null) };
  }

  get height(): number {
    return this.#blocks.length;
  }

  get totals(): Totals {
    return readTotals(this.view);
  }

  get miner(): Destination {
    return keyDestination(MINER, this.params.recovery);
  }

  /** Result of connecting a block with these transactions; the state stays as it is. */
  attempt(transactions: readonly Transaction[], wishes: BlockWishes = {}): ConnectResult {
    const mark = this.view.mark();
    const result = this.#connect(this.block(transactions, wishes));
    this.view.rollback(mark);
    return result;
  }

  /** Connects a block with these transactions, which must be valid; its coinbase. */
  mine(transactions: readonly Transaction[] = [], wishes: BlockWishes = {}): Transaction {
    const block = this.block(transactions, wishes);
    const result = this.#connect(block);
    assert(result.ok, `height ${block.header.height}: ${result.ok || result.code === null ? '' : result.code}`);
    this.#blocks.push({ header: block.header, journal: this.view.takeJournal() });
    const [coinbase] = block.transactions;
    return coinbase!;
  }

  /** So many blocks with nothing but a coinbase. */
  advance(blocks: number): void {
    for (let mined = 0; mined < blocks; mined++) this.mine();
  }

  /** Disconnects the last block. */
  undo(): void {
    this.view.undo(this.#blocks.pop()!.journal);
  }

  /** A block whose coinbase pays this, and six more: outputs of that coinbase that can be spent. */
  fund(...outputs: readonly Output[]): Owned[] {
    const coinbase = this.mine([], { pay: outputs });
    const [height, id] = [this.height, txid(coinbase)];
    this.advance(this.params.coinbaseMaturity - 1);
    return outputs.map((output, index) => ({ txid: id, index, output, height }));
  }

  /** The next block. Unless it is given, its coinbase pays exactly what the rules want. */
  block(transactions: readonly Transaction[], wishes: BlockWishes): LedgerBlock {
    const header = this.#header(wishes);
    const { parent } = this;
    const of = (coinbase: Transaction): LedgerBlock => ({
      id: bytes32(1),
      header,
      parent,
      transactions: [coinbase, ...transactions],
    });
    if (wishes.coinbase !== undefined) return of(wishes.coinbase);
    const mark = this.view.mark();
    const pay = wishes.pay ?? [];
    const poor = of(this.#coinbase(header.height, pay, 0n));
    const trial = this.#connect(poor);
    this.view.rollback(mark);
    if (trial.ok || trial.code !== 'body-coinbase-amount') return poor;
    return of(this.#coinbase(header.height, pay, trial.facts.expected - trial.facts.claimed));
  }

  /** Of the last block's header, what the next one is judged by. */
  get parent(): LedgerBlock['parent'] {
    return this.#blocks.at(-1)?.header ?? genesis(this.params);
  }

  #coinbase(height: number, pay: readonly Output[], rest: bigint): Transaction {
    const coinbase = makeCoinbase(height, amount(rest > 0n ? rest : 0n), this.miner);
    return { ...coinbase, outputs: [...pay, ...coinbase.outputs] };
  }

  #connect(block: LedgerBlock): ConnectResult {
    return connectBlock(block, this.view, this.context, this.#returnsPerBlock);
  }

  #header(wishes: BlockWishes): BlockHeader {
    const { parent } = this;
    const parentLoss = wishes.parentLoss ?? PARENT_LOSS;
    return {
      version: 1,
      height: this.height + 1,
      prevHash: bytes32(0),
      txRoot: bytes32(0),
      checkpointRoot: bytes32((this.height + 1) % 256),
      valLoss: wishes.valLoss ?? parentLoss,
      parentLoss,
      lossRoot: bytes32(0),
      dvalId: wishes.dvalId ?? parent.dvalId,
      dModel: 16,
      nLayers: 1,
      growth: 0n,
      stagnation: 0,
      timestamp: wishes.timestamp ?? parent.timestamp + 1n,
      dvalVote: wishes.vote ?? NO_VOTE,
      minerKey: MINER,
      signature: new Uint8Array(64),
    };
  }
}

function genesis(params: NetworkParams): LedgerBlock['parent'] {
  const dvalId = fromHex(params.genesis.constants!.dvalIds[0]!);
  return {
    valLoss: PARENT_LOSS,
    checkpointRoot: bytes32(0),
    dvalId,
    growth: 0n,
    timestamp: params.genesis.timestamp,
  };
}

/** An output of so many resonances. */
export function paying(destination: Destination, resonances: bigint): Output {
  return { amount: resonances as Amount, ...destination };
}
