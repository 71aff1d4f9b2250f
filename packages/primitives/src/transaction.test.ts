import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { codecSuite } from '@resonancenet/bytes/testing/codec-suite';
import { keccak256 } from '@resonancenet/crypto/keccak';
import fc from 'fast-check';
import { amount, isAmount } from './amount.ts';
import {
  MAX_ACTION_LENGTH,
  MAX_WITNESS_LENGTH,
  outputCodec,
  type Transaction,
  transactionCodec,
  transactionLength,
  txid,
  txRoot,
  wtxLeaf,
} from './transaction.ts';
import { outputs, transactions } from './testing/arbitraries.ts';

const example: Transaction = {
  version: 1,
  inputs: [
    { outpoint: { txid: new Uint8Array(32).fill(0xb1), index: 2 }, sequence: 10, witness: Uint8Array.of(0xc1, 0xc2) },
    {
      outpoint: { txid: new Uint8Array(32).fill(0xb2), index: 0xffffffff },
      sequence: 0x80000000,
      witness: new Uint8Array(0),
    },
  ],
  outputs: [
    {
      amount: amount(500_000_000_000n),
      lockId: new Uint8Array(24).fill(0xd1),
      policyId: new Uint8Array(24).fill(0xd2),
    },
  ],
  actions: [{ kind: 7, data: Uint8Array.of(0xe1), witness: Uint8Array.of(0xe2, 0xe3, 0xe4) }],
  lockTime: 0x80000005,
};

const exampleHex = `
  01000000
  02
    ${'b1'.repeat(32)} 02000000 0a000000 02c1c2
    ${'b2'.repeat(32)} ffffffff 00000080 00
  01
    0088526a74000000 ${'d1'.repeat(24)} ${'d2'.repeat(24)}
  01
    07 01e1 03e2e3e4
  05000080`;

/** The same without witnesses and their lengths. */
const exampleWitnessless = `
  01000000
  02
    ${'b1'.repeat(32)} 02000000 0a000000
    ${'b2'.repeat(32)} ffffffff 00000080
  01
    0088526a74000000 ${'d1'.repeat(24)} ${'d2'.repeat(24)}
  01
    07 01e1
  05000080`;

const compact = (hex: string): string => hex.replaceAll(/\s/g, '');
const double = (hex: string): string => toHex(keccak256(keccak256(fromHex(compact(hex)))));

const bareInput = `${'00'.repeat(32)} 00000000 00000000 00`;

codecSuite('transaction (BLK-8)', transactionCodec, {
  values: transactions,
  vectors: [
    { name: 'two inputs, an output, an action', value: example, hex: exampleHex },
    {
      name: 'one input and nothing else',
      value: {
        version: 1,
        inputs: [{ outpoint: { txid: new Uint8Array(32), index: 0 }, sequence: 0, witness: new Uint8Array(0) }],
        outputs: [],
        actions: [],
        lockTime: 0,
      },
      hex: `01000000 01 ${bareInput} 00 00 00000000`,
    },
  ],
  refused: [
    { name: 'version 0', hex: `00000000 01 ${bareInput} 00 00 00000000`, reason: 'invalid-value', path: 'version' },
    { name: 'version 2', hex: `02000000 01 ${bareInput} 00 00 00000000`, reason: 'invalid-value', path: 'version' },
    { name: 'no inputs', hex: '01000000 00 00 00 00000000', reason: 'count-out-of-bounds', path: 'inputs' },
    {
      name: 'more inputs than bytes',
      hex: `01000000 fdffff ${bareInput} 00 00 00000000`,
      reason: 'count-exceeds-bytes',
      path: 'inputs',
    },
    {
      name: 'a count of inputs in a longer form',
      hex: `01000000 fd0100 ${bareInput} 00 00 00000000`,
      reason: 'non-minimal-varint',
      path: 'inputs',
    },
    {
      name: '2^53 - 1 outputs',
      hex: `01000000 01 ${bareInput} ffffffffffffff1f00 00 00000000`,
      reason: 'count-exceeds-bytes',
      path: 'outputs',
    },
    {
      name: '2^32 - 1 actions',
      hex: `01000000 01 ${bareInput} 00 feffffffff 00000000`,
      reason: 'count-exceeds-bytes',
      path: 'actions',
    },
    {
      name: 'one resonance more than there can be',
      hex: `01000000 01 ${bareInput} 01 0100d52ae311ea02 ${'00'.repeat(48)} 00 00000000`,
      reason: 'invalid-value',
      path: 'outputs[0].amount',
    },
    {
      name: 'a witness longer than its bytes',
      hex: `01000000 01 ${'00'.repeat(40)} fd0040 00 00 00000000`,
      reason: 'count-exceeds-bytes',
      path: 'inputs[0].witness',
    },
    {
      name: 'a witness of 16,385 bytes',
      hex: `01000000 01 ${'00'.repeat(40)} fd0140 ${'00'.repeat(16_385)} 00 00 00000000`,
      reason: 'count-out-of-bounds',
      path: 'inputs[0].witness',
    },
    {
      name: 'an action of 300,001 bytes',
      hex: `01000000 01 ${bareInput} 00 01 07 fee1930400 ${'00'.repeat(300_001)} 00 00000000`,
      reason: 'count-out-of-bounds',
      path: 'actions[0].data',
    },
  ],
});

codecSuite('output (BLK-8)', outputCodec, {
  values: outputs,
  vectors: [
    {
      name: 'all the money there can be',
      value: {
        amount: amount(210_000_000_000_000_000n),
        lockId: new Uint8Array(24).fill(1),
        policyId: new Uint8Array(24).fill(2),
      },
      hex: `0000d52ae311ea02 ${'01'.repeat(24)} ${'02'.repeat(24)}`,
    },
  ],
  refused: [
    {
      name: '2^64 - 1 resonances',
      hex: `${'ff'.repeat(8)}${'00'.repeat(48)}`,
      reason: 'invalid-value',
      path: 'amount',
    },
  ],
});

test('witnesses and actions may be as long as their limits (BLK-10)', () => {
  const longest: Transaction = {
    ...example,
    inputs: [{ ...example.inputs[0]!, witness: new Uint8Array(MAX_WITNESS_LENGTH) }],
    actions: [{ ...example.actions[0]!, data: new Uint8Array(MAX_ACTION_LENGTH) }],
  };
  assert.equal(decode(transactionCodec, encode(transactionCodec, longest)).ok, true);
});

test('the txid covers everything but the witnesses (BLK-11)', () => {
  assert.equal(toHex(txid(example)), double(`02${exampleWitnessless}`));
  const stripped: Transaction = {
    ...example,
    inputs: example.inputs.map((input) => ({ ...input, witness: new Uint8Array(0) })),
    actions: example.actions.map((action) => ({ ...action, witness: new Uint8Array(0) })),
  };
  assert.deepEqual(txid(stripped), txid(example));
  assert.notDeepEqual(wtxLeaf(stripped), wtxLeaf(example));
});

test('the txid changes with every field that is not a witness', () => {
  const [first, second] = example.inputs as [Transaction['inputs'][number], Transaction['inputs'][number]];
  const [output] = example.outputs as [Transaction['outputs'][number]];
  const [action] = example.actions as [Transaction['actions'][number]];
  const variants: readonly Transaction[] = [
    { ...example, lockTime: 0 },
    { ...example, inputs: [first] },
    { ...example, inputs: [second, first] },
    { ...example, inputs: [{ ...first, sequence: 11 }, second] },
    { ...example, inputs: [{ ...first, outpoint: { ...first.outpoint, index: 3 } }, second] },
    { ...example, inputs: [{ ...first, outpoint: { ...first.outpoint, txid: new Uint8Array(32) } }, second] },
    { ...example, outputs: [] },
    { ...example, outputs: [output, output] },
    { ...example, outputs: [{ ...output, amount: amount(1n) }] },
    { ...example, outputs: [{ ...output, lockId: new Uint8Array(24) }] },
    { ...example, outputs: [{ ...output, policyId: new Uint8Array(24) }] },
    { ...example, actions: [] },
    { ...example, actions: [{ ...action, kind: 8 }] },
    { ...example, actions: [{ ...action, data: new Uint8Array(0) }] },
  ];
  const ids = [example, ...variants].map((transaction) => toHex(txid(transaction)));
  assert.equal(new Set(ids).size, ids.length);
});

test('tx_root commits to full transactions in their order (BLK-12)', () => {
  const other: Transaction = { ...example, lockTime: 1 };
  const leaf = double(`03${exampleHex}`);
  assert.equal(toHex(wtxLeaf(example)), leaf);
  assert.equal(toHex(txRoot([example])), leaf);
  assert.equal(toHex(txRoot([example, other])), double(`04${leaf}${toHex(wtxLeaf(other))}`));
  assert.notDeepEqual(txRoot([other, example]), txRoot([example, other]));
  assert.notDeepEqual(txRoot([example, other, other]), txRoot([example, other]));
  const otherWitness: Transaction = {
    ...example,
    inputs: [{ ...example.inputs[0]!, witness: Uint8Array.of(1) }, example.inputs[1]!],
  };
  assert.notDeepEqual(txRoot([otherWitness]), txRoot([example]));
});

test('a transaction and its full encoding never share an id: the tags differ', () => {
  fc.assert(
    fc.property(transactions, (transaction) => {
      assert.notDeepEqual(txid(transaction), wtxLeaf(transaction));
    }),
  );
});

test('the length of a transaction is that of its encoding', () => {
  fc.assert(
    fc.property(transactions, (transaction) => {
      assert.equal(transactionLength(transaction), encode(transactionCodec, transaction).length);
    }),
  );
});

test('an amount lies between 0 and 21,000,000 RNT, both included', () => {
  assert.equal(isAmount(0n), true);
  assert.equal(isAmount(210_000_000_000_000_000n), true);
  assert.equal(isAmount(210_000_000_000_000_001n), false);
  assert.equal(isAmount(-1n), false);
  assert.equal(amount(5n), 5n);
  assert.throws(() => amount(-1n), AssertionFailure);
  assert.throws(() => amount(210_000_000_000_000_001n), AssertionFailure);
});
