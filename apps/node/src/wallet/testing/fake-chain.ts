// A chain and a pool in memory for wallets to follow: blocks are what the test says, and no rule is asked.

import { concatBytes } from '@resonancenet/bytes/compare';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { Hex32 } from '@resonancenet/chain/events';
import { hashUntagged } from '@resonancenet/crypto/hash';
import { bigEndian } from '@resonancenet/bytes/big-endian';
import { amount } from '@resonancenet/primitives/amount';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import type { Destination } from '@resonancenet/primitives/destination';
import { NO_LOCK, type Outpoint, type Output, type Transaction, txid } from '@resonancenet/primitives/transaction';
import type { WalletBlock } from '@resonancenet/wallet/scan-block';
import type { Submission, WalletChain, WalletPool } from '../wallet-chain.ts';

/** Blocks below the tip that are never taken back. */
const FINALITY = 6;

const nobody: Destination = { lockId: new Uint8Array(24).fill(9), policyId: new Uint8Array(24).fill(9) };

export class FakeChain implements WalletChain {
  readonly #active: WalletBlock[] = [genesis()];
  readonly #blocks = new Map<Hex32, WalletBlock>();
  #made = 0;
  /** Blocks that were asked for. */
  reads = 0;

  tip(): { readonly id: Hex32; readonly height: number } {
    const { id, height } = this.#active.at(-1)!;
    return { id: toHex(id), height };
  }

  idAt(height: number): Hex32 | null {
    const block = this.#active[height];
    return block === undefined ? null : toHex(block.id);
  }

  finalHeight(): number {
    return Math.max(0, this.tip().height - FINALITY);
  }

  block(id: Hex32): WalletBlock | null {
    this.reads += 1;
    return this.#blocks.get(id) ?? null;
  }

  /** A block on the tip whose coinbase pays `to`; gives the coinbase. */
  mine(to: Destination = nobody, transactions: readonly Transaction[] = [], resonances = 50n): Transaction {
    const { id: previous, height: below } = this.#active.at(-1)!;
    const height = below + 1;
    this.#made += 1;
    const id = hashUntagged(previous, bigEndian(this.#made));
    const coinbase = makeCoinbase(height, amount(resonances), to);
    const block = {
      height,
      id,
      previous,
      timestamp: BigInt(1_800_000_000 + height),
      transactions: [coinbase, ...transactions],
    };
    this.#active.push(block);
    this.#blocks.set(toHex(id), block);
    return coinbase;
  }

  /** Takes the last blocks off the active chain. */
  undo(blocks: number): void {
    this.#active.splice(this.#active.length - blocks, blocks);
  }

  /** The transactions of a block are lost. */
  forget(height: number): void {
    this.#blocks.delete(this.idAt(height)!);
  }
}

export class FakePool implements WalletPool {
  readonly #transactions = new Map<Hex32, Transaction>();
  readonly submitted: Hex32[] = [];
  refusal: string | null = 'fee-too-low: refused by the test';

  ids(): Iterable<Hex32> {
    return this.#transactions.keys();
  }

  transaction(id: Hex32): Transaction | null {
    return this.#transactions.get(id) ?? null;
  }

  async submit(transaction: Transaction): Promise<Submission> {
    this.submitted.push(toHex(txid(transaction)));
    if (this.refusal === 'unknown') return { kind: 'unknown', reason: this.refusal };
    if (this.refusal !== null) return { kind: 'refused', reason: this.refusal };
    this.add(transaction);
    return { kind: 'taken' };
  }

  add(transaction: Transaction): Hex32 {
    const id = toHex(txid(transaction));
    this.#transactions.set(id, transaction);
    return id;
  }

  remove(id: Hex32): void {
    this.#transactions.delete(id);
  }
}

/** A transaction without signatures. */
export function spending(from: readonly Outpoint[], outputs: readonly Output[]): Transaction {
  return {
    version: 1,
    inputs: from.map((outpoint) => ({ outpoint, sequence: NO_LOCK, witness: new Uint8Array(0) })),
    outputs,
    actions: [],
    lockTime: NO_LOCK,
  };
}

export function outputTo(to: Destination, resonances: bigint): Output {
  return { amount: amount(resonances), ...to } as Output;
}

export function outpointOf(transaction: Transaction, index = 0): Outpoint {
  return { txid: txid(transaction), index };
}

/** An output of somebody else's. */
export function foreignOutpoint(number: number): Outpoint {
  return { txid: concatBytes(fromHex('ff'.repeat(28)), bigEndian(number)), index: 0 };
}

function genesis(): WalletBlock {
  const id = new Uint8Array(32).fill(1);
  return { height: 0, id, previous: new Uint8Array(32), timestamp: 1_800_000_000n, transactions: [] };
}
