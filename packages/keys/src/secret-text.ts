// Words and passphrases as bytes (WAL-2). Only what is not ASCII becomes a string on the way, because normalising needs one; strings cannot be overwritten,
// they go with the process.

import { DecodeError } from '@resonancenet/bytes/decode-error';
import { fromUtf8, utf8 } from '@resonancenet/bytes/utf8';

/** Bytes of a passphrase, before it is normalised. */
export const MAX_PASSPHRASE_LENGTH = 1_024;

/** Why bytes cannot be a passphrase, or null. */
export function passphraseProblem(passphrase: Uint8Array): string | null {
  if (passphrase.length > MAX_PASSPHRASE_LENGTH) {
    return `a passphrase of ${passphrase.length} bytes; use at most ${MAX_PASSPHRASE_LENGTH}`;
  }
  const normalized = normalizedText(passphrase);
  if (normalized === null) return 'the passphrase is not UTF-8; set the terminal to UTF-8 and type it again';
  normalized.fill(0);
  return null;
}

/** UTF-8 in Unicode's form NFKD, so that every keyboard gives the same bytes, as a new array; null if the bytes are no UTF-8. */
export function normalizedText(text: Uint8Array): Uint8Array | null {
  if (text.every((byte) => byte < 0x80)) return text.slice();
  try {
    return utf8(fromUtf8(text).normalize('NFKD'));
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
