// Where a transaction is looked for: among the unconfirmed, in a given block, in the index of transactions.

import { toHex } from '@resonancenet/bytes/hex';
import type { Hex32 } from '@resonancenet/chain/events';
import { decodeOwn } from '@resonancenet/mempool/parsed-transaction';
import { type Transaction, txid } from '@resonancenet/primitives/transaction';
import type { LedgerApi } from './ledger-api.ts';
import { RPC_ERROR, RpcError } from './rpc-method.ts';

export interface FoundTransaction {
  readonly transaction: Transaction;
  /** null: it is unconfirmed. */
  readonly blockId: Hex32 | null;
}

/** @throws RpcError that says where else it could be looked for */
export function findTransaction(node: LedgerApi, id: Hex32, blockId: Hex32 | null): FoundTransaction {
  if (blockId !== null) return findInBlock(node, id, blockId);
  const entry = node.pool.get(id);
  if (entry !== null) return { transaction: decodeOwn(entry.encoded), blockId: null };
  const record = node.confirmedTransaction(id);
  if (record !== null) return { transaction: record.transaction, blockId: record.blockId };
  const where = node.hasTransactionIndex
    ? 'No such unconfirmed or confirmed transaction.'
    : 'No such unconfirmed transaction. For confirmed ones give the hash of their block, or start the node with --txindex.';
  throw new RpcError(RPC_ERROR.notFound, `${where} (${id})`);
}

function findInBlock(node: LedgerApi, id: Hex32, blockId: Hex32): FoundTransaction {
  if (node.block(blockId) === null) throw new RpcError(RPC_ERROR.notFound, `No block ${blockId} is known here.`);
  const transactions = node.transactionsOf(blockId);
  if (transactions === null) throw new RpcError(RPC_ERROR.misc, `The body of block ${blockId} is not here.`);
  const transaction = transactions.find((each) => toHex(txid(each)) === id);
  if (transaction === undefined) throw new RpcError(RPC_ERROR.notFound, `Block ${blockId} has no transaction ${id}.`);
  return { transaction, blockId };
}
