import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { bech32, bech32m } from '@scure/base';
import fc from 'fast-check';
import { type Bech32Problem, bytesToWords, decodeBech32, encodeBech32, wordsToBytes } from './bech32.ts';

/** BIP 350, "The following strings are valid Bech32m". */
const validBech32m = [
  'A1LQFN3A',
  'a1lqfn3a',
  'an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6',
  'abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx',
  '11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8',
  'split1checkupstagehandshakeupstreamerranterredcaperredlc445v',
  '?1v759aa',
];

/** BIP 350, "The following string are not valid Bech32m", with its reasons. */
const invalidBech32m: readonly [text: string, problem: Bech32Problem][] = [
  ['\x201xj0phk', 'invalid-character'],
  ['\x7f1g6xzxy', 'invalid-character'],
  ['\x801vctc34', 'invalid-character'],
  ['an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4', 'too-long'],
  ['qyrz8wqd2c9m', 'no-separator'],
  ['1qyrz8wqd2c9m', 'invalid-prefix'],
  ['y1b0jsk6g', 'invalid-character'],
  ['lt1igcx5c0', 'invalid-character'],
  ['in1muywd', 'too-short'],
  ['mm1crxm3i', 'invalid-character'],
  ['au1s5cgom', 'invalid-character'],
  ['M1VUXWEZ', 'wrong-checksum'],
  ['16plkw9', 'invalid-prefix'],
  ['1p2gdwpf', 'invalid-prefix'],
];

/** BIP 173, "The following strings are valid Bech32". */
const validBech32 = [
  'A12UEL5L',
  'a12uel5l',
  'an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs',
  'abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw',
  '11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j',
  'split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w',
  '?1ezyfcl',
];

test('decodeBech32() accepts the valid texts of BIP 350 and BIP 173, each of its variant only', () => {
  for (const [variant, other, texts] of [
    ['bech32m', 'bech32', validBech32m],
    ['bech32', 'bech32m', validBech32],
  ] as const) {
    for (const text of texts) {
      const result = decodeBech32(variant, text, 90);
      assert.equal(result.ok, true, text);
      assert.equal(encodeBech32(variant, result.prefix, result.words), text.toLowerCase());
      const wrong = decodeBech32(other, text, 90);
      assert.equal(wrong.ok, false);
      assert.equal(wrong.problem, 'wrong-checksum');
    }
  }
});

test('decodeBech32() refuses the invalid texts of BIP 350 with a reason', () => {
  for (const [text, problem] of invalidBech32m) {
    const result = decodeBech32('bech32m', text, 90);
    assert.equal(result.ok, false, text);
    assert.equal(result.problem, problem, text);
    assert.match(result.detail, /;/, 'the detail names the fix');
  }
});

test('decodeBech32() refuses mixed case and characters that only look like letters', () => {
  const cases: readonly [text: string, problem: Bech32Problem][] = [
    ['a1LQFN3A', 'mixed-case'],
    ['A1lqfn3a', 'mixed-case'],
    ['a1lqfn3A', 'mixed-case'],
    // U+212A KELVIN SIGN becomes k in lower case.
    ['SPLIT1CHECKUPSTAGEHANDSHAKEUPSTREAMERRANTERREDCAPERREDLC445V'.replace('K', '\u212a'), 'invalid-character'],
    ['', 'no-separator'],
    ['1', 'invalid-prefix'],
    ['a1', 'too-short'],
  ];
  for (const [text, problem] of cases) {
    const result = decodeBech32('bech32m', text, 90);
    assert.equal(result.ok, false, text);
    assert.equal(result.problem, problem, text);
  }
});

test('decodeBech32() names the place of a foreign character', () => {
  const result = decodeBech32('bech32m', 'abcdef1l7aum6echk45nj3b0wdvt2fg8x9yrzpqzd3ryx', 90);
  assert.equal(result.ok, false);
  assert.match(result.detail, /^character 23, "b", /);
});

test('decodeBech32() measures the text before it looks at it', () => {
  const result = decodeBech32('bech32m', '\u0000'.repeat(91), 90);
  assert.equal(result.ok, false);
  assert.equal(result.problem, 'too-long');
});

test('bech32m finds every substitution of one and two characters in an address of 88', () => {
  const text = encodeBech32('bech32m', 'rnt', bytesToWords(Uint8Array.from({ length: 48 }, (_, index) => index * 5)));
  const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
  const replace = (source: string, at: number, character: string): string =>
    source.slice(0, at) + character + source.slice(at + 1);
  for (let at = 4; at < text.length; at++) {
    for (const character of alphabet) {
      const changed = replace(text, at, character);
      assert.equal(decodeBech32('bech32m', changed, 90).ok, changed === text);
    }
  }
  const place = fc.integer({ min: 4, max: text.length - 1 });
  const letter = fc.constantFrom(...alphabet);
  fc.assert(
    fc.property(place, letter, place, letter, (a, x, b, y) => {
      const changed = replace(replace(text, a, x), b, y);
      assert.equal(decodeBech32('bech32m', changed, 90).ok, changed === text);
    }),
    { numRuns: 2000 },
  );
});

const prefixes = fc.stringMatching(/^[a-z]{1,10}$/);
const wordLists = fc.uint8Array({ max: 31, maxLength: 100 });

test('both variants agree with an independent implementation', () => {
  const oracles = { bech32, bech32m };
  fc.assert(
    fc.property(
      fc.constantFrom('bech32' as const, 'bech32m' as const),
      prefixes,
      wordLists,
      (variant, prefix, words) => {
        const text = encodeBech32(variant, prefix, words);
        assert.equal(text, oracles[variant].encode(prefix, [...words], false));
        assert.deepEqual(decodeBech32(variant, text, 200), { ok: true, prefix, words });
        assert.deepEqual(decodeBech32(variant, text.toUpperCase(), 200), { ok: true, prefix, words });
      },
    ),
  );
});

test('encodeBech32() takes prefixes and words that no text can hold for bugs of the caller', () => {
  for (const prefix of ['', 'RNT', 'a b', 'é', 'a'.repeat(84)]) {
    assert.throws(() => encodeBech32('bech32m', prefix, new Uint8Array(1)), AssertionFailure, prefix);
  }
  assert.throws(() => encodeBech32('bech32m', 'rnt', Uint8Array.of(32)), AssertionFailure);
});

test('words hold bytes and give them back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const words = bytesToWords(bytes);
      assert.equal(words.length, Math.ceil((bytes.length * 8) / 5));
      assert.deepEqual([...words], bech32m.toWords(bytes));
      assert.deepEqual(wordsToBytes(words), bytes);
    }),
  );
});

test('wordsToBytes() gives each list of bytes to one list of words only', () => {
  fc.assert(
    fc.property(fc.uint8Array({ max: 31, maxLength: 20 }), (words) => {
      const bytes = wordsToBytes(words);
      if (bytes !== null) assert.deepEqual(bytesToWords(bytes), words);
      else assert.equal(bech32m.fromWordsUnsafe([...words]), undefined);
    }),
    { numRuns: 1000 },
  );
  assert.equal(wordsToBytes(Uint8Array.of(0)), null, 'five bits of filling');
  assert.equal(wordsToBytes(Uint8Array.of(0, 1)), null, 'a bit set in the filling');
  assert.deepEqual(wordsToBytes(Uint8Array.of(0, 4)), Uint8Array.of(1));
});
