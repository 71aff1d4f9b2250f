// Files, folders and globs of text -> one corpus of ids.

import { readFileSync } from 'node:fs';
import type { Tokenizer } from '@resonancenet/tokenizer/tokenizer';
import { type Corpus, fileCorpus, type IdFile, memoryCorpus } from './corpus.ts';
import { resolveSources } from './text-sources.ts';
import { tokenizeFile } from './tokenize-file.ts';

export interface OpenCorpusOptions {
  /** Folder for ids of texts that need tokenising. */
  readonly cacheFolder: string;
  /** Texts of at most this many bytes together are held in memory. */
  readonly memoryLimit?: number;
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void;
}

const defaultMemoryLimit = 64 << 20;

/** Opens everything the patterns name as one corpus; documents are separated by the vocabulary's start id. */
export async function openCorpus(
  patterns: readonly string[],
  tokenizer: Tokenizer,
  options: OpenCorpusOptions,
): Promise<Corpus> {
  const sources = resolveSources(patterns);
  const total = sources.reduce((sum, source) => sum + source.bytes, 0);
  if (tokenizer.name === 'bytes') {
    const files = sources.map((source): IdFile => ({ path: source.path, width: 1, length: source.bytes }));
    return inMemory(fileCorpus(files, tokenizer.startId), options);
  }
  const files: IdFile[] = [];
  let before = 0;
  for (const source of sources) {
    files.push(
      await tokenizeFile(source.path, tokenizer, options.cacheFolder, (done) =>
        options.onProgress?.(before + done, total),
      ),
    );
    before += source.bytes;
  }
  return inMemory(fileCorpus(files, tokenizer.startId), options);
}

function inMemory(corpus: Corpus, options: OpenCorpusOptions): Corpus {
  if (corpus.length * 2 > (options.memoryLimit ?? defaultMemoryLimit)) return corpus;
  const ids = new Uint16Array(corpus.length);
  corpus.read(0, ids);
  corpus.close();
  return memoryCorpus(ids);
}

/** The ids of one whole text file, for validation. */
export function readIds(path: string, tokenizer: Tokenizer): Uint16Array {
  const bytes = readFileSync(path);
  return tokenizer.name === 'bytes' ? Uint16Array.from(bytes) : tokenizer.encode(bytes.toString('utf8'));
}
