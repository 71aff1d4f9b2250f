// Somebody who uses the ledger through a node: its own key's money, transactions that it sees through, and the wait between its acts. What it does
// is written as generators: each `yield` is a moment in which the network goes on.

import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import type { ActionContent } from '@resonancenet/primitives/action-content';
import { amount } from '@resonancenet/primitives/amount';
import { type Destination, keyDestination } from '@resonancenet/primitives/destination';
import { blockId } from '@resonancenet/primitives/header';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { outpointClaim } from '@resonancenet/mempool/claims';
import { fundAction, FundingError } from '@resonancenet/node/rotation/fund-action';
import { ownCoins } from '@resonancenet/node/rotation/own-coins';
import type { SeededRandom } from '@resonancenet/p2p/testing/seeded-random';
import { firstOutput, nameOf, submit } from '../payments.ts';
import type { SimNode } from '../sim-node.ts';
import {
  byKey,
  type Opening,
  type OwnCoin,
  type ActionWish,
  signedTransaction,
  type TransactionWish,
} from '@resonancenet/primitives/testing/signed-transaction';

/** Work in which the network goes on at every `yield`. */
export type Play<T = void> = Generator<void, T>;

/** Resonances of every transaction of the simulation. */
export const FEE = 100_000n;

/** So often the pool may refuse a transaction before it is given up: what it needs is gone. */
const MAX_REFUSALS = 6;

/** Blocks in which a transaction is confirmed, or it is given up. */
const MAX_BLOCKS = 40;

export class Actor {
  /** One that keeps an index of transactions. */
  readonly node: SimNode;
  readonly random: SeededRandom;
  readonly #genesisId: Uint8Array;

  constructor(node: SimNode, random: SeededRandom) {
    this.node = node;
    this.random = random;
    this.#genesisId = blockId(genesisHeader(node.params));
  }

  /** Where its money goes back to. */
  get own(): Destination {
    return keyDestination(this.node.publicKey, this.node.params.recovery);
  }

  /** Height of a block on the tip. */
  get nextHeight(): number {
    return this.node.height + 1;
  }

  seeds(count: number): Uint8Array[] {
    return Array.from({ length: count }, () => this.random.bytes(32));
  }

  /** What the node's key can spend in the next block and no transaction of the pool spends, the largest first. */
  coins(): OwnCoin[] {
    const { node } = this;
    return ownCoins(node.chain.ledger, node.key, this.nextHeight, node.params)
      .filter(({ outpoint }) => node.pool.claimant(outpointClaim(outpoint)) === null)
      .sort((a, b) => (a.output.amount < b.output.amount ? 1 : -1));
  }

  opening(coin: OwnCoin): Opening {
    return { coin, leaves: [[byKey(this.node.key)]], leaf: 0, keys: [this.node.key] };
  }

  sign(wish: TransactionWish): Transaction {
    return signedTransaction(this.#genesisId, wish);
  }

  /** Whether the pool has all of them now. */
  submit(...transactions: readonly Transaction[]): boolean {
    submit(this.node, ...transactions);
    return transactions.every((transaction) => this.node.pool.get(nameOf(transaction)) !== null);
  }

  *until(condition: () => boolean, blocks: number): Play<boolean> {
    for (const end = this.node.height + blocks; this.node.height <= end; ) {
      if (condition()) return true;
      yield;
    }
    return condition();
  }

  /** So many blocks. */
  *wait(blocks: number): Play {
    yield* this.until(() => false, blocks);
  }

  /** Keeps a transaction in the pool until it is in a block; false if it never got there. */
  *confirm(transaction: Transaction): Play<boolean> {
    const name = nameOf(transaction);
    let refusals = 0;
    for (const end = this.node.height + MAX_BLOCKS; this.node.height <= end && refusals < MAX_REFUSALS; ) {
      if (this.node.chain.transaction(name) !== null) return true;
      if (this.node.pool.get(name) === null && !this.submit(transaction)) refusals += 1;
      yield;
    }
    return false;
  }

  /** An output of so many resonances at a destination; null if there was no money for it. */
  *fund(destination: Destination, resonances: bigint): Play<OwnCoin | null> {
    const coin = yield* this.#purse(resonances + 2n * FEE);
    if (coin === null) return null;
    const rest = coin.output.amount - resonances - FEE;
    const outputs = [
      { amount: amount(resonances), ...destination },
      { amount: amount(rest), ...this.own },
    ];
    const transaction = this.sign({ openings: [this.opening(coin)], outputs });
    return (yield* this.confirm(transaction)) ? firstOutput(transaction) : null;
  }

  /** A transaction with this action and, of its money, what must be left as a bond. Made anew until it is confirmed. */
  *act(action: ActionWish, bond: () => bigint = () => 0n): Play<boolean> {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const coin = yield* this.#purse(bond() + 2n * FEE);
      if (coin === null) return false;
      const rest = coin.output.amount - bond() - FEE;
      const outputs = [{ amount: amount(rest), ...this.own }];
      const transaction = this.sign({ openings: [this.opening(coin)], outputs, actions: [action] });
      if (yield* this.confirm(transaction)) return true;
    }
    return false;
  }

  /** The same for actions that nobody signs; they may take several outputs. */
  *actUnsigned(content: ActionContent): Play<boolean> {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const transaction = this.#fundUnsigned(content);
      if (transaction !== null && (yield* this.confirm(transaction))) return true;
      yield* this.wait(2);
    }
    return false;
  }

  #fundUnsigned(content: ActionContent): Transaction | null {
    const { key, params } = this.node;
    try {
      return fundAction(content, { params, genesisId: this.#genesisId, key, coins: this.coins(), change: this.own });
    } catch (error) {
      if (error instanceof FundingError) return null;
      throw error;
    }
  }

  *#purse(resonances: bigint): Play<OwnCoin | null> {
    const found = (): OwnCoin | undefined => this.coins().find(({ output }) => output.amount >= resonances);
    yield* this.until(() => found() !== undefined, MAX_BLOCKS);
    return found() ?? null;
  }
}
