import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { codecSuite } from '@resonancenet/bytes/testing/codec-suite';
import { mainnet } from '@resonancenet/params/mainnet';
import fc from 'fast-check';
import {
  base58PolicyId,
  builtInReturnPolicyId,
  channelPolicyId,
  isBuiltIn,
  parsePolicyId,
  policyId,
  policyProblem,
} from './policy.ts';
import {
  decodeTerms,
  emissionReturnTermsCodec,
  encodeTerms,
  type EmissionReturnTerms,
  type HeartbeatTerms,
  heartbeatTermsCodec,
  type PolicyTerms,
  type SocialTerms,
  socialTermsCodec,
  termsPolicyId,
  termsProblem,
} from './policy-terms.ts';
import { bytesOf, policyTerms, socialTerms } from './testing/arbitraries.ts';

const fill = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const hex = (byte: string): string => byte.repeat(32);

const heartbeat: HeartbeatTerms = { type: 'heartbeat', interval: 10_000, timeout: 1_000, livenessKey: fill(0xaa) };
const social: SocialTerms = {
  type: 'social',
  wait: 1_000,
  livenessKey: fill(0xaa),
  required: 2,
  guardians: [fill(1), fill(2), fill(3)],
};
const emissionReturn: EmissionReturnTerms = { type: 'emissionReturn', blocks: 200_000, livenessKey: fill(0xaa) };

codecSuite('terms of a heartbeat policy (LED-12)', heartbeatTermsCodec, {
  values: fc.record({
    type: fc.constant('heartbeat' as const),
    interval: fc.nat(0xff_ffff),
    timeout: fc.nat(0xff_ffff),
    livenessKey: bytesOf(32),
  }),
  vectors: [{ name: 'the least of mainnet', value: heartbeat, hex: `102700 e80300 ${hex('aa')}` }],
  refused: [],
});

codecSuite('terms of a social policy (LED-12)', socialTermsCodec, {
  values: socialTerms,
  vectors: [
    { name: 'two of three', value: social, hex: `e80300 ${hex('aa')} 02 03 ${hex('01')}${hex('02')}${hex('03')}` },
    {
      name: 'one of one',
      value: { ...social, required: 1, guardians: [fill(1)] },
      hex: `e80300 ${hex('aa')} 01 01 ${hex('01')}`,
    },
  ],
  refused: [
    { name: 'no guardians', hex: `e80300 ${hex('aa')} 00 00`, reason: 'count-out-of-bounds' },
    { name: 'none required', hex: `e80300 ${hex('aa')} 00 01 ${hex('01')}`, reason: 'invalid-value' },
    { name: 'two of one', hex: `e80300 ${hex('aa')} 02 01 ${hex('01')}`, reason: 'invalid-value' },
    { name: 'a guardian twice', hex: `e80300 ${hex('aa')} 01 02 ${hex('01')}${hex('01')}`, reason: 'invalid-value' },
    { name: 'descending', hex: `e80300 ${hex('aa')} 01 02 ${hex('02')}${hex('01')}`, reason: 'invalid-value' },
    { name: 'seventeen', hex: `e80300 ${hex('aa')} 01 11 ${hex('01').repeat(17)}`, reason: 'count-out-of-bounds' },
    { name: 'more than there are bytes', hex: `e80300 ${hex('aa')} 01 02 ${hex('01')}`, reason: 'count-exceeds-bytes' },
  ],
});

codecSuite('terms of an emission-return policy (LED-12)', emissionReturnTermsCodec, {
  values: fc.record({
    type: fc.constant('emissionReturn' as const),
    blocks: fc.nat(0xff_ffff),
    livenessKey: bytesOf(32),
  }),
  vectors: [{ name: 'the least of mainnet', value: emissionReturn, hex: `400d03 ${hex('aa')}` }],
  refused: [],
});

test('sixteen guardians fit', () => {
  const guardians = Array.from({ length: 16 }, (_, index) => fill(index));
  const terms: SocialTerms = { ...social, required: 16, guardians };
  assert.deepEqual(decodeTerms('social', encodeTerms(terms)), { ok: true, terms });
});

test('terms come back as they were written, and their id shows type and blocks (BLK-17)', () => {
  fc.assert(
    fc.property(policyTerms, (terms) => {
      assert.deepEqual(decodeTerms(terms.type, encodeTerms(terms)), { ok: true, terms: structuredClone(terms) });
      const id = termsPolicyId(terms);
      assert.equal(parsePolicyId(id)?.type, terms.type);
      assert.deepEqual(id, policyId(terms.type, blocksOf(terms), encodeTerms(terms)));
      assert.equal(isBuiltIn(id), false);
    }),
  );
});

function blocksOf(terms: PolicyTerms): number {
  if (terms.type === 'heartbeat') return terms.interval + terms.timeout;
  return terms.type === 'social' ? terms.wait : terms.blocks;
}

test('a heartbeat policy whose interval and timeout do not fit a u24 together has no id', () => {
  const terms = { ...heartbeat, interval: 0xff_ffff, timeout: 0 };
  assert.doesNotThrow(() => termsPolicyId(terms));
  assert.throws(() => termsPolicyId({ ...terms, timeout: 1 }), AssertionFailure);
});

test('Base58 and channel policies have no terms', () => {
  for (const type of ['base58', 'channel'] as const) {
    const result = decodeTerms(type, new Uint8Array(0));
    assert.equal(result.ok, false);
    assert.match(result.detail, /has no terms/);
  }
});

test('refused terms say what is wrong with them', () => {
  const result = decodeTerms('heartbeat', new Uint8Array(37));
  assert.equal(result.ok, false);
  assert.match(result.detail, /^truncated \(livenessKey at 6\)/);
});

test('every number of the terms has its range on mainnet, accepted at the ends and refused one beyond', () => {
  const ranges: readonly [name: string, of: (blocks: number) => PolicyTerms, least: number, most: number][] = [
    ['interval', (interval) => ({ ...heartbeat, interval }), 10_000, 500_000],
    ['timeout', (timeout) => ({ ...heartbeat, timeout }), 1_000, 500_000],
    ['wait', (wait) => ({ ...social, wait }), 1_000, 0xff_ffff],
    ['blocks', (blocks) => ({ ...emissionReturn, blocks }), 200_000, 0xff_ffff],
  ];
  for (const [name, of, least, most] of ranges) {
    const problem = (blocks: number): string | null => termsProblem(of(blocks), mainnet.recovery);
    assert.equal(problem(least), null);
    assert.equal(problem(most), null);
    assert.equal(problem(least - 1), `${name} of ${least - 1} blocks; allowed are ${least} to ${most}`);
    assert.equal(problem(most + 1), `${name} of ${most + 1} blocks; allowed are ${least} to ${most}`);
  }
});

test('outputs may be paid under the id of all terms that a network allows, but a sum in range does not make the terms allowed', () => {
  for (const terms of [heartbeat, social, emissionReturn, { ...heartbeat, interval: 500_000, timeout: 500_000 }]) {
    assert.equal(termsProblem(terms, mainnet.recovery), null);
    assert.equal(policyProblem(termsPolicyId(terms), mainnet.recovery), null);
  }
  const shifted: HeartbeatTerms = { ...heartbeat, interval: 9_999, timeout: 1_001 };
  assert.equal(policyProblem(termsPolicyId(shifted), mainnet.recovery), null);
  assert.match(termsProblem(shifted, mainnet.recovery)!, /interval of 9999 blocks/);
});

test('built-in policies are those whose hash is that of no terms (LED-12)', () => {
  for (const id of [builtInReturnPolicyId, base58PolicyId, channelPolicyId]) assert.ok(isBuiltIn(id(mainnet.recovery)));
  assert.ok(isBuiltIn(policyId('heartbeat', 11_000, new Uint8Array(0))));
  const almost = builtInReturnPolicyId(mainnet.recovery).slice();
  almost[23]! ^= 1;
  assert.equal(isBuiltIn(almost), false);
});
