// `--config`: the shape of a new model, as a name or as d=...,layers=...,vocab=...

import { isValidShape, type ModelShape } from '@resonancenet/model/shape';
import type { VocabularyName } from '@resonancenet/tokenizer/tokenizer';
import { UsageError } from '../errors.ts';

export interface ModelConfig {
  readonly shape: ModelShape;
  readonly baseLayers: number;
  readonly vocabulary: VocabularyName;
}

const named: Readonly<Record<string, string>> = {
  genesis: 'd=384,layers=6,vocab=gpt2',
  devnet: 'd=64,layers=2,vocab=bytes',
};

const form =
  "a name (genesis, devnet) or 'd=128,layers=4,vocab=bytes' with d even, 2 to 4096, layers 1 to 48, vocab bytes or gpt2";

/** @throws UsageError with the accepted forms */
export function parseModelConfig(text: string): ModelConfig {
  const fields = new Map<string, string>();
  for (const part of (named[text] ?? text).split(',')) {
    const [key = '', value = '', ...rest] = part.split('=');
    if (!['d', 'layers', 'vocab'].includes(key) || value === '' || rest.length > 0 || fields.has(key))
      throw new UsageError(`--config ${text}: '${part}' is not understood. Give ${form}.`);
    fields.set(key, value);
  }
  const vocabulary = fields.get('vocab') ?? 'bytes';
  const width = Number(fields.get('d'));
  const layers = Number(fields.get('layers'));
  const shape = { vocab: vocabulary === 'gpt2' ? 50257 : 256, width, layers, baseWidth: width };
  if ((vocabulary !== 'gpt2' && vocabulary !== 'bytes') || !isValidShape(shape))
    throw new UsageError(`--config ${text} is no model. Give ${form}.`);
  return { shape, baseLayers: layers, vocabulary };
}
