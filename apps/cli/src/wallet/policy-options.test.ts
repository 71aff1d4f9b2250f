import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { encodeKeyText } from '@resonancenet/keys/key-text';
import { printPolicyText } from '@resonancenet/keys/policy-text';
import { mainnet } from '@resonancenet/params/mainnet';
import { regtest } from '@resonancenet/params/regtest';
import { encodeBase58Address } from '@resonancenet/primitives/address';
import { type PolicyOptions, policyFromOptions } from './policy-options.ts';
import { strategiesText } from './strategies.ts';

const keys = [1, 2, 3].map((byte) => encodeKeyText('rrnt', publicKey(new Uint8Array(32).fill(byte))));
const [heir] = keys as [string];
const base58 = encodeBase58Address(regtest.base58Version, new Uint8Array(20).fill(7));

function lineOf(options: PolicyOptions): string | null {
  const policy = policyFromOptions(options, regtest);
  return policy === null ? null : printPolicyText(policy, 'rrnt');
}

test('the parts of a strategy, or its whole line, make the policy', () => {
  const line = `heartbeat(10, 1, ${heir})`;
  assert.equal(lineOf({ strategy: 'heartbeat', interval: 10, timeout: 1, heir }), line);
  assert.equal(lineOf({ policy: line }), line);
  assert.equal(lineOf({ strategy: 'emission-return', blocks: 200 }), 'emissionReturn(200)');
  const social = lineOf({ strategy: 'social', wait: 6, required: 2, guardian: keys });
  assert.match(social ?? '', /^social\(6, 2, rrntk1\w+, rrntk1\w+, rrntk1\w+\)$/);
  assert.equal(lineOf({ strategy: 'social', wait: 6, required: 2, guardian: [...keys].reverse() }), social);
});

test('without any option there is no policy', () => {
  assert.equal(lineOf({}), null);
});

test('what is missing, foreign or out of range is named', () => {
  const cases: readonly (readonly [PolicyOptions, RegExp])[] = [
    [{ strategy: 'heartbeat', interval: 10, heir }, /needs --timeout/],
    [{ strategy: 'emission-return', blocks: 200, wait: 6 }, /has no --wait/],
    [{ blocks: 200 }, /--blocks belongs to a strategy/],
    [{ policy: 'emissionReturn(200)', strategy: 'heartbeat' }, /leave --strategy away/],
    [{ policy: 'emissionReturn(199)' }, /--policy: /],
    [{ strategy: 'emission-return', blocks: 199 }, /does not allow/],
    [{ strategy: 'heartbeat', interval: 9, timeout: 1, heir }, /does not allow/],
    [{ strategy: 'heartbeat', interval: 10, timeout: 1, heir: heir.replace('rrntk', 'rntk') }, /^--heir /],
    [{ strategy: 'heartbeat', interval: 10, timeout: 1, heir: base58 }, /address in Base58.*begins with rrntk1/],
    [{ strategy: 'social', wait: 5, required: 1, guardian: [heir] }, /does not allow/],
    [{ strategy: 'social', wait: 6, required: 2, guardian: [heir] }, /does not allow/],
    [{ strategy: 'social', wait: 6, required: 1, guardian: [heir, heir] }, /does not allow/],
  ];
  for (const [options, message] of cases)
    assert.throws(() => policyFromOptions(options, regtest), { code: 'usage', message }, JSON.stringify(options));
});

test('the strategies stand side by side in 100 columns', () => {
  for (const params of [mainnet, regtest]) {
    const text = strategiesText(params, { height: 5, secondsPerBlock: 712.3, isMeasured: true });
    assert.ok(text.split('\n').every((line) => line.length <= 100));
    assert.match(text, /1 heartbeat +2 social +3 emission-return/);
    assert.match(text, new RegExp(`${params.recovery.emissionReturnMin} blocks`));
  }
});
