// Values of every format, for property tests here and in the packages above.

import fc from 'fast-check';
import { type Amount, amount } from '../amount.ts';
import type { DvalVote } from '../dval-vote.ts';
import type { BlockHeader } from '../header.ts';
import { type Action, type Input, type Output, TRANSACTION_VERSION, type Transaction } from '../transaction.ts';

/** Exactly `length` bytes. */
export function bytesOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

export const u32s: fc.Arbitrary<number> = fc.oneof(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1), fc.nat(2 ** 32 - 1));
export const u64s: fc.Arbitrary<bigint> = fc.bigInt(0n, 2n ** 64n - 1n);

export const amounts: fc.Arbitrary<Amount> = fc.bigInt(0n, 210_000_000_000_000_000n).map(amount);

export const dvalVotes: fc.Arbitrary<DvalVote> = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.record({ kind: fc.constantFrom('for' as const, 'against' as const), proposal: bytesOf(32) }),
);

export const headers: fc.Arbitrary<BlockHeader> = fc.record({
  version: u32s,
  height: u32s,
  prevHash: bytesOf(32),
  txRoot: bytesOf(32),
  checkpointRoot: bytesOf(32),
  valLoss: u32s,
  parentLoss: u32s,
  lossRoot: bytesOf(32),
  dvalId: bytesOf(32),
  dModel: fc.nat(0xffff),
  nLayers: fc.nat(0xffff),
  growth: u64s,
  stagnation: u32s,
  timestamp: u64s,
  dvalVote: dvalVotes,
  minerKey: bytesOf(32),
  signature: bytesOf(64),
});

export const inputs: fc.Arbitrary<Input> = fc.record({
  outpoint: fc.record({ txid: bytesOf(32), index: u32s }),
  sequence: u32s,
  witness: fc.uint8Array({ maxLength: 80 }),
});

export const outputs: fc.Arbitrary<Output> = fc.record({ amount: amounts, lockId: bytesOf(24), policyId: bytesOf(24) });

export const actions: fc.Arbitrary<Action> = fc.record({
  kind: fc.nat(0xff),
  data: fc.uint8Array({ maxLength: 80 }),
  witness: fc.uint8Array({ maxLength: 80 }),
});

export const transactions: fc.Arbitrary<Transaction> = fc.record({
  version: fc.constant(TRANSACTION_VERSION),
  inputs: fc.array(inputs, { minLength: 1, maxLength: 3 }),
  outputs: fc.array(outputs, { maxLength: 3 }),
  actions: fc.array(actions, { maxLength: 2 }),
  lockTime: u32s,
});
