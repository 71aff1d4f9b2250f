// Signed payments of the simulation's nodes: each spends what its own blocks earned.

import { encode } from '@resonancenet/bytes/encode';
import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { publicKey, sign } from '@resonancenet/crypto/ed25519';
import { type Coin, decodeCoin, outpointOfKey } from '@resonancenet/ledger/coin';
import { amount } from '@resonancenet/primitives/amount';
import type { Leaf } from '@resonancenet/primitives/condition';
import { keyDestination } from '@resonancenet/primitives/destination';
import { blockId } from '@resonancenet/primitives/header';
import { keyLockId, leafHash } from '@resonancenet/primitives/lock';
import { leafCodec } from '@resonancenet/primitives/condition';
import { TransactionSighash } from '@resonancenet/primitives/sighash';
import {
  NO_LOCK,
  type Outpoint,
  type Output,
  type Transaction,
  transactionCodec,
  txid,
} from '@resonancenet/primitives/transaction';
import { encodeLockWitness, SIGHASH_ALL } from '@resonancenet/primitives/witness';
import type { SimNode } from './sim-node.ts';

/** An output that a node can spend. */
export interface OwnCoin {
  readonly outpoint: Outpoint;
  readonly output: Output;
}

/** What a node's blocks have earned and what is mature in the next block, oldest first. */
export function matureCoins(node: SimNode): OwnCoin[] {
  const lockId = keyLockId(node.publicKey);
  const isMature = ({ height }: Coin): boolean => node.height + 1 - height >= node.params.coinbaseMaturity;
  return [...node.store.range('coins', new Uint8Array(0), null)]
    .map(([key, value]) => ({ outpoint: outpointOfKey(key), coin: decodeCoin(value) }))
    .filter(({ coin }) => coin.coinbase && equalBytes(coin.lockId, lockId) && isMature(coin))
    .sort((a, b) => a.coin.height - b.coin.height)
    .map(({ outpoint, coin }) => ({ outpoint, output: { ...coin, amount: amount(coin.amount) } }));
}

/** A payment of all of a coin but the fee, signed by its owner. */
export function payment(from: SimNode, coin: OwnCoin, to: SimNode, fee: bigint): Transaction {
  const destination = keyDestination(to.publicKey, to.params.recovery);
  const outputs: Output[] = [{ amount: amount(coin.output.amount - fee), ...destination }];
  const unsigned: Transaction = {
    version: 1,
    inputs: [{ outpoint: coin.outpoint, sequence: NO_LOCK, witness: new Uint8Array(0) }],
    outputs,
    actions: [],
    lockTime: NO_LOCK,
  };
  const leaf: Leaf = [{ kind: 'key', publicKey: publicKey(from.key) }];
  const genesisId = blockId(genesisHeader(from.params));
  const sighash = new TransactionSighash(genesisId, unsigned, [coin.output]);
  const message = sighash.input(0, SIGHASH_ALL, leafHash(encode(leafCodec, leaf)))!;
  const signature = sign(message, from.key);
  const witness = encodeLockWitness({
    leaf,
    index: 0,
    count: 1,
    branch: [],
    satisfactions: [{ kind: 'key', flag: SIGHASH_ALL, signature }],
  });
  return { ...unsigned, inputs: [{ ...unsigned.inputs[0]!, witness }] };
}

/** The first output of a payment. */
export function firstOutput(transaction: Transaction): OwnCoin {
  return { outpoint: { txid: txid(transaction), index: 0 }, output: transaction.outputs[0]! };
}

/** Hands transactions to a node as its operator does: one, or a package. */
export function submit(node: SimNode, ...transactions: readonly Transaction[]): void {
  const encoded = transactions.map((transaction) => encode(transactionCodec, transaction));
  node.give({ type: 'transactions', encoded, peer: null, ticket: null });
}

export function nameOf(transaction: Transaction): string {
  return toHex(txid(transaction));
}

/** Whether the chain that a node follows has a transaction of which nothing is spent yet. */
export function isConfirmed(node: SimNode, transaction: Transaction): boolean {
  const { outpoint } = firstOutput(transaction);
  return [...node.store.range('coins', outpoint.txid, null)].some(([key]) =>
    equalBytes(outpointOfKey(key).txid, outpoint.txid),
  );
}
