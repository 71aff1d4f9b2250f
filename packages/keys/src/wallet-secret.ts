// What a wallet's keys come from, as it lies in sealed files (WAL-15).

import { type Codec, refine, struct, varBytes } from '@resonancenet/bytes/codec';
import type { Reader } from '@resonancenet/bytes/reader';
import type { Writer } from '@resonancenet/bytes/writer';
// By the package's own name, so that Node gets the native function.
import { mnemonicSeed } from '@resonancenet/keys/seed';
import { isEntropyLength, type Mnemonic, mnemonicPhrase } from './mnemonic.ts';
import { MAX_PASSPHRASE_LENGTH, passphraseProblem } from './secret-text.ts';
import { MNEMONIC_LANGUAGES, type MnemonicLanguage } from './word-lists.ts';

/** Words with their passphrase (BIP 39), or a bare seed, from which no words can be made. */
export type WalletSecret =
  | {
      readonly kind: 'words';
      readonly mnemonic: Mnemonic;
      /** UTF-8; empty: none. Without it the words lead to another wallet. */
      readonly passphrase: Uint8Array;
    }
  | {
      readonly kind: 'seed';
      /** 16 to 64 bytes. */
      readonly seed: Uint8Array;
    };

const KIND = { words: 1, seed: 2 } as const;

const language: Codec<MnemonicLanguage> = {
  minSize: 1,
  read: (reader) => {
    const start = reader.offset;
    const number = reader.u8();
    const found = MNEMONIC_LANGUAGES[number - 1];
    return (
      found ?? reader.fail('invalid-value', start, `language ${number}; there are 1 to ${MNEMONIC_LANGUAGES.length}`)
    );
  },
  write: (writer, value) => void writer.u8(MNEMONIC_LANGUAGES.indexOf(value) + 1),
};

const mnemonicCodec: Codec<Mnemonic> = struct<Mnemonic>({
  language,
  entropy: refine(varBytes({ min: 16, max: 32 }), ({ length }) =>
    isEntropyLength(length) ? null : `${length} bytes of entropy; there are words for 16, 20, 24, 28 or 32`,
  ),
});

const passphraseCodec = refine(varBytes({ max: MAX_PASSPHRASE_LENGTH }), passphraseProblem);
const seedCodec = varBytes({ min: 16, max: 64 });

/** Kind u8: 1, language u8, entropy, passphrase; 2, seed. */
export const walletSecretCodec: Codec<WalletSecret> = { minSize: 1 + seedCodec.minSize, read, write };

/** The seed of the wallet's master key: overwrite it after use. */
export function seedOfSecret(secret: WalletSecret): Uint8Array {
  if (secret.kind === 'seed') return secret.seed.slice();
  const phrase = mnemonicPhrase(secret.mnemonic);
  const seed = mnemonicSeed(phrase, secret.passphrase);
  phrase.fill(0);
  return seed;
}

/** Overwrites the secret with zeros. */
export function wipeSecret(secret: WalletSecret): void {
  if (secret.kind === 'seed') secret.seed.fill(0);
  else {
    secret.mnemonic.entropy.fill(0);
    secret.passphrase.fill(0);
  }
}

function read(reader: Reader): WalletSecret {
  const start = reader.offset;
  const kind = reader.u8();
  switch (kind) {
    case KIND.words:
      return { kind: 'words', mnemonic: mnemonicCodec.read(reader), passphrase: passphraseCodec.read(reader) };
    case KIND.seed:
      return { kind: 'seed', seed: seedCodec.read(reader) };
    default:
      return reader.fail('invalid-value', start, `a secret of kind ${kind}; there are 1 and 2`);
  }
}

function write(writer: Writer, secret: WalletSecret): void {
  writer.u8(KIND[secret.kind]);
  switch (secret.kind) {
    case 'words':
      mnemonicCodec.write(writer, secret.mnemonic);
      passphraseCodec.write(writer, secret.passphrase);
      break;
    case 'seed':
      seedCodec.write(writer, secret.seed);
      break;
  }
}
