import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { concatBytes } from '@resonancenet/bytes/compare';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { fromUtf8, utf8 } from '@resonancenet/bytes/utf8';
import fc from 'fast-check';
import { type MnemonicProblem, mnemonicPhrase, parseMnemonic } from './mnemonic.ts';
import { BIP39_VECTORS } from './testing/bip39-vectors.ts';
import { damagedBytes } from './testing/damage.ts';
import { JAPANESE_VECTORS } from './testing/japanese-vectors.ts';
import { findWord, MNEMONIC_LANGUAGES, nearestWord, wordList } from './word-lists.ts';

const nfkd = (phrase: Uint8Array): string => fromUtf8(phrase).normalize('NFKD');

test('the vectors of BIP 39 in its ten languages: words of entropy and entropy of words', () => {
  assert.equal(BIP39_VECTORS.length, 240);
  assert.deepEqual(new Set(BIP39_VECTORS.map(({ language }) => language)), new Set(MNEMONIC_LANGUAGES));
  for (const { language, entropy, phrase } of BIP39_VECTORS) {
    assert.equal(nfkd(mnemonicPhrase({ language, entropy })), nfkd(phrase), language);
    for (const asked of [undefined, language]) {
      const result = parseMnemonic(phrase, asked);
      assert.ok(result.ok, `${language} ${toHex(entropy)}`);
      assert.equal(toHex(result.mnemonic.entropy), toHex(entropy));
      // A phrase of words that both Chinese lists have at the same places is the same in either.
      assert.equal(nfkd(mnemonicPhrase(result.mnemonic)), nfkd(phrase));
      if (asked !== undefined || language !== 'traditionalChinese') assert.equal(result.mnemonic.language, language);
    }
  }
});

test('Japanese words have the wide space between them, and are read with it', () => {
  for (const { entropy, phrase } of JAPANESE_VECTORS) {
    const mnemonic = { language: 'japanese', entropy: fromHex(entropy) } as const;
    assert.equal(fromUtf8(mnemonicPhrase(mnemonic)), phrase.normalize('NFKD').replaceAll(' ', '\u3000'));
    assert.deepEqual(parseMnemonic(utf8(phrase)), { ok: true, mnemonic });
  }
});

test('words are read in any case, with any white space, with composed accents and with none', () => {
  const spanish = { language: 'spanish', entropy: new Uint8Array(16) } as const;
  const phrase = fromUtf8(mnemonicPhrase(spanish));
  const accents = /[\u0300-\u036f]/g;
  assert.match(phrase, accents);
  const typed = [
    phrase.normalize('NFC'),
    phrase.replaceAll(accents, ''),
    phrase.toUpperCase(),
    `\n ${phrase.replaceAll(' ', ' \t\r\n ')} \n`,
  ];
  for (const text of typed) assert.deepEqual(parseMnemonic(utf8(text)), { ok: true, mnemonic: spanish }, text);
});

test('leaving out accents makes no two words of a list the same (BIP 39)', () => {
  for (const language of MNEMONIC_LANGUAGES) {
    const bare = wordList(language).map((word) => word.normalize('NFKD').replaceAll(/[\u0300-\u036f]/g, ''));
    assert.equal(new Set(bare).size, 2_048, language);
    for (const [index, word] of bare.entries()) assert.equal(findWord(language, word), wordList(language)[index]);
  }
});

const legal = 'legal winner thank year wave sausage worth useful legal winner thank yellow';

test('parseMnemonic() names what is wrong', () => {
  const words = legal.split(' ');
  const cases: readonly [text: string, code: MnemonicProblem, detail: RegExp][] = [
    ['', 'wrong-count', /^0 words/],
    [' \n ', 'wrong-count', /^0 words/],
    [words.slice(1).join(' '), 'wrong-count', /^11 words/],
    [`${legal} ${legal} legal`, 'wrong-count', /^25 words/],
    [words.with(3, 'yera').join(' '), 'unknown-word', /word 4 .*english; did you mean year\?/],
    [words.with(0, 'lega').join(' '), 'unknown-word', /word 1 .*did you mean legal\?/],
    [words.with(11, 'qqqqqqq').join(' '), 'unknown-word', /word 12 .*compare it with the paper/],
    [words.with(5, 'x'.repeat(3_000)).join(' '), 'unknown-word', /word 6 /],
    [words.with(2, 'ábaco').join(' '), 'unknown-word', /word 3 .*english/],
    [words.with(11, 'year').join(' '), 'wrong-checksum', /do not belong together/],
    [words.with(1, 'thank').with(2, 'winner').join(' '), 'wrong-checksum', /swapped/],
    ['x'.repeat(4_097), 'too-long', /^4097 bytes/],
  ];
  for (const [text, code, detail] of cases) {
    const result = parseMnemonic(utf8(text));
    assert.equal(result.ok, false, text.slice(0, 100));
    assert.equal(result.code, code, text.slice(0, 100));
    assert.match(result.detail, detail);
  }
  const notText = parseMnemonic(concatBytes(utf8(legal), Uint8Array.of(0xff)));
  assert.ok(!notText.ok);
  assert.equal(notText.code, 'not-text');
});

test('an unknown word has a position and the nearest word in fields of their own', () => {
  const result = parseMnemonic(utf8(legal.replace('sausage', 'suasage')));
  assert.ok(!result.ok);
  assert.deepEqual(result.word, { position: 6, nearest: 'sausage' });
});

test('words that stand in two lists are read by the checksum, and if that fits both, only with a language', () => {
  // English and French share a hundred words at different places of their lists.
  const french = new Set(wordList('french').map((word) => findWord('french', word)));
  const shared = wordList('english').filter((word) => french.has(word));
  assert.ok(shared.length >= 90);
  const codes = new Map<string, number>();
  let state = 1;
  const next = (): string => {
    state = (state * 48_271) % 2_147_483_647;
    return shared[state % shared.length]!;
  };
  for (let round = 0; round < 1_200; round++) {
    const phrase = utf8(Array.from({ length: 12 }, next).join(' '));
    const result = parseMnemonic(phrase);
    const name = result.ok ? result.mnemonic.language : result.code;
    codes.set(name, (codes.get(name) ?? 0) + 1);
    if (name === 'ambiguous-language') {
      const readings = (['english', 'french'] as const).map((language) => parseMnemonic(phrase, language));
      assert.ok(readings.every(({ ok }) => ok));
    }
  }
  // A checksum of 4 bits: a sixteenth fits each language, a 256th both.
  for (const [name, least, most] of [
    ['english', 40, 110],
    ['french', 40, 110],
    ['ambiguous-language', 1, 15],
    ['wrong-checksum', 980, 1_120],
  ] as const) {
    const count = codes.get(name) ?? 0;
    assert.ok(count >= least && count <= most, `${name}: ${count}`);
  }
});

test('words of both Chinese lists at the same places are not ambiguous: they stand for the same entropy', () => {
  const [simplified, traditional] = [wordList('simplifiedChinese'), wordList('traditionalChinese')];
  const shared = simplified.filter((word, index) => traditional[index] === word);
  assert.ok(shared.length > 1_000);
  let read = 0;
  for (let round = 0; round < 400; round++) {
    const words = Array.from({ length: 12 }, (_, index) => shared[(round * 12 + index * index) % shared.length]!);
    const result = parseMnemonic(utf8(words.join(' ')));
    if (result.ok) read += 1;
    else assert.equal(result.code, 'wrong-checksum');
  }
  assert.ok(read > 5, `${read}`);
});

test('nearestWord() finds one mistake in typing, of any kind', () => {
  for (const [typed, meant] of [
    ['abandn', 'abandon'],
    ['abandoon', 'abandon'],
    ['abadnon', 'abandon'],
    ['abanbon', 'abandon'],
    ['zebr', 'zebra'],
    ['zoologico', null],
    ['', null],
    ['a', null],
  ] as const) {
    assert.equal(nearestWord('english', typed), meant, typed);
  }
});

test('entropy of any other length has no words', () => {
  for (const length of [0, 12, 15, 17, 33, 36])
    assert.throws(() => mnemonicPhrase({ language: 'english', entropy: new Uint8Array(length) }), AssertionFailure);
});

test('entropy comes back from its words in every language', () => {
  const entropies = fc
    .constantFrom(16, 20, 24, 28, 32)
    .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
  fc.assert(
    fc.property(fc.constantFrom(...MNEMONIC_LANGUAGES), entropies, (language, entropy) => {
      const result = parseMnemonic(mnemonicPhrase({ language, entropy }), language);
      assert.ok(result.ok);
      assert.deepEqual(result.mnemonic, { language, entropy });
    }),
  );
});

test('of 24 words with one replaced, one in 256 passes, and then as other entropy', () => {
  const english = wordList('english');
  const entropy = new Uint8Array(32).fill(0x5a);
  const words = fromUtf8(mnemonicPhrase({ language: 'english', entropy })).split(' ');
  let passed = 0;
  for (const word of english) {
    const result = parseMnemonic(utf8(words.with(7, word).join(' ')));
    if (!result.ok) assert.equal(result.code, 'wrong-checksum');
    else if (word !== words[7]) {
      passed += 1;
      assert.notDeepEqual(result.mnemonic.entropy, entropy);
    }
  }
  assert.ok(passed >= 1 && passed <= 25, `${passed} of 2,047`);
});

test('damaged bytes of words give a result, and what is read has words that are read the same', () => {
  const phrases = fc.constantFrom(...BIP39_VECTORS.filter((_, index) => index % 9 === 0).map(({ phrase }) => phrase));
  fc.assert(
    fc.property(damagedBytes(phrases), (bytes) => {
      const result = parseMnemonic(bytes);
      if (result.ok) assert.deepEqual(parseMnemonic(mnemonicPhrase(result.mnemonic), result.mnemonic.language), result);
    }),
    { numRuns: 400 },
  );
});
