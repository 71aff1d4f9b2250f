// The words of a wallet (BIP 39; WAL-1). They come and go as bytes of UTF-8; in between the library and the lists need strings, which cannot be
// overwritten: they go with the process. No detail of a problem may be logged: it can name a word.

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { DecodeError } from '@resonancenet/bytes/decode-error';
import { fromUtf8, utf8 } from '@resonancenet/bytes/utf8';
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { findWord, MNEMONIC_LANGUAGES, type MnemonicLanguage, nearestWord, wordList } from './word-lists.ts';

/** What words stand for. */
export interface Mnemonic {
  readonly language: MnemonicLanguage;
  /** 16, 20, 24, 28 or 32 bytes, secret. */
  readonly entropy: Uint8Array;
}

export type MnemonicProblem =
  | 'too-long'
  | 'not-text'
  | 'wrong-count'
  | 'unknown-word'
  | 'wrong-checksum'
  | 'ambiguous-language';

export type MnemonicResult =
  | { readonly ok: true; readonly mnemonic: Mnemonic }
  | {
      readonly ok: false;
      readonly code: MnemonicProblem;
      readonly detail: string;
      /** Of an unknown word: which it is, from 1, and the word that may have been meant. */
      readonly word?: { readonly position: number; readonly nearest: string | null };
    };

/** Bytes of text: 24 words of the longest kind take a quarter. */
export const MAX_PHRASE_LENGTH = 4_096;

/** Words by bytes of entropy. */
const WORD_COUNTS: ReadonlyMap<number, number> = new Map([
  [16, 12],
  [20, 15],
  [24, 18],
  [28, 21],
  [32, 24],
]);

/** Whether there are words for so many bytes of entropy. */
export function isEntropyLength(length: number): boolean {
  return WORD_COUNTS.has(length);
}

/** The words, UTF-8, with a space between them (in Japanese the wide one): what is written on paper. */
export function mnemonicPhrase({ language, entropy }: Mnemonic): Uint8Array {
  assert(isEntropyLength(entropy.length), `there are no words for ${entropy.length} bytes of entropy`);
  return utf8(entropyToMnemonic(entropy, wordList(language)));
}

/** What typed words stand for. Without a language, that in which they are words with a right checksum. */
export function parseMnemonic(phrase: Uint8Array, language?: MnemonicLanguage): MnemonicResult {
  if (phrase.length > MAX_PHRASE_LENGTH) return fail('too-long', `${phrase.length} bytes; give the words alone`);
  const words = wordsOf(phrase);
  if (words === null) return fail('not-text', 'the words are not UTF-8; set the terminal to UTF-8 and type them again');
  if (![...WORD_COUNTS.values()].includes(words.length)) {
    return fail('wrong-count', `${words.length} words; there must be 12, 15, 18, 21 or 24`);
  }
  const languages = language === undefined ? MNEMONIC_LANGUAGES : [language];
  const readings = languages.map(
    (name): Reading<string | null> => ({
      language: name,
      words: words.map((word) => findWord(name, word)),
    }),
  );
  const whole = readings.filter((reading): reading is Reading<string> => reading.words.every((word) => word !== null));
  return whole.length > 0 ? checked(whole) : unknownWord(words, readings);
}

/** Typed words as those of a list, null where it has none. */
interface Reading<Word> {
  readonly language: MnemonicLanguage;
  readonly words: readonly Word[];
}

function wordsOf(phrase: Uint8Array): readonly string[] | null {
  try {
    // The wide space of Japanese becomes a common one.
    const text = fromUtf8(phrase).normalize('NFKD').toLowerCase().trim();
    return text === '' ? [] : text.split(/\s+/);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

/** The readings' words are all known: the checksum decides. */
function checked(readings: readonly Reading<string>[]): MnemonicResult {
  const found: Mnemonic[] = [];
  for (const { language, words } of readings) {
    const entropy = entropyOf(language, words);
    // The two Chinese lists share words at the same places: then both readings are the same.
    if (entropy !== null && !found.some((other) => equalBytes(other.entropy, entropy)))
      found.push({ language, entropy });
  }
  const [mnemonic, ...others] = found;
  if (mnemonic === undefined) {
    return fail(
      'wrong-checksum',
      'the words do not belong together: one is wrong or two are swapped; compare them with the paper',
    );
  }
  if (others.length === 0) return { ok: true, mnemonic };
  return fail(
    'ambiguous-language',
    `the words fit ${found.map(({ language }) => language).join(' and ')}; say which it is`,
  );
}

function entropyOf(language: MnemonicLanguage, words: readonly string[]): Uint8Array | null {
  try {
    return mnemonicToEntropy(words.join(' '), wordList(language));
  } catch {
    // Number and words are checked: the checksum is all that can be wrong.
    return null;
  }
}

/** Names the first word that is missing from the list that knows the most of them. */
function unknownWord(words: readonly string[], readings: readonly Reading<string | null>[]): MnemonicResult {
  const known = (reading: Reading<string | null>): number => reading.words.filter((word) => word !== null).length;
  const best = readings.reduce((a, b) => (known(b) > known(a) ? b : a));
  const index = best.words.indexOf(null);
  const nearest = nearestWord(best.language, words[index]!);
  const meant = nearest === null ? 'compare it with the paper' : `did you mean ${nearest}?`;
  const detail = `word ${index + 1} is not in the list of ${best.language}; ${meant}`;
  return { ok: false, code: 'unknown-word', detail, word: { position: index + 1, nearest } };
}

function fail(code: MnemonicProblem, detail: string): MnemonicResult {
  return { ok: false, code, detail };
}
