// From words to the wallet's seed (BIP 39; WAL-2), in portable JavaScript. Node takes seed-node.ts.

import { assert } from '@resonancenet/bytes/assert';
import { concatBytes } from '@resonancenet/bytes/compare';
import { utf8 } from '@resonancenet/bytes/utf8';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { normalizedText, passphraseProblem } from './secret-text.ts';

/** Bytes of a seed made of words. */
export const MNEMONIC_SEED_LENGTH = 64;
export const SEED_ITERATIONS = 2_048;

/** PBKDF2-HMAC-SHA512 of the words, 64 bytes. The passphrase was checked with `passphraseProblem`; it may be empty. */
export function mnemonicSeed(phrase: Uint8Array, passphrase: Uint8Array): Uint8Array {
  const { password, salt } = seedInputs(phrase, passphrase);
  const seed = pbkdf2(sha512, password, salt, { c: SEED_ITERATIONS, dkLen: MNEMONIC_SEED_LENGTH });
  password.fill(0);
  salt.fill(0);
  return seed;
}

/** The two inputs of PBKDF2: both secret. */
export function seedInputs(
  phrase: Uint8Array,
  passphrase: Uint8Array,
): { readonly password: Uint8Array; readonly salt: Uint8Array } {
  const problem = passphraseProblem(passphrase);
  assert(problem === null, problem ?? '');
  const password = normalizedText(phrase);
  assert(password !== null, 'words are UTF-8');
  const normalized = normalizedText(passphrase)!;
  const salt = concatBytes(utf8('mnemonic'), normalized);
  normalized.fill(0);
  return { password, salt };
}
