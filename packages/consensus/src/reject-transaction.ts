// Refusals of transactions name the transaction.

import { toHex } from '@resonancenet/bytes/hex';
import { type Transaction, txid } from '@resonancenet/primitives/transaction';
import type { TransactionCode, TransactionFacts } from './transaction-codes.ts';
import { type Rejection, reject, type VerdictFacts } from './verdict.ts';

/** A refusal of this transaction; its id is computed only for this. */
export function rejectTransaction<C extends TransactionCode>(
  transaction: Transaction,
  code: C,
  facts: Omit<TransactionFacts[C], 'txid'>,
): Rejection {
  // The compiler cannot follow that facts and id together are the code's facts.
  const all = { txid: toHex(txid(transaction)), ...facts } as unknown as VerdictFacts[C];
  return reject(code, all) as unknown as Rejection;
}
