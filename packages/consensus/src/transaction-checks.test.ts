import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { encodeAction } from '@resonancenet/primitives/action-content';
import { type Amount, amount } from '@resonancenet/primitives/amount';
import { type Destination, keyDestination } from '@resonancenet/primitives/destination';
import { base58PolicyId, builtInReturnPolicyId, policyId } from '@resonancenet/primitives/policy';
import type { PolicyTerms, SocialTerms } from '@resonancenet/primitives/policy-terms';
import { type Action, type Input, NO_LOCK, type Transaction } from '@resonancenet/primitives/transaction';
import { explain } from './explain.ts';
import { readActions } from './read-actions.ts';
import { checkTransactionForm, checkTransactionSize } from './transaction-checks.ts';

const params = regtest;
const { recovery } = params;
const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);
const payee: Destination = keyDestination(bytes(32, 5), recovery);

function input(fill: number, index = 0): Input {
  return { outpoint: { txid: bytes(32, fill), index }, sequence: NO_LOCK, witness: bytes(0, 0) };
}

const good: Transaction = {
  version: 1,
  inputs: [input(1)],
  outputs: [{ amount: amount(1n), ...payee }],
  actions: [],
  lockTime: NO_LOCK,
};

function paying(...amounts: readonly bigint[]): Transaction {
  return { ...good, outputs: amounts.map((value) => ({ amount: value as Amount, ...payee })) };
}

function heartbeat(terms: PolicyTerms): Action {
  return encodeAction({ kind: 'heartbeat', terms, signature: bytes(64, 0) });
}

function announce(terms: SocialTerms, destination = payee): Action {
  return encodeAction({ kind: 'announce', terms, destination, signatures: [{ guardian: 0, signature: bytes(64, 0) }] });
}

const signOfLife: PolicyTerms = { type: 'heartbeat', interval: 10, timeout: 1, livenessKey: bytes(32, 1) };
const social: SocialTerms = {
  type: 'social',
  wait: 6,
  livenessKey: bytes(32, 1),
  required: 1,
  guardians: [bytes(32, 2)],
};

function codeOf(transaction: Transaction): string {
  const verdict = checkTransactionForm(transaction, params);
  if (verdict.ok) return 'accepted';
  assert.deepEqual([verdict.fault, verdict.condemns, verdict.stage], ['peer', 'id', 'body']);
  assert.match(explain(verdict), /^transaction [0-9a-f]{64} is refused: ./);
  return verdict.code;
}

test('a transaction needs an output or an action', () => {
  assert.equal(codeOf(good), 'accepted');
  assert.equal(codeOf({ ...good, outputs: [] }), 'tx-no-effect');
  assert.equal(codeOf({ ...good, outputs: [], actions: [heartbeat(signOfLife)] }), 'accepted');
});

test('what spends the null outpoint first is a coinbase, and stands in no other place', () => {
  assert.equal(codeOf({ ...good, inputs: [input(0)] }), 'tx-coinbase');
});

test('no output is spent twice, whatever lies between the two inputs', () => {
  const others = [5, 3, 9, 7].map((fill) => input(fill));
  assert.equal(codeOf({ ...good, inputs: [input(1), ...others, input(1, 1)] }), 'accepted');
  const twice = { ...good, inputs: [...others, input(4), input(3)] };
  const verdict = checkTransactionForm(twice, params);
  assert.equal(verdict.ok ? '' : verdict.code, 'tx-duplicate-input');
  assert.deepEqual(verdict.ok ? {} : { ...verdict.facts, txid: '' }, { txid: '', first: 1, second: 5 });
});

test('outputs add up to 21,000,000 RNT at most', () => {
  const all = 210_000_000_000_000_000n;
  assert.equal(codeOf(paying(all)), 'accepted');
  assert.equal(codeOf(paying(all - 1n, 1n)), 'accepted');
  assert.equal(codeOf(paying(all, 1n)), 'tx-output-sum');
});

test('every output is payable: its policy exists, in range, and a Base58 lock ends in zeros', () => {
  const to = (destination: Destination): string =>
    codeOf({ ...good, outputs: [good.outputs[0]!, { amount: amount(0n), ...destination }] });
  const own = (blocks: number): Destination => ({ ...payee, policyId: policyId('heartbeat', blocks, bytes(1, 1)) });
  assert.equal(to(own(11)), 'accepted');
  assert.equal(to(own(10)), 'tx-output-destination');
  assert.equal(to({ ...payee, policyId: bytes(24, 9) }), 'tx-output-destination');
  const base58 = base58PolicyId(recovery);
  assert.equal(to({ lockId: Uint8Array.of(...bytes(20, 1), 0, 0, 0, 0), policyId: base58 }), 'accepted');
  assert.equal(to({ lockId: Uint8Array.of(...bytes(20, 1), 0, 0, 0, 1), policyId: base58 }), 'tx-output-destination');
});

test('an encoded transaction has at most the network’s bytes', () => {
  const limit = params.maxTransactionBytes;
  assert.equal(checkTransactionSize(good, limit, params).ok, true);
  const verdict = checkTransactionSize(good, limit + 1, params);
  assert.equal(verdict.ok ? '' : verdict.code, 'tx-size');
});

test('actions are readable', () => {
  const action = heartbeat(signOfLife);
  assert.equal(codeOf({ ...good, actions: [{ ...action, kind: 3 }] }), 'tx-action-malformed');
  assert.equal(codeOf({ ...good, actions: [{ ...action, data: action.data.slice(1) }] }), 'tx-action-malformed');
  assert.equal(codeOf({ ...good, actions: [{ ...action, witness: bytes(65, 0) }] }), 'tx-action-malformed');
});

test('terms are in the network’s range, each number at its ends and one beyond (LED-12)', () => {
  const key = { livenessKey: bytes(32, 1) };
  const beat = (interval: number, timeout: number): string =>
    codeOf({ ...good, actions: [heartbeat({ type: 'heartbeat', interval, timeout, ...key })] });
  assert.deepEqual([beat(10, 1), beat(500, 500)], ['accepted', 'accepted']);
  for (const [interval, timeout] of [
    [9, 1],
    [10, 0],
    [501, 500],
    [500, 501],
  ] as const) {
    assert.equal(beat(interval, timeout), 'tx-terms');
  }
  // Together more than a policy id can hold: refused, not asserted.
  assert.equal(beat(0xffffff, 0xffffff), 'tx-terms');
  const wait = (blocks: number): string => codeOf({ ...good, actions: [announce({ ...social, wait: blocks })] });
  assert.deepEqual([wait(6), wait(5)], ['accepted', 'tx-terms']);
  const idle = (blocks: number): string =>
    codeOf({ ...good, actions: [heartbeat({ type: 'emissionReturn', blocks, ...key })] });
  assert.deepEqual([idle(200), idle(199)], ['accepted', 'tx-terms']);
});

test('an announcement names a destination that can be paid (LED-16), a proposal too', () => {
  const bad = { ...payee, policyId: policyId('emissionReturn', recovery.emissionReturnMin - 1, bytes(0, 0)) };
  assert.equal(codeOf({ ...good, actions: [announce(social)] }), 'accepted');
  assert.equal(codeOf({ ...good, actions: [announce(social, bad)] }), 'tx-action-destination');
  const propose = (refund: Destination): Action => encodeAction({ kind: 'propose', proposal: bytes(32, 1), refund });
  assert.equal(codeOf({ ...good, actions: [propose(payee)] }), 'accepted');
  assert.equal(codeOf({ ...good, actions: [propose(bad)] }), 'tx-action-destination');
});

test('two actions of one kind are about different things', () => {
  const other: PolicyTerms = { ...signOfLife, interval: 11 };
  const both = (...actions: readonly Action[]): string => codeOf({ ...good, actions });
  assert.equal(both(heartbeat(signOfLife), heartbeat(other)), 'accepted');
  assert.equal(both(heartbeat(signOfLife), heartbeat(other), heartbeat(signOfLife)), 'tx-duplicate-action');
  assert.equal(both(announce(social), announce(social, keyDestination(bytes(32, 6), recovery))), 'tx-duplicate-action');
  assert.equal(both(heartbeat(social), announce(social)), 'accepted');
});

test('readActions() gives what each action is about', () => {
  const result = readActions({ ...good, actions: [heartbeat(social), announce(social)] }, params);
  assert.equal(result.ok, true);
  if (!result.ok) return;
  const [first, second] = result.actions;
  assert.deepEqual(first?.subject, second?.subject);
  assert.notDeepEqual(first?.subject, builtInReturnPolicyId(recovery));
});

test('what is revealed is one D_val: as many bytes, every id below the vocabulary’s size', () => {
  // Regtest: 4 windows of 32 ids, 256 ids.
  const reveal = (shard: Uint8Array): Transaction => ({
    ...good,
    actions: [encodeAction({ kind: 'reveal', salt: bytes(32, 1), shard })],
  });
  assert.equal(codeOf(reveal(bytes(256, 0))), 'accepted');
  assert.equal(codeOf(reveal(bytes(255, 0))), 'tx-reveal-shard');
  assert.equal(codeOf(reveal(bytes(257, 0))), 'tx-reveal-shard');
  assert.equal(codeOf(reveal(bytes(256, 0).with(254, 255))), 'accepted');
  assert.equal(codeOf(reveal(bytes(256, 0).with(255, 1))), 'tx-reveal-shard');
});
