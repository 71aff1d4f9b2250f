// Base58Check with the untagged Keccak-256d as checksum (HASH-7, HASH-14).

import { concatBytes, equalBytes } from '@resonancenet/bytes/compare';
import { base58 } from '@scure/base';
import { hashUntagged } from './hash.ts';

export type Base58CheckResult =
  | { readonly ok: true; readonly payload: Uint8Array }
  | {
      readonly ok: false;
      readonly problem: 'invalid-character' | 'wrong-length' | 'wrong-checksum';
      readonly detail: string;
    };

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const checksumLength = 4;

/** Base58 of the payload and the first four bytes of its hash. */
export function encodeBase58Check(payload: Uint8Array): string {
  return base58.encode(concatBytes(payload, checksum(payload)));
}

/** Payload of exactly `length` bytes. The text is measured before it is decoded, which takes quadratic time. */
export function decodeBase58Check(text: string, length: number): Base58CheckResult {
  // 138 / 100 is above log(256) / log(58).
  if (text.length > Math.ceil(((length + checksumLength) * 138) / 100)) return wrongLength(length);
  const wrong = Array.from(text).findIndex((character) => !alphabet.includes(character));
  if (wrong >= 0) {
    const shown = JSON.stringify(Array.from(text)[wrong]);
    const detail = `character ${wrong + 1}, ${shown}, is not used in Base58; check it`;
    return { ok: false, problem: 'invalid-character', detail };
  }
  const bytes = base58.decode(text);
  if (bytes.length !== length + checksumLength) return wrongLength(length);
  const payload = bytes.slice(0, length);
  if (!equalBytes(checksum(payload), bytes.subarray(length))) {
    const detail = 'the checksum does not fit: a character is wrong, missing or doubled; copy it again';
    return { ok: false, problem: 'wrong-checksum', detail };
  }
  return { ok: true, payload };
}

function checksum(payload: Uint8Array): Uint8Array {
  return hashUntagged(payload).subarray(0, checksumLength);
}

function wrongLength(length: number): Base58CheckResult {
  const detail = `the text does not hold ${length} bytes and a checksum; copy the whole text`;
  return { ok: false, problem: 'wrong-length', detail };
}
