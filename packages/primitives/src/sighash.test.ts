import assert from 'node:assert/strict';
import { test } from 'node:test';
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
