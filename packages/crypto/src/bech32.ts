// Bech32 (BIP 173) and bech32m (BIP 350; HASH-13): text with a checksum that finds any four wrong characters in 89.

import { assert } from '@resonancenet/bytes/assert';

/** `bech32m` is what addresses use; BOLT 11 invoices still use `bech32`. */
export type Bech32Variant = 'bech32' | 'bech32m';

/** Why a text was refused. */
export type Bech32Problem =
  | 'too-long'
  | 'mixed-case'
  | 'invalid-character'
  | 'no-separator'
  | 'invalid-prefix'
  | 'too-short'
  | 'wrong-checksum';

export type Bech32Result =
  | { readonly ok: true; readonly prefix: string; readonly words: Uint8Array }
  | { readonly ok: false; readonly problem: Bech32Problem; readonly detail: string };

const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const checksumLength = 6;
const maxPrefixLength = 83;
const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
const constants: Readonly<Record<Bech32Variant, number>> = { bech32: 1, bech32m: 0x2bc830a3 };

/** Text of a prefix and words of five bits, in lower case. */
export function encodeBech32(variant: Bech32Variant, prefix: string, words: Uint8Array): string {
  assert(prefixProblem(prefix) === null && prefix === prefix.toLowerCase(), `${prefix} is no bech32 prefix`);
  assert(
    words.every((word) => word < 32),
    'words of bech32 have five bits',
  );
  const checked = polymod([...expand(prefix), ...words, 0, 0, 0, 0, 0, 0]) ^ constants[variant];
  const checksum = Array.from({ length: checksumLength }, (_, index) => (checked >>> (5 * (5 - index))) & 31);
  return `${prefix}1${[...words, ...checksum].map((word) => alphabet[word]).join('')}`;
}

/** Prefix (lower case) and words of a text of at most `maxLength` characters. */
export function decodeBech32(variant: Bech32Variant, text: string, maxLength: number): Bech32Result {
  if (text.length > maxLength) return fail('too-long', `${text.length} characters; at most ${maxLength} are allowed`);
  const foreign = Array.from(text).findIndex((character) => character < '!' || character > '~');
  if (foreign >= 0)
    return fail('invalid-character', `character ${foreign + 1} is no visible ASCII character; check it`);
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase())
    return fail('mixed-case', 'upper and lower case are mixed; use one');
  const separator = lower.lastIndexOf('1');
  if (separator < 0) return fail('no-separator', "there is no '1' between prefix and data; copy the whole text");
  const prefix = lower.slice(0, separator);
  const prefixFault = prefixProblem(prefix);
  if (prefixFault !== null) return fail('invalid-prefix', prefixFault);
  const words = Array.from(lower.slice(separator + 1), (character) => alphabet.indexOf(character));
  const wrong = words.indexOf(-1);
  if (wrong >= 0) {
    const position = separator + 2 + wrong;
    const shown = JSON.stringify(text.charAt(position - 1));
    return fail('invalid-character', `character ${position}, ${shown}, is none of ${alphabet}; check it`);
  }
  if (words.length < checksumLength) {
    return fail('too-short', 'fewer than six characters follow the last 1; copy the whole text');
  }
  if (polymod([...expand(prefix), ...words]) !== constants[variant]) {
    return fail('wrong-checksum', 'the checksum does not fit: a character is wrong, missing or doubled; copy it again');
  }
  return { ok: true, prefix, words: Uint8Array.from(words.slice(0, -checksumLength)) };
}

/** Bytes as words of five bits, the last one filled with zero bits. */
export function bytesToWords(bytes: Uint8Array): Uint8Array {
  const words: number[] = [];
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      words.push((held >>> bits) & 31);
    }
  }
  if (bits > 0) words.push((held << (5 - bits)) & 31);
  return Uint8Array.from(words);
}

/** Bytes of words; null if the filling has five bits or more, or is not zero: there would be a second text for the same bytes. */
export function wordsToBytes(words: Uint8Array): Uint8Array | null {
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const word of words) {
    held = ((held << 5) | word) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >>> bits) & 0xff);
    }
  }
  return bits >= 5 || (held & ((1 << bits) - 1)) !== 0 ? null : Uint8Array.from(bytes);
}

function fail(problem: Bech32Problem, detail: string): Bech32Result {
  return { ok: false, problem, detail };
}

function prefixProblem(prefix: string): string | null {
  if (prefix.length < 1 || prefix.length > maxPrefixLength) {
    return `a prefix has 1 to ${maxPrefixLength} characters, not ${prefix.length}; copy the whole text`;
  }
  const wrong = Array.from(prefix).find((character) => character < '!' || character > '~');
  return wrong === undefined ? null : `the prefix holds ${JSON.stringify(wrong)}; only visible ASCII is allowed`;
}

function expand(prefix: string): number[] {
  const codes = Array.from(prefix, (character) => character.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function polymod(words: readonly number[]): number {
  let checksum = 1;
  for (const word of words) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ word;
    for (const [bit, coefficient] of generator.entries()) if ((top >>> bit) & 1) checksum ^= coefficient;
  }
  return checksum;
}
