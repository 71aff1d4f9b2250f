// The coinbase (BLK-13): an ordinary transaction that spends nothing and pays what its block earns.

import { equalBytes } from '@resonancenet/bytes/compare';
import { type Destination, destinationProblem } from './destination.ts';
import type { Amount } from './amount.ts';
import { HASH_LENGTH, type Height } from './ids.ts';
import type { RecoveryParams } from '@resonancenet/params/network-params';
import { NO_LOCK, type Output, TRANSACTION_VERSION, type Transaction } from './transaction.ts';

export type CoinbaseVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'coinbase-form'; readonly detail: string }
  | {
      readonly ok: false;
      readonly code: 'coinbase-height';
      readonly expected: Height;
      readonly actual: Height;
      readonly detail: string;
    }
  | { readonly ok: false; readonly code: 'coinbase-destination'; readonly output: number; readonly detail: string };

const noTxid = new Uint8Array(HASH_LENGTH);
const empty = new Uint8Array(0);

/** The coinbase of the block at `height`, paying `total` (reward and fees) to one destination; nothing if there is nothing to pay. */
export function makeCoinbase(height: Height, total: Amount, destination: Destination): Transaction {
  const { lockId, policyId } = destination;
  const outputs: Output[] = total === 0n ? [] : [{ amount: total, lockId, policyId }];
  return {
    version: TRANSACTION_VERSION,
    inputs: [{ outpoint: { txid: noTxid.slice(), index: height }, sequence: NO_LOCK, witness: empty }],
    outputs,
    actions: [],
    lockTime: NO_LOCK,
  };
}

/** Whether a transaction's first input is the null outpoint, so that it can only be a coinbase. */
export function isCoinbase(transaction: Transaction): boolean {
  const first = transaction.inputs[0];
  return first !== undefined && equalBytes(first.outpoint.txid, noTxid);
}

/** Checks a block's first transaction against BLK-13; what it must pay, the ledger says (LED-23). */
export function checkCoinbase(transaction: Transaction, height: Height, recovery: RecoveryParams): CoinbaseVerdict {
  const form = formProblem(transaction);
  if (form !== null) return { ok: false, code: 'coinbase-form', detail: form };
  const committed = transaction.inputs[0]!.outpoint.index;
  if (committed !== height) {
    const detail = `the coinbase commits to height ${committed}; its block has height ${height}`;
    return { ok: false, code: 'coinbase-height', expected: height, actual: committed, detail };
  }
  for (const [output, destination] of transaction.outputs.entries()) {
    const problem = destinationProblem(destination, recovery);
    if (problem !== null)
      return { ok: false, code: 'coinbase-destination', output, detail: `output ${output}: ${problem}` };
  }
  return { ok: true };
}

function formProblem({ inputs, actions, lockTime }: Transaction): string | null {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) return `a coinbase has one input, not ${inputs.length}`;
  if (!equalBytes(input.outpoint.txid, noTxid)) return 'a coinbase spends the null outpoint, whose txid is 32 zeros';
  if (input.sequence !== NO_LOCK) return `the sequence of a coinbase is ${NO_LOCK}, not ${input.sequence}`;
  if (input.witness.length !== 0) return `a coinbase has no witness; this one has ${input.witness.length} bytes`;
  if (actions.length !== 0) return `a coinbase has no actions; this one has ${actions.length}`;
  if (lockTime !== NO_LOCK) return `the lock time of a coinbase is ${NO_LOCK}, not ${lockTime}`;
  return null;
}
