import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { devnet } from '@resonancenet/params/devnet';
import fc from 'fast-check';
import { amount } from './amount.ts';
import { checkCoinbase, isCoinbase, makeCoinbase } from './coinbase.ts';
import { keyDestination } from './destination.ts';
import { base58PolicyId, policyId } from './policy.ts';
import { amounts, u32s } from './testing/arbitraries.ts';
import { type Transaction, transactionCodec, txid } from './transaction.ts';

const { recovery } = devnet;
const miner = publicKey(new Uint8Array(32).fill(7));
const destination = keyDestination(miner, recovery);
const fifty = amount(500_000_000_000n);
const good = makeCoinbase(12, fifty, destination);

test('makeCoinbase() makes what BLK-13 says, byte for byte', () => {
  const expected =
    `01000000 01 ${'00'.repeat(32)} 0c000000 00000080 00 ` +
    `01 0088526a74000000 ${toHex(destination.lockId)} ${toHex(destination.policyId)} 00 00000080`;
  assert.equal(toHex(encode(transactionCodec, good)), expected.replaceAll(' ', ''));
});

test('checkCoinbase() accepts every coinbase that makeCoinbase() makes', () => {
  fc.assert(
    fc.property(u32s, amounts, (height, total) => {
      const coinbase = makeCoinbase(height, total, destination);
      assert.deepEqual(checkCoinbase(coinbase, height, recovery), { ok: true });
      assert.equal(isCoinbase(coinbase), true);
      assert.equal(decode(transactionCodec, encode(transactionCodec, coinbase)).ok, true);
    }),
  );
});

test('a coinbase that earns nothing has no output', () => {
  const coinbase = makeCoinbase(3, amount(0n), destination);
  assert.deepEqual(coinbase.outputs, []);
  assert.deepEqual(checkCoinbase(coinbase, 3, recovery), { ok: true });
});

test('coinbases of two heights differ in their txid although they pay the same', () => {
  assert.notDeepEqual(txid(makeCoinbase(1, fifty, destination)), txid(makeCoinbase(2, fifty, destination)));
});

test('checkCoinbase() accepts a payout split over several destinations', () => {
  const [output] = good.outputs as [Transaction['outputs'][number]];
  const base58 = {
    lockId: Uint8Array.of(...new Uint8Array(20).fill(5), 0, 0, 0, 0),
    policyId: base58PolicyId(recovery),
  };
  const split: Transaction = {
    ...good,
    outputs: [
      { ...output, amount: amount(200_000_000_000n) },
      { ...base58, amount: amount(300_000_000_000n) },
    ],
  };
  assert.deepEqual(checkCoinbase(split, 12, recovery), { ok: true });
});

test('checkCoinbase() refuses every departure from the form, and says which', () => {
  const [input] = good.inputs as [Transaction['inputs'][number]];
  const cases: readonly [transaction: Transaction, detail: RegExp][] = [
    [{ ...good, inputs: [input, input] }, /one input, not 2/],
    [{ ...good, inputs: [] }, /one input, not 0/],
    [
      { ...good, inputs: [{ ...input, outpoint: { ...input.outpoint, txid: new Uint8Array(32).fill(1) } }] },
      /32 zeros/,
    ],
    [{ ...good, inputs: [{ ...input, sequence: 0x80000001 }] }, /sequence .* not 2147483649/],
    [{ ...good, inputs: [{ ...input, sequence: 0 }] }, /sequence/],
    [{ ...good, inputs: [{ ...input, witness: Uint8Array.of(0) }] }, /no witness.* 1 byte/],
    [{ ...good, actions: [{ kind: 1, data: new Uint8Array(0), witness: new Uint8Array(0) }] }, /no actions.* 1/],
    [{ ...good, lockTime: 12 }, /lock time .* not 12/],
    [{ ...good, lockTime: 0x80000001 }, /lock time .* not 2147483649/],
  ];
  for (const [transaction, detail] of cases) {
    const verdict = checkCoinbase(transaction, 12, recovery);
    assert.equal(verdict.ok, false);
    assert.equal(verdict.code, 'coinbase-form');
    assert.match(verdict.detail, detail);
  }
});

test('checkCoinbase() refuses another height, one unit off, with both numbers', () => {
  for (const height of [11, 13]) {
    const verdict = checkCoinbase(good, height, recovery);
    assert.equal(verdict.ok, false);
    assert.equal(verdict.code, 'coinbase-height');
    assert.deepEqual([verdict.expected, verdict.actual], [height, 12]);
    assert.match(verdict.detail, new RegExp(`12.*${height}`));
  }
});

test('checkCoinbase() refuses outputs that could not be ordinary outputs (BLK-18, BLK-19)', () => {
  const [output] = good.outputs as [Transaction['outputs'][number]];
  const cases = [
    { ...output, policyId: new Uint8Array(24) },
    { ...output, policyId: policyId('emissionReturn', recovery.emissionReturnMin - 1, new Uint8Array(0)) },
    { ...output, policyId: base58PolicyId(recovery) },
  ];
  for (const bad of cases) {
    const outputs = [{ ...output, amount: amount(0n) }, bad];
    const verdict = checkCoinbase({ ...good, outputs }, 12, recovery);
    assert.equal(verdict.ok, false);
    assert.equal(verdict.code, 'coinbase-destination');
    assert.equal(verdict.code === 'coinbase-destination' && verdict.output, 1);
  }
});

test('isCoinbase() looks at the first input only for the null outpoint', () => {
  const [input] = good.inputs as [Transaction['inputs'][number]];
  const spend = { ...input, outpoint: { txid: new Uint8Array(32).fill(1), index: 0 } };
  assert.equal(isCoinbase({ ...good, inputs: [spend] }), false);
  assert.equal(isCoinbase({ ...good, inputs: [spend, input] }), false);
  assert.equal(isCoinbase({ ...good, inputs: [] }), false);
});
