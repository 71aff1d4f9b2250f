// The word lists of BIP 39 and how a typed word is found in them.

import { wordlist as czech } from '@scure/bip39/wordlists/czech.js';
import { wordlist as english } from '@scure/bip39/wordlists/english.js';
import { wordlist as french } from '@scure/bip39/wordlists/french.js';
import { wordlist as italian } from '@scure/bip39/wordlists/italian.js';
import { wordlist as japanese } from '@scure/bip39/wordlists/japanese.js';
import { wordlist as korean } from '@scure/bip39/wordlists/korean.js';
import { wordlist as portuguese } from '@scure/bip39/wordlists/portuguese.js';
import { wordlist as simplifiedChinese } from '@scure/bip39/wordlists/simplified-chinese.js';
import { wordlist as spanish } from '@scure/bip39/wordlists/spanish.js';
import { wordlist as traditionalChinese } from '@scure/bip39/wordlists/traditional-chinese.js';

export type MnemonicLanguage =
  | 'english'
  | 'japanese'
  | 'korean'
  | 'spanish'
  | 'simplifiedChinese'
  | 'traditionalChinese'
  | 'french'
  | 'italian'
  | 'czech'
  | 'portuguese';

/** 2,048 words by language, in BIP 39's order of languages. */
const lists: Readonly<Record<MnemonicLanguage, string[]>> = {
  english,
  japanese,
  korean,
  spanish,
  simplifiedChinese,
  traditionalChinese,
  french,
  italian,
  czech,
  portuguese,
};

export const MNEMONIC_LANGUAGES: readonly MnemonicLanguage[] = Object.keys(lists) as MnemonicLanguage[];

/** No word of a list, and none with a plausible mistake, is longer. */
const LONGEST_TYPED = 24;

/** Steps from a typed word to one of a list that still count as a mistake in typing. */
const NEAR = 2;

/** The words of a language. The library that takes them wants an array that could be changed: it does not. */
export function wordList(language: MnemonicLanguage): string[] {
  return lists[language];
}

/** What finding a word needs of a list, made when a language is first asked for. */
interface Lookup {
  /** The list's words by how they may be typed: with their accents and without. */
  readonly words: ReadonlyMap<string, string>;
  /** Without accents, in the list's order. */
  readonly bare: readonly string[];
}

const lookups = new Map<MnemonicLanguage, Lookup>();

function lookupOf(language: MnemonicLanguage): Lookup {
  const known = lookups.get(language);
  if (known !== undefined) return known;
  const list = lists[language];
  const bare = list.map(folded);
  const words = new Map(list.map((word, index) => [bare[index]!, word]));
  for (const word of list) words.set(normal(word), word);
  const lookup = { words, bare };
  lookups.set(language, lookup);
  return lookup;
}

/** The list's own form of a typed word (NFKD, lower case), or null. Accents may be left out, as BIP 39 allows. */
export function findWord(language: MnemonicLanguage, typed: string): string | null {
  return lookupOf(language).words.get(typed) ?? null;
}

/** The word of the list that was most likely meant: the only one that begins so, or the nearest; null if none is near. */
export function nearestWord(language: MnemonicLanguage, typed: string): string | null {
  if (typed.length > LONGEST_TYPED) return null;
  const wanted = folded(typed);
  const { bare } = lookupOf(language);
  const begun = wanted.length < 3 ? [] : bare.flatMap((word, index) => (word.startsWith(wanted) ? [index] : []));
  if (begun.length === 1) return lists[language][begun[0]!]!;
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, word] of bare.entries()) {
    if (Math.abs(word.length - wanted.length) > NEAR) continue;
    const distance = editDistance(wanted, word);
    if (distance > NEAR || distance >= wanted.length) continue;
    // Of two at the same distance the one that begins alike: mistakes in the first letter are rare.
    const rank = 2 * distance + (word[0] === wanted[0] ? 0 : 1);
    if (rank < least) [best, least] = [lists[language][index]!, rank];
  }
  return best;
}

function normal(word: string): string {
  return word.normalize('NFKD');
}

/** Without the accents of Latin letters. */
function folded(word: string): string {
  return normal(word).replaceAll(/[\u0300-\u036f]/g, '');
}

/** Insertions, removals, replacements and swaps of neighbours between two words (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let [before, last] = [new Uint8Array(b.length + 1), Uint8Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = new Uint8Array(b.length + 1);
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
