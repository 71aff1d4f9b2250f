// What the main thread and a signature thread say to each other. Checks travel as bytes: key, message and signature, one after the other.

import type { SignatureCheck } from '@resonancenet/ledger/connect-result';

/**
 * `exact`: HASH-10, what OpenSSL refuses is decided by the portable code at a tenth of the speed. `strict`: what OpenSSL refuses is refused, so
 * that those who flood gain nothing.
 */
export type SignatureMode = 'exact' | 'strict';

export interface SignatureRequest {
  readonly batch: number;
  readonly mode: SignatureMode;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface SignatureReply {
  readonly batch: number;
  /** Place of the first check that failed; null if none did. */
  readonly failed: number | null;
}

const KEY_LENGTH = 32;
const MESSAGE_LENGTH = 32;
const SIGNATURE_LENGTH = 64;
const CHECK_LENGTH = KEY_LENGTH + MESSAGE_LENGTH + SIGNATURE_LENGTH;

export function packChecks(checks: readonly SignatureCheck[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(checks.length * CHECK_LENGTH);
  for (const [index, { publicKey, message, signature }] of checks.entries()) {
    const at = index * CHECK_LENGTH;
    bytes.set(publicKey, at);
    bytes.set(message, at + KEY_LENGTH);
    bytes.set(signature, at + KEY_LENGTH + MESSAGE_LENGTH);
  }
  return bytes;
}

export function* unpackChecks(bytes: Uint8Array): Iterable<SignatureCheck> {
  for (let at = 0; at < bytes.length; at += CHECK_LENGTH) {
    const message = at + KEY_LENGTH;
    const signature = message + MESSAGE_LENGTH;
    yield {
      publicKey: bytes.subarray(at, message),
      message: bytes.subarray(message, signature),
      signature: bytes.subarray(signature, at + CHECK_LENGTH),
    };
  }
}
