import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { codecSuite } from '@resonancenet/bytes/testing/codec-suite';
import fc from 'fast-check';
import {
  derivationPathCodec,
  keyPath,
  MAX_PATH_DEPTH,
  type PathProblem,
  parsePath,
  printPath,
} from './derivation-path.ts';

const paths = fc.array(fc.nat(2 ** 31 - 1), { maxLength: MAX_PATH_DEPTH });

test('keys of the wallet have paths of five hardened steps (WAL-4, WAL-5)', () => {
  for (const [branch, text] of [
    ['receive', "m/44'/9555'/7'/0'/3'"],
    ['change', "m/44'/9555'/7'/1'/3'"],
    ['liveness', "m/44'/9555'/7'/2'/3'"],
    ['guardian', "m/44'/9555'/7'/3'/3'"],
    ['recovery', "m/44'/9555'/7'/4'/3'"],
  ] as const) {
    assert.equal(printPath(keyPath(9_555, 7, branch, 3)), text);
  }
});

test('parsePath() reads all three marks of a hardened step, and the master key', () => {
  assert.deepEqual(parsePath('m'), { ok: true, path: [] });
  for (const text of ["m/0'/2147483647'/1'", 'm/0h/2147483647h/1h', 'm/0H/2147483647H/1H', "m/0'/2147483647h/1H"])
    assert.deepEqual(parsePath(text), { ok: true, path: [0, 2_147_483_647, 1] });
});

test('parsePath() names what is wrong', () => {
  const cases: readonly [text: string, code: PathProblem, detail: RegExp][] = [
    ['', 'bad-start', /begins with m/],
    ["M/0'", 'bad-start', /begins with m/],
    ["44'/0'", 'bad-start', /begins with m/],
    [" m/0'", 'bad-start', /begins with m/],
    ["m/0'/", 'bad-step', /step 2/],
    ["m//0'", 'bad-step', /step 1/],
    ["m/00'", 'bad-step', /step 1/],
    ["m/-1'", 'bad-step', /step 1/],
    ["m/+1'", 'bad-step', /step 1/],
    ["m/1e3'", 'bad-step', /step 1/],
    ["m/0x1'", 'bad-step', /step 1/],
    ["m/0''", 'bad-step', /step 1/],
    ['m/0\u2019', 'bad-step', /step 1/],
    ["m/12345678901'", 'bad-step', /step 1/],
    ['m/44/9555', 'not-hardened', /step 1 .* write 44'/],
    ["m/44'/0", 'not-hardened', /step 2/],
    ["m/2147483648'", 'out-of-range', /2147483648/],
    ['m/2147483648', 'out-of-range', /below 2147483648/],
    [`m${"/1'".repeat(MAX_PATH_DEPTH + 1)}`, 'too-deep', /16 steps/],
    ['m/'.repeat(1_000_000), 'too-deep', /16 steps/],
  ];
  for (const [text, code, detail] of cases) {
    const result = parsePath(text);
    assert.equal(result.ok, false, text.slice(0, 60));
    assert.equal(result.code, code, text.slice(0, 60));
    assert.match(result.detail, detail);
  }
  assert.equal(parsePath(`m${"/2147483647'".repeat(MAX_PATH_DEPTH)}`).ok, true);
});

test('every path comes back from its text; one that is none is not printed', () => {
  fc.assert(fc.property(paths, (path) => assert.deepEqual(parsePath(printPath(path)), { ok: true, path })));
  assert.throws(() => printPath([2 ** 31]), AssertionFailure);
  assert.throws(() => printPath(new Array<number>(17).fill(0)), AssertionFailure);
});

codecSuite('derivation path', derivationPathCodec, {
  values: paths,
  vectors: [
    { name: 'the master key', value: [], hex: '00' },
    { name: 'two steps', value: [44, 2 ** 31 - 1], hex: '02 2c000000 ffffff7f' },
  ],
  refused: [
    { name: 'an index with the hardened bit', hex: '01 00000080', reason: 'invalid-value', path: '[0]' },
    { name: 'seventeen steps', hex: `11 ${'00'.repeat(68)}`, reason: 'count-out-of-bounds' },
  ],
});
