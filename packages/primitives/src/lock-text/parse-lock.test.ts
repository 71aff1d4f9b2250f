import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import fc from 'fast-check';
import type { Condition, Leaf } from '../condition.ts';
import { locks } from '../testing/arbitraries.ts';
import { describeLockTextProblem } from './lock-text-problem.ts';
import { MAX_LOCK_TEXT_LENGTH, parseLock } from './parse-lock.ts';
import { printLeaf, printLock } from './print-lock.ts';

const fill = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const named = new Map('ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('').map((name, index) => [name, fill(index + 1)]));
const keyOf = (name: string): Uint8Array | null => named.get(name) ?? null;
const nameOf = (key: Uint8Array): string | null =>
  [...named].find(([, other]) => toHex(other) === toHex(key))?.[0] ?? null;
const key = (name: string): Condition => ({ kind: 'key', publicKey: named.get(name)! });

function parsed(text: string): readonly Leaf[] {
  const result = parseLock(text, keyOf);
  assert.ok(result.ok, result.ok ? '' : describeLockTextProblem(text, result.problem));
  return result.leaves;
}

/** The one text of the lock that this text describes. */
const canonical = (text: string): string => printLock(parsed(text), nameOf);

test('a lock is alternatives of conditions', () => {
  assert.deepEqual(parsed('or(key(A), and(older(144), key(B)))'), [
    [key('A')],
    [{ kind: 'older', blocks: 144 }, key('B')],
  ]);
  assert.deepEqual(parsed(`and(idle, announced, after(0), preimage(${'5a'.repeat(32)}), threshold(1, A, B))`), [
    [
      { kind: 'idle' },
      { kind: 'announced' },
      { kind: 'after', height: 0 },
      { kind: 'preimage', hash: fill(0x5a) },
      { kind: 'threshold', required: 1, publicKeys: [fill(1), fill(2)] },
    ],
  ]);
});

test('keys are hex digits of either case or names', () => {
  const digits = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
  assert.equal(printLock(parsed(`key(${digits.toUpperCase()})`)), `key(${digits})`);
  assert.equal(printLock(parsed('key(A)')), `key(${'01'.repeat(32)})`);
});

test('white space means nothing', () => {
  assert.equal(canonical(' or (\n\tkey( A ),and(older(144 ) ,key(B)) )\n'), 'or(key(A), and(older(144), key(B)))');
});

test('an alternative within an and is multiplied out, in order', () => {
  const cases: readonly [text: string, canonical: string][] = [
    ['or(key(A))', 'key(A)'],
    ['and(key(A))', 'key(A)'],
    ['or(key(A), or(key(B), key(C)))', 'or(key(A), key(B), key(C))'],
    ['and(key(A), and(key(B), idle))', 'and(key(A), key(B), idle)'],
    ['and(key(A), or(key(B), older(1)))', 'or(and(key(A), key(B)), and(key(A), older(1)))'],
    [
      'and(or(key(A), key(B)), or(key(C), key(D)))',
      'or(and(key(A), key(C)), and(key(A), key(D)), and(key(B), key(C)), and(key(B), key(D)))',
    ],
    ['or(and(or(idle, announced), key(A)), key(B))', 'or(and(idle, key(A)), and(announced, key(A)), key(B))'],
  ];
  for (const [text, expected] of cases) assert.equal(canonical(text), expected);
});

test('the keys of a threshold may stand in any order, their order in a leaf is that of their bytes', () => {
  assert.equal(canonical('threshold(2, C, A, B)'), 'threshold(2, A, B, C)');
});

test('every lock has a text that gives the same leaves back', () => {
  fc.assert(
    fc.property(locks, (leaves) => {
      const text = printLock(leaves);
      assert.ok(text.length <= MAX_LOCK_TEXT_LENGTH);
      assert.deepEqual(parseLock(text), { ok: true, leaves: structuredClone(leaves) });
    }),
  );
});

test('a text that was printed is printed the same again', () => {
  const texts = fc.letrec<{ lock: string }>((tie) => ({
    lock: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('key(A)', 'key(B)', 'idle', 'announced', 'after(7)', 'older(8)', 'threshold(1, C, B)'),
      fc
        .tuple(fc.constantFrom('or', 'and'), fc.array(tie('lock'), { minLength: 1, maxLength: 3 }))
        .map(([word, parts]) => `${word}(${parts.join(',')})`),
    ),
  })).lock;
  fc.assert(
    fc.property(texts, (text) => {
      const result = parseLock(text, keyOf);
      if (!result.ok) return;
      const once = printLock(result.leaves, nameOf);
      assert.equal(canonical(once), once);
    }),
    { numRuns: 300 },
  );
});

test('whatever the text, there is a lock or a problem with a place in it', () => {
  const pieces = fc.constantFrom(
    'or',
    'and',
    '(',
    ')',
    ',',
    'key',
    'A',
    '1',
    'threshold',
    'idle',
    'after',
    ' ',
    '%',
    'é',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map((parts) => parts.join('')),
      ),
      (text) => {
        const result = parseLock(text, keyOf);
        if (result.ok) return;
        const { position, cause, fix } = result.problem;
        assert.ok(position >= 0 && position <= text.length);
        assert.ok(cause.length > 0 && fix.length > 0);
      },
    ),
    { numRuns: 500 },
  );
});

test('the longest text of a lock is within the bound', () => {
  const keys = Array.from({ length: 16 }, (_, index) => fill(index));
  const preimages: Leaf = Array.from({ length: 7 }, () => ({ kind: 'preimage', hash: fill(0) }));
  const leaf: Leaf = [...preimages, { kind: 'threshold', required: 16, publicKeys: keys }];
  const text = printLock(Array.from({ length: 16 }, () => leaf));
  assert.ok(text.length <= MAX_LOCK_TEXT_LENGTH, `${text.length}`);
  assert.equal(parseLock(text).ok, true);
});

const many = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join(', ');
const byIndex = (index: number): string => index.toString(16).padStart(2, '0').repeat(32);

/** Texts at a limit and one beyond it. */
const limits: readonly [name: string, within: string, beyond: string, position: number, cause: RegExp][] = [
  ['leaves', `or(${many(16, () => 'idle')})`, `or(${many(17, () => 'idle')})`, 0, /more than 16 alternatives/],
  [
    'leaves of a product',
    `and(or(${many(4, () => 'idle')}), or(${many(4, () => 'key(A)')}))`,
    `and(or(${many(3, () => 'idle')}), or(${many(6, () => 'key(A)')}))`,
    0,
    /this and\(\.\.\.\) multiplies out to more than 16/,
  ],
  ['conditions', `and(${many(8, () => 'idle')})`, `and(${many(9, () => 'idle')})`, 0, /a leaf of 9 conditions/],
  [
    'keys of a threshold',
    `threshold(1, ${many(16, byIndex)})`,
    `threshold(1, ${many(17, byIndex)})`,
    `threshold(1, ${many(16, byIndex)}, `.length,
    /more than 16 keys/,
  ],
  [
    'keys of a leaf',
    `and(threshold(1, ${many(15, byIndex)}), key(A))`,
    `and(threshold(1, ${many(16, byIndex)}), key(A))`,
    0,
    /a leaf of 17 keys/,
  ],
  ['signatures of a threshold', 'threshold(2, A, B)', 'threshold(3, A, B)', 0, /3 of 2 keys/],
  ['a height', 'after(2147483647)', 'after(2147483648)', 0, /from 0 to 2147483647/],
  ['an age', 'older(2147483647)', 'older(2147483648)', 0, /from 1 to 2147483647/],
  ['the least age', 'older(1)', 'older(0)', 0, /from 1 to/],
  ['the least number of signatures', 'threshold(1, A)', 'threshold(0, A)', 0, /0 of 1 keys/],
  ['levels', `${'or('.repeat(32)}idle${')'.repeat(32)}`, `${'or('.repeat(33)}idle${')'.repeat(33)}`, 96, /32 levels/],
  ['characters', `idle${' '.repeat(32_764)}`, `idle${' '.repeat(32_765)}`, 32_768, /too long/],
];

for (const [name, within, beyond, position, cause] of limits) {
  test(`accepts the limit and refuses one beyond: ${name}`, () => {
    assert.equal(parseLock(within, keyOf).ok, true);
    const result = parseLock(beyond, keyOf);
    assert.ok(!result.ok);
    assert.equal(result.problem.position, position);
    assert.match(result.problem.cause, cause);
  });
}

const refused: readonly [text: string, position: number, cause: RegExp][] = [
  ['', 0, /the text ends where a condition should be/],
  ['or(', 3, /the text ends where a condition should be/],
  ['or()', 3, /there is '\)' where a condition should be/],
  ['or(idle', 7, /the text ends where ',' or '\)' should be/],
  ['or(idle,)', 8, /there is '\)' where a condition should be/],
  ['or idle', 3, /there is 'i' where '\(' should be/],
  ['idle idle', 5, /there is 'i' where the end should be/],
  ['idle)', 4, /there is '\)' where the end should be/],
  ['idle()', 4, /there is '\(' where the end should be/],
  ['or(key(A), locked(B))', 11, /'locked' is no condition/],
  ['Key(A)', 0, /'Key' is no condition/],
  ['key', 3, /the text ends where '\(' should be/],
  ['key()', 4, /there is '\)' where a key should be/],
  ['key(A, B)', 5, /there is ',' where '\)' should be/],
  ['key(nobody)', 4, /'nobody' is no known key/],
  [`key(${'0'.repeat(63)})`, 4, /'0{20}\.\.\.' is no known key/],
  ['preimage(A)', 9, /'A' is no hash/],
  ['after(1x)', 6, /'1x' is not a height/],
  ['after(-1)', 6, /'-1' is not a height/],
  ['older(01)', 6, /'01' is not a number of blocks/],
  ['older(1.5)', 6, /'1\.5' is not a number of blocks/],
  ['threshold(A, B)', 10, /'A' is not the number of signatures/],
  ['threshold(1)', 11, /there is '\)' where ',' should be/],
  ['threshold(1, A, A)', 16, /this key stands in the threshold twice/],
];

for (const [text, position, cause] of refused) {
  test(`refuses: ${text === '' ? '(nothing)' : text}`, () => {
    const result = parseLock(text, keyOf);
    assert.ok(!result.ok);
    assert.equal(result.problem.position, position);
    assert.match(result.problem.cause, cause);
    assert.notEqual(result.problem.fix, '');
  });
}

test('a problem is shown with its place in the text', () => {
  const text = 'or(key(A),\n   and(older(0144), key(B)))';
  const result = parseLock(text, keyOf);
  assert.ok(!result.ok);
  assert.equal(
    describeLockTextProblem(text, result.problem),
    [
      "at character 25: '0144' is not a number of blocks; write it in decimal digits, without zeros before it",
      '  or(key(A),    and(older(0144), key(B)))',
      '                          ^',
    ].join('\n'),
  );
  const long = `${'or('.repeat(20)}nothing${')'.repeat(20)}`;
  const other = parseLock(long, keyOf);
  assert.ok(!other.ok);
  const [first, shown, mark] = describeLockTextProblem(long, other.problem).split('\n');
  assert.match(first!, /^at character 61: 'nothing' is no condition; write or, and, key/);
  assert.equal(shown![mark!.indexOf('^')], 'n');
  assert.match(shown!, /^ {2}\.\.\.or\(or.*\.\.\.$|^ {2}\.\.\.or\(or/);
});

test('a name that could not be read back is our own mistake', () => {
  for (const name of ['', '1st', 'a b', 'x'.repeat(41)]) {
    assert.throws(() => printLeaf([key('A')], () => name), AssertionFailure);
  }
  assert.throws(() => parseLock('key(A)', () => new Uint8Array(31)), AssertionFailure);
});
