// The text that a miner trains on, as ids.

import { join } from 'node:path';
import { loadDevnetCorpus } from '@resonancenet/corpus/devnet-corpus';
import { trainingText } from '@resonancenet/corpus/training-text';
import type { Tokenizer } from '@resonancenet/tokenizer/tokenizer';
import { type Corpus, memoryCorpus } from '@resonancenet/training/corpus';
import { openCorpus } from '@resonancenet/training/open-corpus';
import type { MiningText } from './mining-messages.ts';

/** Opens the user's own text, or a half of the embedded one, which holds nothing of the validation sets cut from the rest. */
export async function openMiningText(text: MiningText, tokenizer: Tokenizer, folder: string): Promise<Corpus> {
  if (text.kind === 'files') return openCorpus(text.patterns, tokenizer, { cacheFolder: join(folder, 'ids') });
  const bytes = trainingText(loadDevnetCorpus(), text.half);
  return memoryCorpus(
    tokenizer.name === 'bytes' ? Uint16Array.from(bytes) : tokenizer.encode(new TextDecoder().decode(bytes)),
  );
}
