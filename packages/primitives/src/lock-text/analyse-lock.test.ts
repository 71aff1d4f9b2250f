import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '@resonancenet/bytes/encode';
import { mainnet } from '@resonancenet/params/mainnet';
import fc from 'fast-check';
import { type Leaf, leafCodec } from '../condition.ts';
import type { PolicyId } from '../ids.ts';
import { base58PolicyId, builtInReturnPolicyId, channelPolicyId, policyId } from '../policy.ts';
import { termsPolicyId } from '../policy-terms.ts';
import { lockWitnesses } from '../testing/arbitraries.ts';
import { encodeLockWitness, signatureCount } from '../witness.ts';
import { analyseLock, type LeafAnalysis } from './analyse-lock.ts';
import { parseLock } from './parse-lock.ts';

const fill = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const keyOf = (name: string): Uint8Array => fill(name.charCodeAt(0));

function leavesOf(text: string): readonly Leaf[] {
  const result = parseLock(text, keyOf);
  assert.ok(result.ok);
  return result.leaves;
}

/** The analysis of a lock of one leaf. */
function analysed(text: string, policy: PolicyId | null = null): LeafAnalysis {
  return analyseLock(leavesOf(text), policy).leaves[0]!;
}

const heartbeat = termsPolicyId({ type: 'heartbeat', interval: 10_000, timeout: 1_000, livenessKey: fill(1) });
const social = termsPolicyId({ type: 'social', wait: 1_000, livenessKey: fill(1), required: 1, guardians: [fill(2)] });
const emissionReturn = termsPolicyId({ type: 'emissionReturn', blocks: 200_000, livenessKey: fill(1) });
const builtInReturn = builtInReturnPolicyId(mainnet.recovery);
const base58 = base58PolicyId(mainnet.recovery);
const channel = channelPolicyId(mainnet.recovery);
const socialWithoutTerms = policyId('social', 1_000, new Uint8Array(0));

test('costs are those of the witness', () => {
  fc.assert(
    fc.property(lockWitnesses, (witness) => {
      const { leaf, index, count } = witness;
      const analysis = analyseLock(Array.from({ length: count }, () => leaf)).leaves[index]!;
      assert.equal(analysis.witnessBytes, encodeLockWitness(witness).length);
      assert.equal(analysis.signatures, signatureCount(witness));
      assert.equal(analysis.unspendable, null);
    }),
  );
});

test('a leaf of 252 bytes has a length of one byte, one of 253 bytes of three', () => {
  const keys = (count: number): string => 'ABCDEFG'.slice(0, count).split('').join(', ');
  const afters = (count: number): string => Array.from({ length: count }, () => 'after(1)').join(', ');
  const short = `and(threshold(1, ${keys(3)}), threshold(1, ${keys(4)}), ${afters(4)}, idle)`;
  const long = `and(threshold(1, ${keys(7)}), ${afters(5)})`;
  assert.equal(encode(leafCodec, leavesOf(short)[0]!).length, 252);
  assert.equal(analysed(short).witnessBytes, 1 + 252 + 2 + 2 * 66);
  assert.equal(encode(leafCodec, leavesOf(long)[0]!).length, 253);
  assert.equal(analysed(long).witnessBytes, 3 + 253 + 2 + 66);
});

test('a leaf says what it needs and from when on', () => {
  const preimage = `preimage(${'5a'.repeat(32)})`;
  assert.deepEqual(
    analysed(`and(key(A), threshold(2, B, C, D), ${preimage}, after(99), after(9), older(7), older(8), idle)`),
    {
      index: 0,
      signatures: 3,
      preimages: 1,
      earliestHeight: 100,
      earliestAge: 8,
      needsIdle: true,
      needsAnnouncement: false,
      isOpenToAnyone: false,
      witnessBytes: 1 + 1 + 33 + 99 + 33 + 4 * 5 + 1 + 2 + 65 + 2 * 66 + 32,
      unspendable: null,
    },
  );
  assert.equal(analysed('key(A)').earliestHeight, 0);
  assert.equal(analysed('after(0)').earliestHeight, 1);
});

test('a leaf without signature, secret and announcement is open to anyone', () => {
  for (const text of ['idle', 'after(5)', 'and(older(3), idle)'])
    assert.equal(analysed(text).isOpenToAnyone, true, text);
  const guarded = ['key(A)', 'and(idle, key(A))', 'threshold(1, A)', `preimage(${'5a'.repeat(32)})`, 'announced'];
  for (const text of guarded) assert.equal(analysed(text).isOpenToAnyone, false, text);
});

test('the cheapest and the dearest way are among those that are possible', () => {
  const leaves = leavesOf(
    'or(key(A), announced, threshold(2, A, B), and(key(A), key(B), key(C)), threshold(3, A, B, C, D))',
  );
  const any = analyseLock(leaves);
  assert.equal(any.cheapest?.index, 1);
  assert.equal(any.dearest?.index, 3);
  const ours = analyseLock(leaves, heartbeat);
  assert.equal(ours.cheapest?.index, 0);
  const none = analyseLock(leavesOf('or(announced, and(announced, key(A)))'), heartbeat);
  assert.equal(none.cheapest, null);
  assert.equal(none.dearest, null);
});

const possible: readonly [text: string, policy: PolicyId][] = [
  ['announced', social],
  ['and(announced, idle)', social],
  ['idle', heartbeat],
  ['idle', social],
  ['older(200000)', emissionReturn],
  ['older(199999)', builtInReturn],
  ['older(499999)', channel],
  ['older(500001)', heartbeat],
];

for (const [text, policy] of possible) {
  test(`possible under a policy of type ${policy[0]}: ${text}`, () => {
    assert.equal(analysed(text, policy).unspendable, null);
  });
}

const impossible: readonly [text: string, policy: PolicyId, why: RegExp][] = [
  ['announced', heartbeat, /announced needs a social policy, this is of type heartbeat/],
  ['and(key(A), announced)', emissionReturn, /announced needs a social policy/],
  ['announced', channel, /announced needs a social policy/],
  ['announced', socialWithoutTerms, /no terms/],
  ['idle', emissionReturn, /returned to the emission/],
  ['idle', builtInReturn, /returned to the emission/],
  ['and(idle, key(A))', channel, /returned to the emission/],
  [
    'older(200000)',
    builtInReturn,
    /older\(200000\) would hold when the output has returned to the emission, after 200000/,
  ],
  ['and(older(5), older(500000))', channel, /older\(500000\)/],
  ['key(A)', base58, /Base58/],
  ['key(A)', new Uint8Array(24), /no output can have this policy/],
];

for (const [text, policy, why] of impossible) {
  test(`impossible under a policy of type ${policy[0]}: ${text}`, () => {
    assert.match(analysed(text, policy).unspendable!, why);
  });
}

test('nobody can spend by what is no leaf', () => {
  const key = { kind: 'key', publicKey: fill(1) } as const;
  const unreadable: readonly [leaf: Leaf, why: RegExp][] = [
    [[{ kind: 'after', height: 2 ** 31 }], /after\(2147483648\); the number must be from 0 to 2147483647/],
    [[{ kind: 'older', blocks: 0 }], /older\(0\)/],
    [[], /a leaf of 0 conditions/],
    [Array.from({ length: 9 }, () => key), /a leaf of 9 conditions/],
    [[{ kind: 'threshold', required: 2, publicKeys: [fill(1)] }], /2 of 1 keys/],
    [[{ kind: 'threshold', required: 1, publicKeys: [fill(2), fill(1)] }], /sort the keys/],
  ];
  for (const [leaf, why] of unreadable) assert.match(analyseLock([leaf]).leaves[0]!.unspendable!, why);
});
