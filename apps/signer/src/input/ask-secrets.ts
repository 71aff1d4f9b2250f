// The secrets of a wallet, asked for and checked.

import { equalBytes } from '@resonancenet/bytes/compare';
import { type Mnemonic, parseMnemonic } from '@resonancenet/keys/mnemonic';
import { passphraseProblem } from '@resonancenet/keys/secret-text';
import type { MnemonicLanguage } from '@resonancenet/keys/word-lists';
import { SignerError } from '../signer-error.ts';
import type { SecretInput } from './secret-input.ts';

/** A person gets so many tries. */
export const TRIES = 3;

/** A passphrase that is wanted: not empty, and typed twice by a person. @throws SignerError */
export async function askNewPassphrase(input: SecretInput, of: string): Promise<Uint8Array> {
  for (let left = input.isTerminal ? TRIES : 1; ; left--) {
    const passphrase = await input.ask(`New passphrase of ${of}`);
    const problem = passphrase.length === 0 ? 'it is empty, which protects nothing' : passphraseProblem(passphrase);
    const again = problem === null && input.isTerminal ? await input.ask('The same again') : passphrase;
    const isSame = equalBytes(again, passphrase);
    if (again !== passphrase) again.fill(0);
    if (problem === null && isSame) return passphrase;
    passphrase.fill(0);
    const detail = problem ?? 'the two are not the same';
    if (left === 1) throw new SignerError('bad-passphrase', `No passphrase for ${of}: ${detail}.`);
    input.say(`${capital(detail)}. Type it again.`);
  }
}

/** The passphrase of something that exists; whether it is right, `use` finds out. @throws SignerError */
export async function askPassphrase<T>(
  input: SecretInput,
  of: string,
  use: (passphrase: Uint8Array) => T | Promise<T>,
): Promise<T> {
  for (let left = input.isTerminal ? TRIES : 1; ; left--) {
    const passphrase = await input.ask(`Passphrase of ${of}`);
    try {
      return await use(passphrase);
    } catch (error) {
      const isWrong = error instanceof SignerError && error.code === 'wrong-passphrase';
      if (!isWrong || left === 1) throw error;
      input.say(error.message);
    } finally {
      passphrase.fill(0);
    }
  }
}

/** Words that somebody has on paper. @throws SignerError */
export async function askWords(input: SecretInput, language: MnemonicLanguage | undefined): Promise<Mnemonic> {
  for (let left = input.isTerminal ? TRIES : 1; ; left--) {
    const phrase = await input.page(() => input.ask('The words, with a space between them', true));
    const result = parseMnemonic(phrase, language);
    phrase.fill(0);
    if (result.ok) return result.mnemonic;
    // What is wrong may name a word: a person may see it, a program's output and logs may not.
    const hidden = result.word === undefined ? result.detail : `word ${result.word.position} is in no list`;
    if (left === 1) throw new SignerError('bad-words', `These words make no wallet: ${hidden}.`);
    input.say(`${capital(result.detail)}.`);
  }
}

/** A line that is no secret, from a person; null: an empty one. `check` says what is wrong with it. @throws SignerError */
export async function askLine<T>(
  input: SecretInput,
  prompt: string,
  check: (line: string) => { readonly value: T } | { readonly problem: string },
): Promise<T | null> {
  for (let left = TRIES; ; left--) {
    const line = Buffer.from(await input.ask(prompt, true))
      .toString()
      .trim();
    if (line === '') return null;
    const result = check(line);
    if ('value' in result) return result.value;
    if (left === 1) throw new SignerError('no-secret', `${capital(result.problem)}.`);
    input.say(`${capital(result.problem)}.`);
  }
}

/** The passphrase that belongs to the words themselves. Empty: none. */
export async function askWordsPassphrase(input: SecretInput, isNew: boolean): Promise<Uint8Array> {
  if (isNew) return askNewPassphrase(input, 'the words');
  const passphrase = await input.ask('Passphrase of the words');
  const problem = passphraseProblem(passphrase);
  if (problem !== null) throw new SignerError('bad-passphrase', `The words' passphrase: ${problem}.`);
  return passphrase;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
