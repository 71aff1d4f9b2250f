// What a transaction other than the coinbase must be whatever the state (LED-7, CON-16). The rest is the ledger's.

import { compareBytes } from '@resonancenet/bytes/compare';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { MAX_MONEY } from '@resonancenet/params/protocol-constants';
import { isCoinbase } from '@resonancenet/primitives/coinbase';
import { destinationProblem } from '@resonancenet/primitives/destination';
import type { Input, Transaction } from '@resonancenet/primitives/transaction';
import { readActions } from './read-actions.ts';
import { rejectTransaction } from './reject-transaction.ts';
import { ACCEPTED, type Verdict } from './verdict.ts';

/** Encoded bytes against the network's limit (CON-16). */
export function checkTransactionSize(transaction: Transaction, bytes: number, params: NetworkParams): Verdict {
  const limit = params.maxTransactionBytes;
  return bytes > limit ? rejectTransaction(transaction, 'tx-size', { bytes, limit }) : ACCEPTED;
}

/** Everything but the size (LED-7). */
export function checkTransactionForm(transaction: Transaction, params: NetworkParams): Verdict {
  if (isCoinbase(transaction)) return rejectTransaction(transaction, 'tx-coinbase', {});
  if (transaction.outputs.length === 0 && transaction.actions.length === 0) {
    return rejectTransaction(transaction, 'tx-no-effect', {});
  }
  const twice = repeatedInput(transaction.inputs);
  if (twice !== null) return rejectTransaction(transaction, 'tx-duplicate-input', twice);
  const outputs = checkOutputs(transaction, params);
  if (!outputs.ok) return outputs;
  const actions = readActions(transaction, params);
  return actions.ok ? ACCEPTED : actions;
}

function checkOutputs(transaction: Transaction, params: NetworkParams): Verdict {
  let sum = 0n;
  for (const [output, { amount, lockId, policyId }] of transaction.outputs.entries()) {
    sum += amount;
    const detail = destinationProblem({ lockId, policyId }, params.recovery);
    if (detail !== null) return rejectTransaction(transaction, 'tx-output-destination', { output, detail });
  }
  return sum > MAX_MONEY ? rejectTransaction(transaction, 'tx-output-sum', { sum, limit: MAX_MONEY }) : ACCEPTED;
}

/** Two inputs with one outpoint, or null. Sorted, so that thousands of inputs cost little. */
function repeatedInput(inputs: readonly Input[]): { readonly first: number; readonly second: number } | null {
  if (inputs.length < 2) return null;
  if (inputs.length === 2) return compareOutpoints(inputs[0]!, inputs[1]!) === 0 ? { first: 0, second: 1 } : null;
  const order = inputs.map((_, index) => index).sort((a, b) => compareOutpoints(inputs[a]!, inputs[b]!) || a - b);
  for (let place = 1; place < order.length; place++) {
    const [first, second] = [order[place - 1]!, order[place]!];
    if (compareOutpoints(inputs[first]!, inputs[second]!) === 0) return { first, second };
  }
  return null;
}

function compareOutpoints({ outpoint: a }: Input, { outpoint: b }: Input): number {
  return compareBytes(a.txid, b.txid) || a.index - b.index;
}
