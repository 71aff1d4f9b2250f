// Files, folders and globs of text -> one corpus of ids.

import { readFileSync } from 'node:fs';
import type { Tokenizer } from '@resonancenet/tokenizer/tokenizer';
import { type Corpus, fileCorpus, type IdFile, memoryCorpus } from './corpus.ts';
import { NoTextError, resolveSources, type TextSources } from './text-sources.ts';
import { tokenizeSources } from './tokenize-sources.ts';

export interface OpenCorpusOptions {
  /** Folder for ids of texts that need tokenising. */
  readonly cacheFolder: string;
  /** Files that are not for training, whatever the patterns say: the validation text, the program's own outputs. */
  readonly exclude?: readonly string[];
  /** Texts of at most this many bytes together are held in memory. */
  readonly memoryLimit?: number;
  /** Told which files are read and which are left out, before any is read. */
  readonly onSources?: (sources: TextSources) => void;
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void;
}

const defaultMemoryLimit = 64 << 20;

/**
 * Opens everything the patterns name as one corpus; documents are separated by the vocabulary's start id.
 * @throws NoTextError if the patterns name no text
 */
export async function openCorpus(
  patterns: readonly string[],
  tokenizer: Tokenizer,
  options: OpenCorpusOptions,
): Promise<Corpus> {
  const sources = resolveSources(patterns, options.exclude);
  options.onSources?.(sources);
  if (tokenizer.name === 'bytes') {
    const files = sources.files.map((source): IdFile => ({ path: source.path, width: 1, length: source.bytes }));
    return inMemory(fileCorpus(files, tokenizer.startId), options);
  }
  const total = sources.files.reduce((sum, source) => sum + source.bytes, 0);
  const ids = await tokenizeSources(sources.files, tokenizer, options.cacheFolder, (done) =>
    options.onProgress?.(done, total),
  );
  return inMemory(fileCorpus([ids], tokenizer.startId), options);
}

function inMemory(corpus: Corpus, options: OpenCorpusOptions): Corpus {
  if (corpus.length * 2 > (options.memoryLimit ?? defaultMemoryLimit)) return corpus;
  const ids = new Uint16Array(corpus.length);
  corpus.read(0, ids);
  corpus.close();
  return memoryCorpus(ids);
}

/**
 * The ids of one whole text file, for validation.
 * @throws NoTextError if it is empty
 */
export function readIds(path: string, tokenizer: Tokenizer): Uint16Array {
  const bytes = readFileSync(path);
  if (bytes.length === 0) throw new NoTextError(`${path} is empty. Give a file with text.`);
  return tokenizer.name === 'bytes' ? Uint16Array.from(bytes) : tokenizer.encode(bytes.toString('utf8'));
}
