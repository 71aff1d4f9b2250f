// Reads the vectors of BIP 39 in all its languages.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '@resonancenet/bytes/hex';
import { utf8 } from '@resonancenet/bytes/utf8';
import type { MnemonicLanguage } from '../word-lists.ts';

export interface Bip39Vector {
  readonly language: MnemonicLanguage;
  readonly entropy: Uint8Array;
  readonly seed: Uint8Array;
  /** UTF-8, as the file holds it. */
  readonly phrase: Uint8Array;
}

/** Of every vector's seed. */
export const VECTOR_PASSPHRASE: Uint8Array = utf8('TREZOR');

export const BIP39_VECTORS: readonly Bip39Vector[] = readFileSync(
  join(import.meta.dirname, 'bip39-vectors.txt'),
  'utf8',
)
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [language, entropy, seed] = line.split(' ', 3) as [MnemonicLanguage, string, string];
    const phrase = line.slice(language.length + entropy.length + seed.length + 3);
    return { language, entropy: fromHex(entropy), seed: fromHex(seed), phrase: utf8(phrase) };
  });
