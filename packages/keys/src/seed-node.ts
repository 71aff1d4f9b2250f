// From words to the wallet's seed by Node's OpenSSL; same functions and same results as seed.ts.

import { pbkdf2Sync } from 'node:crypto';
import { MNEMONIC_SEED_LENGTH, SEED_ITERATIONS, seedInputs } from './seed.ts';

export { MNEMONIC_SEED_LENGTH, SEED_ITERATIONS, seedInputs };

/** PBKDF2-HMAC-SHA512 of the words, 64 bytes. The passphrase was checked with `passphraseProblem`; it may be empty. */
export function mnemonicSeed(phrase: Uint8Array, passphrase: Uint8Array): Uint8Array {
  const { password, salt } = seedInputs(phrase, passphrase);
  const seed = pbkdf2Sync(password, salt, SEED_ITERATIONS, MNEMONIC_SEED_LENGTH, 'sha512');
  password.fill(0);
  salt.fill(0);
  const copy = new Uint8Array(seed);
  seed.fill(0);
  return copy;
}
