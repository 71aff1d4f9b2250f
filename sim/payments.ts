// Signed payments of the simulation's nodes: each spends what its own blocks earned.

import { encode } from '@resonancenet/bytes/encode';
import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { type Coin, decodeCoin, outpointOfKey } from '@resonancenet/ledger/coin';
import { amount } from '@resonancenet/primitives/amount';
import { keyDestination } from '@resonancenet/primitives/destination';
import { blockId } from '@resonancenet/primitives/header';
import { keyLockId } from '@resonancenet/primitives/lock';
import { type Transaction, transactionCodec, txid } from '@resonancenet/primitives/transaction';
import { byKey, type OwnCoin, signedTransaction } from '@resonancenet/primitives/testing/signed-transaction';
import type { SimNode } from './sim-node.ts';

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
  return signedTransaction(blockId(genesisHeader(from.params)), {
    openings: [{ coin, leaves: [[byKey(from.key)]], leaf: 0, keys: [from.key] }],
    outputs: [{ amount: amount(coin.output.amount - fee), ...destination }],
  });
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
