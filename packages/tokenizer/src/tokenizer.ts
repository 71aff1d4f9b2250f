// Text to ids and back. Consensus never tokenises (D_vals are committed as ids): these serve training data and conversation.

import { byteTokenizer } from './byte-tokenizer.ts';

export type VocabularyName = 'bytes' | 'gpt2';

export interface Tokenizer {
  readonly name: VocabularyName;
  /** Number of ids; every id is below it. */
  readonly size: number;
  /** The id that stands before the first of a window (EVAL-11) and between documents. */
  readonly startId: number;
  /** Ids of a text. Text that looks like a special token is ordinary text. */
  encode(text: string): Uint16Array;
  /** Text pieces for ids as they come; a piece never ends inside a character. Bytes that are no UTF-8 become U+FFFD. */
  decodeStream(ids: Iterable<number>): Iterable<string>;
}

export class UnknownVocabularyError extends Error {
  readonly code = 'unknown-vocabulary';
  constructor(name: string) {
    super(`There is no vocabulary '${name}'. Choose 'bytes' (256 ids) or 'gpt2' (50,257 ids).`);
  }
}

/** The tokenizer of a vocabulary. GPT-2's tables (2 MB) are loaded only when asked for. */
export async function loadTokenizer(name: string): Promise<Tokenizer> {
  if (name === 'bytes') return byteTokenizer;
  if (name === 'gpt2') return (await import('./gpt2-tokenizer.ts')).gpt2Tokenizer;
  throw new UnknownVocabularyError(name);
}

/** The vocabulary of a model by its number of ids, or null if it is neither of the two. */
export function vocabularyOfSize(size: number): VocabularyName | null {
  if (size === 256) return 'bytes';
  return size === 50257 ? 'gpt2' : null;
}

/** The whole text of some ids. */
export function decodeAll(tokenizer: Tokenizer, ids: Iterable<number>): string {
  return [...tokenizer.decodeStream(ids)].join('');
}
