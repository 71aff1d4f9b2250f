// Values of every format, for property tests here and in the packages above.

import { compareBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import fc from 'fast-check';
import type { ActionContent } from '../action-content.ts';
import { type Amount, amount } from '../amount.ts';
import { type Condition, type Leaf, leafCodec } from '../condition.ts';
import type { Destination } from '../destination.ts';
import type { DvalVote } from '../dval-vote.ts';
import type { BlockHeader } from '../header.ts';
import { leafBranch, leastPlace } from '../lock.ts';
import type { PolicyTerms, SocialTerms } from '../policy-terms.ts';
import type { Quorum } from '../quorum.ts';
import { type Action, type Input, type Output, TRANSACTION_VERSION, type Transaction } from '../transaction.ts';
import {
  type KeyHashWitness,
  type LockWitness,
  type Satisfaction,
  SIGHASH_ALL,
  SIGHASH_SINGLE,
  type SighashFlag,
} from '../witness.ts';

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

/** 1 to `max` keys in ascending order, and how many of them must sign. */
export function quorums(max: number): fc.Arbitrary<Quorum> {
  return fc.uniqueArray(bytesOf(32), { minLength: 1, maxLength: max, selector: toHex }).chain((keys) =>
    fc.record({
      required: fc.integer({ min: 1, max: keys.length }),
      publicKeys: fc.constant(keys.sort(compareBytes)),
    }),
  );
}

/** Conditions that name at most two keys, so that any eight of them make a leaf. */
export const conditions: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ kind: fc.constant('key' as const), publicKey: bytesOf(32) }),
  quorums(2).map((quorum) => ({ kind: 'threshold' as const, ...quorum })),
  fc.record({ kind: fc.constant('preimage' as const), hash: bytesOf(32) }),
  fc.record({ kind: fc.constant('after' as const), height: fc.nat(2 ** 31 - 1) }),
  fc.record({ kind: fc.constant('older' as const), blocks: fc.integer({ min: 1, max: 2 ** 31 - 1 }) }),
  fc.constant({ kind: 'idle' } as const),
  fc.constant({ kind: 'announced' } as const),
);

export const leaves: fc.Arbitrary<Leaf> = fc.oneof(
  fc.array(conditions, { minLength: 1, maxLength: 8 }),
  quorums(16).map((quorum) => [{ kind: 'threshold' as const, ...quorum }]),
);

export const locks: fc.Arbitrary<readonly Leaf[]> = fc.array(leaves, { minLength: 1, maxLength: 16 });

const flags: fc.Arbitrary<SighashFlag> = fc.constantFrom(SIGHASH_ALL, SIGHASH_SINGLE);

/** `required` numbers below `keys`, ascending. */
function signers(required: number, keys: number): fc.Arbitrary<readonly number[]> {
  return fc
    .shuffledSubarray([...Array(keys).keys()], { minLength: required, maxLength: required })
    .map((numbers) => numbers.sort((a, b) => a - b));
}

function satisfactionOf(condition: Condition): fc.Arbitrary<Satisfaction> {
  switch (condition.kind) {
    case 'key':
      return fc.record({ kind: fc.constant('key' as const), flag: flags, signature: bytesOf(64) });
    case 'threshold':
      return fc
        .tuple(signers(condition.required, condition.publicKeys.length), flags, bytesOf(64))
        .map(([keys, flag, signature]) => ({
          kind: 'threshold' as const,
          signatures: keys.map((key) => ({ key, flag, signature })),
        }));
    case 'preimage':
      return fc.record({ kind: fc.constant('preimage' as const), preimage: bytesOf(32) });
    default:
      return fc.constant({ kind: 'none' as const });
  }
}

/** Witnesses whose leaf is one of the lock that its branch belongs to; the signatures are noise. */
export const lockWitnesses: fc.Arbitrary<LockWitness> = fc.tuple(locks, fc.nat()).chain(([lock, place]) => {
  const index = place % lock.length;
  const leaf = lock[index]!;
  return fc.tuple(...leaf.map(satisfactionOf)).map((satisfactions) => ({
    leaf,
    leafBytes: encode(leafCodec, leaf),
    ...leastPlace(index, lock.length),
    branch: leafBranch(lock, index),
    satisfactions,
  }));
});

export const keyHashWitnesses: fc.Arbitrary<KeyHashWitness> = fc.record({
  publicKey: bytesOf(32),
  flag: flags,
  signature: bytesOf(64),
});

const u24s = fc.nat(0xff_ffff);

export const socialTerms: fc.Arbitrary<SocialTerms> = fc
  .tuple(u24s, bytesOf(32), quorums(16))
  .map(([wait, livenessKey, { required, publicKeys }]) => ({
    type: 'social' as const,
    wait,
    livenessKey,
    required,
    guardians: publicKeys,
  }));

/** Interval and timeout are halved, so that their sum fits a policy id. */
export const policyTerms: fc.Arbitrary<PolicyTerms> = fc.oneof(
  fc.record({
    type: fc.constant('heartbeat' as const),
    interval: fc.nat(0x7f_ffff),
    timeout: fc.nat(0x7f_ffff),
    livenessKey: bytesOf(32),
  }),
  socialTerms,
  fc.record({ type: fc.constant('emissionReturn' as const), blocks: u24s, livenessKey: bytesOf(32) }),
);

const destinations: fc.Arbitrary<Destination> = fc.record({ lockId: bytesOf(24), policyId: bytesOf(24) });

export const actionContents: fc.Arbitrary<ActionContent> = fc.oneof(
  fc.record({ kind: fc.constant('heartbeat' as const), terms: policyTerms, signature: bytesOf(64) }),
  socialTerms.chain((terms) =>
    fc
      .tuple(destinations, signers(terms.required, terms.guardians.length), bytesOf(64))
      .map(([destination, guardians, signature]) => ({
        kind: 'announce' as const,
        terms,
        destination,
        signatures: guardians.map((guardian) => ({ guardian, signature })),
      })),
  ),
  fc.record({ kind: fc.constant('propose' as const), proposal: bytesOf(32), refund: destinations }),
  fc.record({ kind: fc.constant('reveal' as const), salt: bytesOf(32), shard: fc.uint8Array({ maxLength: 80 }) }),
);
