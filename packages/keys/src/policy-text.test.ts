import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mainnet } from '@resonancenet/params/mainnet';
import fc from 'fast-check';
import { encodeKeyText } from './key-text.ts';
import { MAX_POLICY_TEXT_LENGTH, parsePolicyText, type PolicyTextProblem, printPolicyText } from './policy-text.ts';
import { accountPolicies, honestKeys } from './testing/arbitraries.ts';

const [a, b, c] = honestKeys.slice(0, 3).map((key) => encodeKeyText('rnt', key)) as [string, string, string];

test('a policy is one line of text (WAL-11)', () => {
  const [low, high] = [honestKeys[0]!, honestKeys[1]!].sort((x, y) => (x[0]! < y[0]! ? -1 : 1)) as [
    Uint8Array,
    Uint8Array,
  ];
  const [lowText, highText] = [low, high].map((key) => encodeKeyText('rnt', key));
  const cases = [
    ['emissionReturn(200000)', { type: 'emissionReturn', blocks: 200_000 }],
    [
      `heartbeat(10000, 1000, ${a})`,
      { type: 'heartbeat', interval: 10_000, timeout: 1_000, recoveryKey: honestKeys[0]! },
    ],
    [`social(1000, 2, ${lowText}, ${highText})`, { type: 'social', wait: 1_000, required: 2, guardians: [low, high] }],
  ] as const;
  for (const [text, policy] of cases) {
    assert.equal(printPolicyText(policy, 'rnt'), text);
    assert.deepEqual(parsePolicyText(text, mainnet), { ok: true, policy });
  }
  const loose = parsePolicyText(`\n social ( 1000,2 ,${highText},\t${lowText} ) `, mainnet);
  assert.ok(loose.ok);
  assert.equal(printPolicyText(loose.policy, 'rnt'), cases[2][0]);
});

test('parsePolicyText() names what is wrong and where', () => {
  const sixteen = honestKeys.slice(0, 16).map((key) => encodeKeyText('rnt', key));
  const cases: readonly [text: string, code: PolicyTextProblem, part: number, detail: RegExp][] = [
    ['', 'bad-form', 0, /whole line/],
    ['emissionReturn', 'bad-form', 0, /parentheses/],
    ['emissionReturn(200000) x', 'bad-form', 0, /whole line/],
    ['emissionReturn(200000))', 'bad-form', 0, /whole line/],
    [' '.repeat(MAX_POLICY_TEXT_LENGTH + 1), 'too-long', 0, /2049 characters/],
    ['emissionreturn(200000)', 'unknown-policy', 0, /emissionReturn, heartbeat or social/],
    ['channel(500000)', 'unknown-policy', 0, /no policy/],
    ['emissionReturn()', 'bad-number', 1, /no number/],
    ['emissionReturn(0200000)', 'bad-number', 1, /zeros/],
    ['emissionReturn(2e5)', 'bad-number', 1, /'2e5'/],
    ['emissionReturn(\u001b[2J\u202e1)', 'bad-number', 1, /'\?\[2J\?1'/],
    ['emissionReturn(-200000)', 'bad-number', 1, /no number/],
    ['emissionReturn(200000, 1)', 'wrong-count', 0, /2 parts/],
    ['emissionReturn(199999)', 'out-of-range', 0, /200000 to/],
    ['emissionReturn(16777216)', 'out-of-range', 1, /at most 16777215/],
    [`heartbeat(9999, 1000, ${a})`, 'out-of-range', 0, /interval of 9999/],
    [`heartbeat(10000, 999, ${a})`, 'out-of-range', 0, /timeout of 999/],
    [`heartbeat(500001, 1000, ${a})`, 'out-of-range', 0, /interval of 500001/],
    [`heartbeat(10000, 1000)`, 'wrong-count', 0, /heir/],
    [`heartbeat(10000, 1000, ${a.slice(0, -1)})`, 'bad-key', 3, /part 3: the checksum/],
    [`heartbeat(10000, 1000, ${encodeKeyText('rrnt', honestKeys[0]!)})`, 'bad-key', 3, /rrntk/],
    [`social(999, 1, ${a})`, 'out-of-range', 0, /wait of 999/],
    [`social(1000, 3, ${a}, ${b})`, 'out-of-range', 2, /3 of 2/],
    [`social(1000, 0, ${a}, ${b})`, 'out-of-range', 2, /0 of 2/],
    [`social(1000, 2, ${a}, ${b}, ${a})`, 'repeated-key', 5, /repeats/],
    [`social(1000, 2, ${a}, ${b}, ${c}x)`, 'bad-key', 5, /part 5/],
    [`social(1000, 2)`, 'wrong-count', 0, /1 to 16 keys/],
    [
      `social(1000, 2, ${[...sixteen, encodeKeyText('rnt', honestKeys[16]!)].join(', ')})`,
      'wrong-count',
      0,
      /19 parts/,
    ],
  ];
  for (const [text, code, part, detail] of cases) {
    const result = parsePolicyText(text, mainnet);
    assert.equal(result.ok, false, text);
    assert.equal(result.code, code, text);
    assert.equal(result.part, part, text);
    assert.match(result.detail, detail);
  }
  assert.ok(parsePolicyText(`social(1000, 16, ${sixteen.join(', ')})`, mainnet).ok);
});

test('every policy comes back from its text, which is the only one that is printed', () => {
  fc.assert(
    fc.property(accountPolicies, (policy) => {
      const text = printPolicyText(policy, 'rnt');
      const result = parsePolicyText(text, mainnet);
      assert.ok(result.ok);
      assert.deepEqual({ ...result.policy }, { ...policy });
      assert.equal(printPolicyText(result.policy, 'rnt'), text);
    }),
    { numRuns: 60 },
  );
});
