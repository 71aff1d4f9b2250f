// `--config`: the shape of a new model, as a name or as d=...,layers=...,vocab=...

import { isValidShape, MAX_LAYERS, MAX_WIDTH, type ModelShape } from '@resonancenet/model/shape';
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

const vocabularySizes: Readonly<Record<VocabularyName, number>> = { bytes: 256, gpt2: 50_257 };

const sizes = `d even, 2 to ${MAX_WIDTH}, layers 1 to ${MAX_LAYERS}`;
const form = `a name (${Object.keys(named).join(', ')}) or 'd=128,layers=4,vocab=bytes' with ${sizes}, vocab bytes or gpt2`;

/**
 * `d=..,layers=..`, and what else `keys` allow, as text by key. `right` says what would be accepted.
 * @throws UsageError naming the option and the part that is wrong
 */
export function parseFields(
  option: string,
  text: string,
  keys: readonly string[],
  right: string,
): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const part of text.split(',')) {
    const [key = '', value = '', ...rest] = part.trim().split('=');
    if (!keys.includes(key) || value === '' || rest.length > 0 || fields.has(key))
      throw new UsageError(`${option} ${text}: '${part}' is not understood. Give ${right}.`);
    fields.set(key, value);
  }
  return fields;
}

const wholeNumber = (text: string | undefined): number => (/^\d{1,6}$/.test(text ?? '') ? Number(text) : Number.NaN);

/**
 * Width and layers as `d=64,layers=2`.
 * @throws UsageError with the accepted form
 */
export function parseWidthAndLayers(option: string, text: string): { readonly width: number; readonly layers: number } {
  const right = `'d=64,layers=2' with ${sizes}`;
  const fields = parseFields(option, text, ['d', 'layers'], right);
  const shape = { width: wholeNumber(fields.get('d')), layers: wholeNumber(fields.get('layers')) };
  if (!isValidShape({ ...shape, vocab: vocabularySizes.bytes, baseWidth: shape.width }))
    throw new UsageError(`${option} ${text} is no shape of a model. Give ${right}.`);
  return shape;
}

/** @throws UsageError with the accepted forms */
export function parseModelConfig(text: string): ModelConfig {
  const fields = parseFields('--config', named[text] ?? text, ['d', 'layers', 'vocab'], form);
  const vocabulary = (fields.get('vocab') ?? 'bytes') as VocabularyName;
  const width = wholeNumber(fields.get('d'));
  const layers = wholeNumber(fields.get('layers'));
  const shape = { vocab: vocabularySizes[vocabulary] ?? 0, width, layers, baseWidth: width };
  if (!isValidShape(shape)) throw new UsageError(`--config ${text} is no model. Give ${form}.`);
  return { shape, baseLayers: layers, vocabulary };
}
