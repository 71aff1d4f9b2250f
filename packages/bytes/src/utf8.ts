// UTF-8 in both directions, strict (RFC 3629), for code that has no TextEncoder.

import { DecodeError } from './decode-error.ts';

/**
 * UTF-8 of a text.
 * @throws DecodeError `lone-surrogate`: replacing it would give two texts the same bytes.
 */
export function utf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index++) {
    const code = text.codePointAt(index)!;
    if (code >= 0xd800 && code <= 0xdfff) throw new DecodeError('lone-surrogate', index);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code));
    else {
      bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code));
      index++;
    }
  }
  return Uint8Array.from(bytes);
}

function tail(code: number): number {
  return 0x80 | (code & 0x3f);
}

/**
 * Text of well-formed UTF-8; a byte order mark is kept as a character.
 * @throws DecodeError `invalid-utf8` at the start of the first sequence that is overlong, cut short, a surrogate or above U+10FFFF.
 */
export function fromUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; ) {
    const first = bytes[index]!;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const code = length === 1 ? first : sequence(bytes, index, length);
    if (code < 0) throw new DecodeError('invalid-utf8', index);
    text += String.fromCodePoint(code);
    index += length;
  }
  return text;
}

/** Least code point that needs a sequence of this many bytes. */
const least = [0, 0, 0x80, 0x800, 0x10000] as const;

/** Code point of the sequence, or -1. */
function sequence(bytes: Uint8Array, start: number, length: number): number {
  const first = bytes[start]!;
  if (first < 0xc2 || first > 0xf4 || start + length > bytes.length) return -1;
  let code = first & (0xff >> (length + 1));
  for (let index = start + 1; index < start + length; index++) {
    const byte = bytes[index]!;
    if (byte >> 6 !== 2) return -1;
    code = (code << 6) | (byte & 0x3f);
  }
  return code < least[length]! || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? -1 : code;
}
