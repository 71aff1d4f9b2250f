// Text from a model, one id at a time.

import type { Decoder } from '@resonancenet/kernels/backend';
import type { Tokenizer } from '@resonancenet/tokenizer/tokenizer';
import { createPrng } from './prng.ts';
import { Sampler, type SamplingOptions } from './sampling.ts';

export interface GenerateOptions extends SamplingOptions {
  readonly prompt: string;
  /** Ids to make. */
  readonly tokens: number;
  readonly seed: number;
}

/**
 * Feeds the start id and the prompt, then yields the ids that follow. The decoder's state is reset first.
 * @throws SamplingOptionsError; KernelError NON_FINITE if the weights overflow
 */
export function* generateIds(
  decoder: Decoder,
  tokenizer: Tokenizer,
  options: GenerateOptions,
): Generator<number, void, void> {
  const sampler = new Sampler(options, createPrng(options.seed));
  decoder.reset();
  let logits = decoder.step(tokenizer.startId);
  for (const id of tokenizer.encode(options.prompt)) logits = decoder.step(id);
  for (let i = 0; i < options.tokens; i += 1) {
    const id = sampler.sample(logits);
    yield id;
    if (i + 1 < options.tokens) logits = decoder.step(id);
  }
}

/** The text that follows the prompt, in pieces as they are made. */
export function generateText(decoder: Decoder, tokenizer: Tokenizer, options: GenerateOptions): Iterable<string> {
  return tokenizer.decodeStream(generateIds(decoder, tokenizer, options));
}
