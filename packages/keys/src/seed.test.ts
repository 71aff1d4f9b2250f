import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import { utf8 } from '@resonancenet/bytes/utf8';
import * as exported from '@resonancenet/keys/seed';
import { MAX_PASSPHRASE_LENGTH, normalizedText, passphraseProblem } from './secret-text.ts';
import * as portable from './seed.ts';
import * as native from './seed-node.ts';
import { BIP39_VECTORS, VECTOR_PASSPHRASE } from './testing/bip39-vectors.ts';
import { JAPANESE_PASSPHRASE, JAPANESE_VECTORS } from './testing/japanese-vectors.ts';

for (const [name, { mnemonicSeed }] of Object.entries({ portable, native })) {
  describe(`seeds of words, ${name}`, () => {
    test('the vectors of BIP 39', () => {
      // The portable code takes ten times as long: one vector of each language.
      const vectors = name === 'native' ? BIP39_VECTORS : BIP39_VECTORS.filter((_, index) => index % 24 === 7);
      for (const { phrase, seed } of vectors) assert.equal(toHex(mnemonicSeed(phrase, VECTOR_PASSPHRASE)), toHex(seed));
    });

    test('a passphrase that NFKD changes (vectors of bip32JP)', () => {
      for (const { phrase, seed } of JAPANESE_VECTORS)
        assert.equal(toHex(mnemonicSeed(utf8(phrase), utf8(JAPANESE_PASSPHRASE))), seed);
    });
  });
}

test('words and passphrase of the caller stay as they are', () => {
  const { phrase } = BIP39_VECTORS[0]!;
  const [words, passphrase] = [phrase.slice(), VECTOR_PASSPHRASE.slice()];
  exported.mnemonicSeed(words, passphrase);
  assert.deepEqual([words, passphrase], [phrase, VECTOR_PASSPHRASE]);
});

test('a passphrase of 1,024 bytes of UTF-8 is taken, a longer one and other bytes are not', () => {
  assert.equal(passphraseProblem(new Uint8Array(MAX_PASSPHRASE_LENGTH).fill(0x61)), null);
  assert.match(passphraseProblem(new Uint8Array(MAX_PASSPHRASE_LENGTH + 1).fill(0x61))!, /1025 bytes/);
  assert.match(passphraseProblem(Uint8Array.of(0xc3))!, /UTF-8/);
  assert.throws(() => exported.mnemonicSeed(utf8('a'), Uint8Array.of(0xc3)), AssertionFailure);
});

test('ASCII is normalised without becoming a string, other text like the engine does it', () => {
  const ascii = utf8('abc ~\n');
  assert.deepEqual(normalizedText(ascii), ascii);
  assert.notEqual(normalizedText(ascii), ascii);
  assert.deepEqual(normalizedText(utf8('\u00e9')), utf8('e\u0301'));
  assert.equal(normalizedText(Uint8Array.of(0xed, 0xa0, 0x80)), null);
});

test('Node resolves the package to the native variant', () => {
  assert.equal(exported.mnemonicSeed, native.mnemonicSeed);
});
