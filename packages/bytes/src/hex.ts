// Lower-case hexadecimal, byte 0 first: the one way in which ids are shown (HASH-12).

import { DecodeError } from './decode-error.ts';

const digits: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Two lower-case digits per byte, byte 0 first. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += digits[byte];
  return text;
}

/**
 * Bytes of hexadecimal text; both cases are read.
 * @throws DecodeError `invalid-hex` at the first character that does not belong, or at the end of a text of odd length.
 */
export function fromHex(text: string): Uint8Array {
  for (let index = 0; index < text.length; index++) {
    if (nibble(text.charCodeAt(index)) < 0) throw new DecodeError('invalid-hex', index);
  }
  if (text.length % 2 !== 0) throw new DecodeError('invalid-hex', text.length);
  return Uint8Array.from(
    { length: text.length / 2 },
    (_, index) => nibble(text.charCodeAt(2 * index)) * 16 + nibble(text.charCodeAt(2 * index + 1)),
  );
}

function nibble(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}
