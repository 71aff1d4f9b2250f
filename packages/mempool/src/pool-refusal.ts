// Refusals of the pool: by its own policy, or by the ledger's rules.

import { explain } from '@resonancenet/consensus/explain';
import type { TransactionCode } from '@resonancenet/consensus/transaction-codes';
import type { Rejection } from '@resonancenet/consensus/verdict';
import { showFeeRate } from './fee-rate.ts';
import type { MempoolCode, MempoolFacts } from './mempool-code.ts';

/** A refusal by policy: narrow on `code` to read `facts`. */
export type PolicyRefusal = {
  [C in MempoolCode]: { readonly ok: false; readonly code: C; readonly facts: MempoolFacts[C] };
}[MempoolCode];

export type PoolRefusal = PolicyRefusal | Rejection;

export function refuse<C extends MempoolCode>(code: C, facts: MempoolFacts[C]): PolicyRefusal {
  return { ok: false, code, facts } as PolicyRefusal;
}

/**
 * Refusals that follow from a transaction's own bytes and from those of the outputs that it names, whatever the tip: those outputs are fixed by their
 * id. No honest and correct node passes such a one on. Which outputs are known, how old they are, what was announced: all that depends on the tip.
 */
const faults: ReadonlySet<string> = new Set<MempoolCode | TransactionCode>([
  'malformed',
  'signature-refused',
  'tx-size',
  'tx-coinbase',
  'tx-no-effect',
  'tx-duplicate-input',
  'tx-output-destination',
  'tx-output-sum',
  'tx-action-malformed',
  'tx-duplicate-action',
  'tx-action-destination',
  'tx-terms',
  'tx-witness-malformed',
  'tx-witness-lock',
  'tx-witness-key-hash',
  'tx-sighash-single',
  'tx-signature',
  'tx-preimage',
]);

/** Whether who sent it is to be disconnected. */
export function isPeerFault({ code }: PoolRefusal): boolean {
  return faults.has(code);
}

/** Refused for its fee alone: a child may pay for it. */
export function isFeeRefusal({ code }: PoolRefusal): boolean {
  return code === 'fee-too-low' || code === 'fee-below-pool' || code === 'dust';
}

type Explanations = { readonly [C in MempoolCode]: (facts: MempoolFacts[C]) => string };

const explanations: Explanations = {
  malformed: (f) => `the bytes are no transaction: ${f.detail}`,
  'too-many-signatures': (f) => `${f.signatures} signatures, at most ${f.limit} are relayed`,
  'already-in-pool': (f) => `transaction ${f.txid} is in the pool`,
  'same-transaction': (f) => `transaction ${f.txid} is in the pool with other witnesses`,
  'already-confirmed': (f) => `transaction ${f.txid} is in a block`,
  'recently-refused': (f) => `transaction ${f.leaf} was refused since the tip moved last`,
  'missing-inputs': (f) => `${f.missing} of ${f.inputs} spent transactions are not known, or their outputs are spent`,
  dust: (f) =>
    `output ${f.output} holds ${f.amount} resonances, spending it costs ${f.least}: raise it, or spend it in the same package`,
  'dust-fee': (f) =>
    `output ${f.output} is worth less than spending it costs: such a transaction pays no fee of its own, not ${f.fee}`,
  'dust-unspent': (f) =>
    `output ${f.output} of the unconfirmed ${f.parent} is worthless and must be spent by its child`,
  'fee-too-low': (f) => `a fee of ${f.fee} for ${f.bytes} bytes, at least ${f.required} is relayed`,
  'fee-below-pool': (f) =>
    `a fee of ${f.fee} for ${f.bytes} bytes, the pool is full and asks for ${f.required} (or a child that pays for both)`,
  'pool-full': (f) => `the pool is full (${f.bytes} of ${f.limit} bytes), and this pays least`,
  'too-many-ancestors': (f) => `${f.count} unconfirmed transactions with its ancestors, at most ${f.limit} are allowed`,
  'too-large-ancestors': (f) => `${f.bytes} bytes with its unconfirmed ancestors, at most ${f.limit} are allowed`,
  'too-many-descendants': (f) =>
    `the unconfirmed ${f.txid} would have ${f.count} descendants with itself, at most ${f.limit} are allowed`,
  'replacement-fee': (f) =>
    `a fee of ${f.fee}, to replace ${f.replaced} transactions it must be ${f.required}: what they pay and its own relay`,
  'replacement-rate': (f) =>
    `${showFeeRate(f.rate)}, the transaction ${f.txid} that it would replace pays ${showFeeRate(f.replaced)}: it must be more`,
  'replacement-inputs': (f) => `a replacement may not spend further unconfirmed transactions, such as ${f.txid}`,
  'replacement-count': (f) => `it would evict ${f.count} transactions, at most ${f.limit} are allowed`,
  'replacement-parent': (f) => `it spends the output of ${f.txid}, which it would replace`,
  'package-count': (f) => `a package of ${f.count} transactions, at most ${f.limit} are allowed`,
  'package-shape': (f) => `a package is one child, last, and some of its parents: ${f.detail}`,
  'queue-full': (f) =>
    `too much waits for its signatures to be checked; this brings ${f.signatures} signatures in ${f.bytes} bytes`,
  'signature-refused': (f) => `a signature by ${f.publicKey} does not hold`,
  'signature-lenient': (f) =>
    `a signature by ${f.publicKey} does not hold in the strict sense: it is not relayed, blocks may have it if ZIP-215 accepts it`,
  'verification-failed': (f) => `the signatures could not be checked: ${f.detail}`,
};

/** All codes of the pool's own. */
export const MEMPOOL_CODES: readonly MempoolCode[] = Object.keys(explanations) as MempoolCode[];

/** The refusal in words, with both numbers. */
export function explainRefusal(refusal: PoolRefusal): string {
  if (!Object.hasOwn(explanations, refusal.code)) return explain(refusal as Rejection);
  const explanation = explanations[refusal.code as MempoolCode] as (facts: unknown) => string;
  return explanation(refusal.facts);
}
