import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { keccak256 } from '@resonancenet/crypto/keccak';
import { TAG } from '@resonancenet/crypto/tags';
import { amount } from './amount.ts';
import { TransactionSighash } from './sighash.ts';
import type { Output, Transaction } from './transaction.ts';
import { SIGHASH_ALL, SIGHASH_SINGLE } from './witness.ts';

const fill = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
const double = (hex: string): string => toHex(keccak256(keccak256(fromHex(hex.replaceAll(/\s/g, '')))));

const genesisId = fill(0xa0);
const leafHash = fill(0xf0);

const output = (byte: number, resonances: bigint): Output => ({
  amount: amount(resonances),
  lockId: fill(byte, 24),
  policyId: fill(byte + 1, 24),
});

const input = (byte: number, index: number, sequence: number): Transaction['inputs'][number] => ({
  outpoint: { txid: fill(byte), index },
  sequence,
  witness: fill(0xee, 5),
});

const transaction: Transaction = {
  version: 1,
  inputs: [input(0xb1, 2, 10), input(0xb2, 0, 0x80000000)],
  outputs: [output(0xd1, 500_000_000_000n)],
  actions: [{ kind: 7, data: Uint8Array.of(0xe1), witness: Uint8Array.of(0xe2) }],
  lockTime: 0x80000005,
};
const spent = [output(0xc1, 1n), output(0xc3, 2n)];

// The same written out.
const start = `${'a0'.repeat(32)} 01000000 05000080`;
const own = [
  `${'b1'.repeat(32)} 02000000 0a000000 0100000000000000 ${'c1'.repeat(24)} ${'c2'.repeat(24)}`,
  `${'b2'.repeat(32)} 00000000 00000080 0200000000000000 ${'c3'.repeat(24)} ${'c4'.repeat(24)}`,
];
const out = `0088526a74000000 ${'d1'.repeat(24)} ${'d2'.repeat(24)}`;
const rest = `${double(`16${own[0]}${own[1]}`)} ${double(`17${out}`)} ${double('18 07 01e1')}`;

test('a signature with ALL covers its input and all inputs, outputs and actions (LED-4)', () => {
  const sighash = new TransactionSighash(genesisId, transaction, spent);
  for (const index of [0, 1]) {
    assert.equal(
      toHex(sighash.input(index, SIGHASH_ALL, leafHash)!),
      double(`0a ${start} 01 ${own[index]} ${'f0'.repeat(32)} ${rest}`),
    );
  }
});

test('a signature with SINGLE covers its input and the output of the same index, without which there is none (LED-4)', () => {
  const sighash = new TransactionSighash(genesisId, transaction, spent);
  assert.equal(
    toHex(sighash.input(0, SIGHASH_SINGLE, leafHash)!),
    double(`0a ${start} 02 ${own[0]} ${'f0'.repeat(32)} ${double(`17${out}`)}`),
  );
  assert.equal(sighash.input(1, SIGHASH_SINGLE, leafHash), null);
});

test('the signature of an action covers its place and all inputs, outputs and actions (LED-5)', () => {
  const sighash = new TransactionSighash(genesisId, transaction, spent);
  assert.equal(toHex(sighash.action(0, TAG.heartbeat)), double(`12 ${start} 00000000 ${rest}`));
  assert.equal(toHex(sighash.action(0, TAG.announce)), double(`13 ${start} 00000000 ${rest}`));
});

const second: Transaction = {
  ...transaction,
  outputs: [transaction.outputs[0]!, output(0xd3, 5n)],
  actions: [transaction.actions[0]!, { kind: 8, data: Uint8Array.of(1), witness: fill(0, 0) }],
};

/** Every change of one thing, by name, and whether a signature of input 0 with SINGLE covers it. */
const changes: readonly [name: string, change: Partial<Transaction>, isCoveredBySingle: boolean][] = [
  ['lock time', { lockTime: 0 }, true],
  ['own txid', { inputs: [input(0xb0, 2, 10), second.inputs[1]!] }, true],
  ['own index', { inputs: [input(0xb1, 3, 10), second.inputs[1]!] }, true],
  ['own sequence', { inputs: [input(0xb1, 2, 11), second.inputs[1]!] }, true],
  ['another input', { inputs: [second.inputs[0]!, input(0xb2, 0, 7)] }, false],
  ['amount of the output of its index', { outputs: [output(0xd1, 1n), second.outputs[1]!] }, true],
  [
    'lock and policy of the output of its index',
    { outputs: [output(0xd2, 500_000_000_000n), second.outputs[1]!] },
    true,
  ],
  ['another output', { outputs: [second.outputs[0]!, output(0xd3, 6n)] }, false],
  ['an output fewer', { outputs: [second.outputs[0]!] }, false],
  ['kind of an action', { actions: [{ ...second.actions[0]!, kind: 9 }, second.actions[1]!] }, false],
  ['data of an action', { actions: [second.actions[0]!, { ...second.actions[1]!, data: fill(1, 2) }] }, false],
  ['order of the actions', { actions: second.actions.toReversed() }, false],
];

/** Messages of input 0 with ALL and SINGLE and of action 0. */
function messages(
  changed: Transaction,
  from: readonly Output[] = spent,
  genesis = genesisId,
  leaf = leafHash,
): string[] {
  const sighash = new TransactionSighash(genesis, changed, from);
  const signed = [sighash.input(0, SIGHASH_ALL, leaf)!, sighash.input(0, SIGHASH_SINGLE, leaf)!];
  return [...signed, sighash.action(0, TAG.heartbeat)].map(toHex);
}

const original = messages(second);

for (const [name, change, isCoveredBySingle] of changes) {
  test(`ALL and actions cover it, SINGLE ${isCoveredBySingle ? 'too' : 'does not'}: ${name}`, () => {
    const [all, single, action] = messages({ ...second, ...change });
    assert.notEqual(all, original[0]);
    assert.equal(single === original[1], !isCoveredBySingle);
    assert.notEqual(action, original[2]);
  });
}

test('everything of the own spent output is covered, of the others by ALL and actions only', () => {
  const [first, other] = spent as [Output, Output];
  const changed: readonly Partial<Output>[] = [
    { amount: amount(9n) },
    { lockId: fill(9, 24) },
    { policyId: fill(9, 24) },
  ];
  for (const change of changed) {
    const own = messages(second, [{ ...first, ...change }, other]);
    for (const [index, message] of own.entries()) assert.notEqual(message, original[index]);
    const [all, single, action] = messages(second, [first, { ...other, ...change }]);
    assert.notEqual(all, original[0]);
    assert.equal(single, original[1]);
    assert.notEqual(action, original[2]);
  }
});

test('the network is covered by all signatures, the leaf by those of its input', () => {
  const elsewhere = messages(second, spent, fill(0xa1));
  for (const [index, message] of elsewhere.entries()) assert.notEqual(message, original[index]);
  const [all, single, action] = messages(second, spent, genesisId, fill(0xf1));
  assert.notEqual(all, original[0]);
  assert.notEqual(single, original[1]);
  assert.equal(action, original[2]);
});

test('witnesses are not covered', () => {
  const inputs = second.inputs.map((one) => ({ ...one, witness: fill(1, 9) }));
  const actions = second.actions.map((one) => ({ ...one, witness: fill(1, 9) }));
  assert.deepEqual(messages({ ...second, inputs, actions }), original);
});

test('no two signatures of a transaction cover the same message', () => {
  const sighash = new TransactionSighash(genesisId, second, spent);
  const all = [0, 1].flatMap((index) => [
    sighash.input(index, SIGHASH_ALL, leafHash)!,
    sighash.input(index, SIGHASH_SINGLE, leafHash)!,
    sighash.action(index, TAG.heartbeat),
    sighash.action(index, TAG.announce),
  ]);
  assert.equal(new Set(all.map(toHex)).size, all.length);
});

test('what all signatures share is read once, however many there are', () => {
  let reads = 0;
  const counted = {
    ...second.actions[0]!,
    get data(): Uint8Array {
      reads++;
      return Uint8Array.of(1);
    },
  };
  const sighash = new TransactionSighash(genesisId, { ...second, actions: [counted] }, spent);
  assert.equal(reads, 0);
  sighash.input(0, SIGHASH_ALL, leafHash);
  const once = reads;
  for (const index of [0, 1]) sighash.input(index, SIGHASH_ALL, leafHash);
  sighash.action(0, TAG.heartbeat);
  assert.equal(reads, once);
});

test('a spent output for each input, and places that exist, are the business of the caller', () => {
  assert.throws(() => new TransactionSighash(genesisId, second, spent.slice(1)), AssertionFailure);
  const sighash = new TransactionSighash(genesisId, second, spent);
  assert.throws(() => sighash.input(2, SIGHASH_ALL, leafHash), AssertionFailure);
  assert.throws(() => sighash.action(2, TAG.heartbeat), AssertionFailure);
  assert.throws(() => sighash.input(0, SIGHASH_ALL, fill(0, 31)), AssertionFailure);
});
