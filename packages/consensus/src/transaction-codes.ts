// Why a transaction is refused, by itself or on the state of the ledger (LED-1 to LED-23): codes, facts, and words. Part of the list in verdict-codes.ts.

import type { CodeInfo } from './verdict-codes.ts';

/** Of what needs no state, found with the body. */
function form(rule: string): CodeInfo {
  return { rule, stage: 'body', fault: 'peer', condemns: 'id' };
}

/** Of what depends on the state. */
function onState(rule: string): CodeInfo {
  return { rule, stage: 'transaction', fault: 'peer', condemns: 'id' };
}

/** Which transaction, lower-case hex. */
interface OfTransaction {
  readonly txid: string;
}

/** Which of its inputs. */
interface OfInput extends OfTransaction {
  readonly input: number;
}

/** Which of its actions. */
interface OfAction extends OfTransaction {
  readonly action: number;
}

export interface TransactionFacts {
  'tx-size': OfTransaction & { readonly bytes: number; readonly limit: number };
  'tx-coinbase': OfTransaction;
  'tx-no-effect': OfTransaction;
  'tx-duplicate-input': OfTransaction & { readonly first: number; readonly second: number };
  'tx-output-destination': OfTransaction & { readonly output: number; readonly detail: string };
  'tx-output-sum': OfTransaction & { readonly sum: bigint; readonly limit: bigint };
  'tx-action-malformed': OfAction & { readonly detail: string };
  'tx-duplicate-action': OfTransaction & { readonly first: number; readonly second: number };
  'tx-lock-time': OfTransaction & { readonly lockTime: number; readonly height: number };
  'tx-sequence': OfInput & { readonly age: number; readonly required: number };
  'tx-missing-input': OfInput & { readonly spends: string; readonly index: number };
  'tx-immature-coinbase': OfInput & { readonly age: number; readonly required: number };
  'tx-returned-input': OfInput & { readonly deadline: number; readonly height: number };
  'tx-insufficient': OfTransaction & { readonly held: bigint; readonly spent: bigint };
  'tx-witness-malformed': OfInput & { readonly detail: string };
  'tx-witness-lock': OfInput & { readonly claimed: string; readonly expected: string };
  'tx-witness-key-hash': OfInput & { readonly claimed: string; readonly expected: string };
  'tx-sighash-single': OfInput & { readonly outputs: number };
  'tx-signature': OfTransaction & { readonly publicKey: string };
  'tx-preimage': OfInput & { readonly claimed: string; readonly expected: string };
  'tx-after': OfInput & { readonly height: number; readonly required: number };
  'tx-older': OfInput & { readonly age: number; readonly required: number };
  'tx-idle': OfInput & { readonly age: number; readonly required: number };
  'tx-announced-none': OfInput;
  'tx-announced-wait': OfInput & { readonly age: number; readonly required: number };
  'tx-announced-form': OfTransaction & { readonly detail: string };
  'tx-announced-fee': OfTransaction & { readonly fee: bigint; readonly limit: bigint };
  'tx-terms': OfAction & { readonly detail: string };
  'tx-heartbeat-due': OfAction & { readonly policy: string; readonly height: number };
  'tx-action-destination': OfAction & { readonly detail: string };
  'tx-proposal-repeated': OfAction & { readonly proposal: string; readonly proposedAt: number };
  'tx-reveal-shard': OfAction & { readonly detail: string };
  'tx-reveal-not-locked-in': OfAction & { readonly proposal: string; readonly status: string };
  'tx-reveal-repeated': OfAction & { readonly proposal: string; readonly revealedAt: number };
  'tx-reveal-late': OfAction & { readonly height: number; readonly latest: number };
}

export type TransactionCode = keyof TransactionFacts;

/** Codes of transactions. In a block they condemn its id: everything they follow from is under it. */
export const transactionCodes: Readonly<Record<TransactionCode, CodeInfo>> = {
  'tx-size': form('CON-16'),
  'tx-coinbase': form('BLK-13'),
  'tx-no-effect': form('LED-7'),
  'tx-duplicate-input': form('LED-7'),
  'tx-output-destination': form('LED-7'),
  'tx-output-sum': form('LED-7'),
  'tx-action-malformed': form('LED-7'),
  'tx-terms': form('LED-12'),
  'tx-action-destination': form('LED-16'),
  'tx-duplicate-action': form('LED-7'),
  'tx-lock-time': onState('LED-8'),
  'tx-sequence': onState('LED-8'),
  'tx-missing-input': onState('LED-9'),
  'tx-immature-coinbase': onState('LED-9'),
  'tx-returned-input': onState('LED-20'),
  'tx-insufficient': onState('LED-10'),
  'tx-witness-malformed': onState('LED-2'),
  'tx-witness-lock': onState('LED-2'),
  'tx-witness-key-hash': onState('LED-3'),
  'tx-sighash-single': onState('LED-4'),
  'tx-signature': onState('LED-6'),
  'tx-preimage': onState('LED-1'),
  'tx-after': onState('LED-1'),
  'tx-older': onState('LED-1'),
  'tx-idle': onState('LED-1'),
  'tx-announced-none': onState('LED-18'),
  'tx-announced-wait': onState('LED-18'),
  'tx-announced-form': onState('LED-18'),
  'tx-announced-fee': onState('LED-18'),
  'tx-heartbeat-due': onState('LED-13'),
  'tx-proposal-repeated': onState('LED-24'),
  'tx-reveal-shard': form('LED-25'),
  'tx-reveal-not-locked-in': onState('LED-25'),
  'tx-reveal-repeated': onState('LED-25'),
  'tx-reveal-late': onState('LED-25'),
};

type Explanations = { readonly [C in TransactionCode]: (facts: TransactionFacts[C]) => string };

/** What is wrong, without the transaction's name. */
export const transactionExplanations: Explanations = {
  'tx-size': (f) => `it has ${f.bytes} bytes, at most ${f.limit} are allowed`,
  'tx-coinbase': () => 'it spends the null outpoint: only the first transaction of a block is a coinbase',
  'tx-no-effect': () => 'it has neither an output nor an action',
  'tx-duplicate-input': (f) => `inputs ${f.first} and ${f.second} spend the same output`,
  'tx-output-destination': (f) => `output ${f.output} cannot be paid: ${f.detail}`,
  'tx-output-sum': (f) => `its outputs add up to ${f.sum} resonances, there are at most ${f.limit}`,
  'tx-action-malformed': (f) => `action ${f.action} cannot be read: ${f.detail}`,
  'tx-duplicate-action': (f) =>
    `actions ${f.first} and ${f.second} say the same thing about the same policy or proposal`,
  'tx-lock-time': (f) =>
    `its lock time is ${f.lockTime}: a block above that height may hold it, this one has ${f.height}`,
  'tx-sequence': (f) => `input ${f.input} wants an output of ${f.required} blocks of age, it has ${f.age}`,
  'tx-missing-input': (f) => `input ${f.input} spends ${f.spends}:${f.index}, which does not exist or is spent`,
  'tx-immature-coinbase': (f) => `input ${f.input} spends a coinbase of age ${f.age}, it matures at ${f.required}`,
  'tx-returned-input': (f) =>
    `input ${f.input} spends an output that returned to the emission at height ${f.deadline}; this is height ${f.height}`,
  'tx-insufficient': (f) => `its inputs hold ${f.held} resonances, outputs and bonds take ${f.spent}`,
  'tx-witness-malformed': (f) => `the witness of input ${f.input} cannot be read: ${f.detail}`,
  'tx-witness-lock': (f) => `the witness of input ${f.input} opens the lock ${f.claimed}, the output has ${f.expected}`,
  'tx-witness-key-hash': (f) => `the key of input ${f.input} has the hash ${f.claimed}, the output wants ${f.expected}`,
  'tx-sighash-single': (f) =>
    `a signature of input ${f.input} covers the output of the same index, there are ${f.outputs} outputs`,
  'tx-signature': (f) => `a signature by ${f.publicKey} does not hold`,
  'tx-preimage': (f) => `the preimage of input ${f.input} has the hash ${f.claimed}, the lock wants ${f.expected}`,
  'tx-after': (f) => `input ${f.input} opens above height ${f.required}, this is height ${f.height}`,
  'tx-older': (f) => `input ${f.input} opens at an age of ${f.required} blocks, the output has ${f.age}`,
  'tx-idle': (f) => `input ${f.input} opens after ${f.required} idle blocks, there were ${f.age}`,
  'tx-announced-none': (f) => `input ${f.input} needs an announced recovery, and none stands for its policy`,
  'tx-announced-wait': (f) =>
    `input ${f.input} opens ${f.required} blocks after the announcement, this is block ${f.age}`,
  'tx-announced-form': (f) => `it is no recovery as announced: ${f.detail}`,
  'tx-announced-fee': (f) => `a recovery with a fee of ${f.fee} resonances, at most ${f.limit} are allowed`,
  'tx-terms': (f) => `the terms of action ${f.action} are not allowed here: ${f.detail}`,
  'tx-heartbeat-due': (f) =>
    `action ${f.action} comes too late: outputs of policy ${f.policy} are due to return at height ${f.height}`,
  'tx-action-destination': (f) => `action ${f.action} names a destination that cannot be paid: ${f.detail}`,
  'tx-proposal-repeated': (f) =>
    `action ${f.action} proposes ${f.proposal}, which was proposed at height ${f.proposedAt}; take another salt`,
  'tx-reveal-shard': (f) => `action ${f.action} reveals no D_val: ${f.detail}`,
  'tx-reveal-not-locked-in': (f) =>
    `salt and set of action ${f.action} give the proposal ${f.proposal}, which is ${f.status}; only one that is locked in is revealed`,
  'tx-reveal-repeated': (f) =>
    `action ${f.action} reveals the proposal ${f.proposal}, which was revealed at height ${f.revealedAt}`,
  'tx-reveal-late': (f) => `action ${f.action} reveals at height ${f.height}, the last height for it is ${f.latest}`,
};
