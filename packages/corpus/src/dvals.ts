// Cuts validation sets out of the devnet corpus for the networks that have no text of their own.

import { loadTokenizer, type VocabularyName } from '@resonancenet/tokenizer/tokenizer';
import { type DevnetCorpus, loadDevnetCorpus } from './devnet-corpus.ts';

/** Which part of the corpus a network's validation sets come from, and how many there are (the first is in force at genesis). */
export interface DvalSource {
  readonly vocabulary: VocabularyName;
  readonly windows: number;
  /** Ids per window. */
  readonly length: number;
  /** Validation sets to cut: one in force, the others in reserve. */
  readonly count: number;
}

/**
 * Validation sets of `windows x length` ids each, the first from the end of the validation text backwards. A vocabulary that needs
 * more ids than the validation text has takes them from the end of the whole corpus.
 */
export async function cutDvals(source: DvalSource, corpus: DevnetCorpus = loadDevnetCorpus()): Promise<Uint16Array[]> {
  const size = source.windows * source.length;
  const tokenizer = await loadTokenizer(source.vocabulary);
  const encode = (bytes: Uint8Array): Uint16Array =>
    source.vocabulary === 'bytes' ? Uint16Array.from(bytes) : tokenizer.encode(Buffer.from(bytes).toString('utf8'));
  let ids = encode(corpus.validation);
  if (ids.length < size * source.count) ids = encode(Buffer.concat([...corpus.halves, corpus.validation]));
  if (ids.length < size * source.count)
    throw new RangeError(
      `The corpus has ${ids.length} ids, ${source.count} validation sets need ${size * source.count}.`,
    );
  return Array.from({ length: source.count }, (_, i) => ids.slice(ids.length - (i + 1) * size, ids.length - i * size));
}
