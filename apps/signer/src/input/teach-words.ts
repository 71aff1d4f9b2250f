// New words: shown once, then asked back, so that what is on the paper is right.

import { randomInt } from 'node:crypto';
import { equalBytes } from '@resonancenet/bytes/compare';
import { fromUtf8, utf8 } from '@resonancenet/bytes/utf8';
import { type Mnemonic, mnemonicPhrase } from '@resonancenet/keys/mnemonic';
import { normalizedText } from '@resonancenet/keys/secret-text';
import { SignerError } from '../signer-error.ts';
import type { SecretInput } from './secret-input.ts';

const ASKED = 3;
const ROUNDS = 5;
const COLUMNS = 4;
const SPACES = /[ \u3000]/;

/** Shows the words and asks three of them, as often as it takes. @throws SignerError if that does not end well */
export async function teachWords(input: SecretInput, mnemonic: Mnemonic): Promise<void> {
  const phrase = mnemonicPhrase(mnemonic);
  const words = fromUtf8(phrase).split(SPACES);
  phrase.fill(0);
  for (let round = 1; round <= ROUNDS; round++) {
    await input.page(async () => {
      input.say(pageOf(words));
      (await input.ask('Press Enter when they are on paper')).fill(0);
    });
    if (await input.page(() => knowsWords(input, words))) return;
    input.say('That is not the word. Here they are again.');
  }
  throw new SignerError('not-confirmed', 'The words were not confirmed; no wallet was made.');
}

/** The words in columns that are read downwards. */
function pageOf(words: readonly string[]): string {
  const rows = Math.ceil(words.length / COLUMNS);
  const lines = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: COLUMNS }, (_, column) => column * rows + row)
      .filter((index) => index < words.length)
      .map((index) => `${String(index + 1).padStart(3)}. ${words[index]!.padEnd(14)}`)
      .join('')
      .trimEnd(),
  );
  return [
    'These words are the wallet. Write them on paper, in this order, and keep it where nobody else comes.',
    'Whoever has them has the coins; without them and without a backup the coins are lost. They are shown now and not again.',
    '',
    ...lines,
    '',
  ].join('\n');
}

async function knowsWords(input: SecretInput, words: readonly string[]): Promise<boolean> {
  const positions = new Set<number>();
  while (positions.size < ASKED) positions.add(randomInt(words.length));
  for (const position of positions) {
    const typed = await input.ask(`Word ${position + 1}`, true);
    const normalized = normalizedText(typed);
    const isRight = normalized !== null && equalBytes(normalized, normalizedText(utf8(words[position]!))!);
    typed.fill(0);
    if (!isRight) return false;
  }
  return true;
}
