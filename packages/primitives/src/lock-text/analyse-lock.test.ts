import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { smallOrderEncodings } from '@resonancenet/crypto/testing/edwards-edge-cases';
import { mainnet } from '@resonancenet/params/mainnet';
import fc from 'fast-check';
import { type Leaf, leafCodec } from '../condition.ts';
import type { PolicyId } from '../ids.ts';
import { base58PolicyId, builtInReturnPolicyId, channelPolicyId, policyId } from '../policy.ts';
import { termsPolicyId } from '../policy-terms.ts';
import { lockWitnesses } from '../testing/arbitraries.ts';
import { encodeLockWitness } from '../witness.ts';
import { analyseLock, type LeafAnalysis } from './analyse-lock.ts';
import { parseLock } from './parse-lock.ts';

const fill = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const keyOf = (name: string): Uint8Array => publicKey(fill(name.charCodeAt(0)));

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
      const signed = witness.satisfactions.map((one) =>
        one.kind === 'threshold' ? one.signatures.length : Number(one.kind === 'key'),
      );
      assert.equal(
        analysis.signatures,
        signed.reduce((sum, count) => sum + count, 0),
      );
      // Half of all keys that are thrown are no points.
      assert.ok(analysis.unspendable === null || analysis.keyProblems.length > 0);
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
      keyProblems: [],
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

/** y = 2 belongs to no point. */
const noPoint = Uint8Array.of(2, ...new Uint8Array(31));

test('a key that is no point cannot sign: alone, or where too few others are left (HASH-10)', () => {
  const others = [keyOf('A'), keyOf('B')];
  const withKeys = (required: number, keys: readonly Uint8Array[]): LeafAnalysis => {
    const publicKeys = [...keys].sort(compareBytes);
    return analyseLock([[{ kind: 'threshold', required, publicKeys }]]).leaves[0]!;
  };
  const alone = analyseLock([[{ kind: 'idle' }, { kind: 'key', publicKey: noPoint }]]).leaves[0]!;
  assert.match(alone.unspendable!, /1 signatures are needed, and of the keys that may give them 0 are points/);
  assert.match(alone.keyProblems.join(), /^the key 0200.* is no point of the curve/);
  assert.equal(alone.isOpenToAnyone, false);
  assert.equal(withKeys(3, [noPoint, ...others]).unspendable?.includes('2 are points'), true);
  const enough = withKeys(2, [noPoint, ...others]);
  assert.equal(enough.unspendable, null);
  assert.equal(enough.keyProblems.length, 1);
  assert.deepEqual(withKeys(2, others).keyProblems, []);
});

test('a key of small order protects nothing: everybody can sign by it (HASH-10)', () => {
  for (const small of smallOrderEncodings) {
    const alone = analyseLock([[{ kind: 'key', publicKey: small }]]).leaves[0]!;
    assert.equal(alone.unspendable, null);
    assert.equal(alone.isOpenToAnyone, true);
    assert.match(alone.keyProblems.join(), /small order/);
  }
  const [first, second] = smallOrderEncodings;
  const leafOf = (required: number): Leaf => [
    { kind: 'threshold', required, publicKeys: [first!, second!, keyOf('A')].sort(compareBytes) },
  ];
  assert.deepEqual(
    [1, 2, 3].map((required) => analyseLock([leafOf(required)]).leaves[0]!.isOpenToAnyone),
    [true, true, false],
  );
  const guarded: Leaf = [
    { kind: 'key', publicKey: first! },
    { kind: 'key', publicKey: keyOf('A') },
  ];
  assert.equal(analyseLock([guarded]).leaves[0]!.isOpenToAnyone, false);
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
