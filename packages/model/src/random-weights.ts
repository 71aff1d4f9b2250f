// Initial weights: integers straight to BF16, the same on every machine (spec/model.md MOD-8, MOD-9).

import { utf8 } from '@resonancenet/bytes/utf8';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import { BF16_ONE, canonicaliseBf16, roundBf16Bits } from './bf16.ts';
import { randomWord, signedUnit } from './integer-prng.ts';
import { type ModelShape, parameterCount } from './shape.ts';
import { type TensorKind, type TensorSpec, tensorSpecs } from './tensors.ts';

/** Kinds of tensors that draw random numbers with an amplitude at genesis. */
export type AmplitudeKind = 'embed' | 'taps' | 'wz' | 'wh' | 'wq' | 'keys' | 'values' | 'wgate' | 'wup';

/** The amplitude `a` of every random kind: a weight is u a with u uniform in [-1, 1). Each must be a binary32; 0 leaves the tensor zero. */
export type InitialAmplitudes = { readonly [kind in AmplitudeKind]: number };

/** Random numbers of one tensor: element index -> 32 bits. */
export type ElementWords = (index: number) => number;

/** BF16 bits of lag 0 of kernel 3 at genesis, 1/4. */
export const FIRST_TAP = 0x3e80;

/** The generator of the tensor `name` under a seed of 32 bytes. */
export function elementWords(seed: Uint8Array, name: string): ElementWords {
  if (seed.length !== 32) throw new RangeError(`a weight seed has 32 bytes, not ${seed.length}`);
  const key = hash(TAG.prng, seed, utf8(name));
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const [k0, k1] = [view.getUint32(0, true), view.getUint32(4, true)];
  return (index) => randomWord(k0, k1, index);
}

const wordOfFloat = new Float32Array(1);
const bitsOfFloat = new Uint32Array(wordOfFloat.buffer);

function toBf16(value: number): number {
  wordOfFloat[0] = value;
  return canonicaliseBf16(roundBf16Bits(bitsOfFloat[0]!));
}

/** BF16 bits of u a. */
export function randomWeight(word: number, amplitude: number): number {
  return toBf16(Math.fround(signedUnit(word) * amplitude));
}

/** BF16 bits of element `index` of a tensor at genesis; `columns` is its last dimension. */
export function genesisValue(
  kind: TensorKind,
  index: number,
  columns: number,
  words: ElementWords,
  amplitudes: InitialAmplitudes,
): number {
  switch (kind) {
    case 'gain':
      return BF16_ONE;
    case 'taps':
      return index < columns ? FIRST_TAP : randomWeight(words(index), amplitudes.taps);
    case 'embed':
    case 'wz':
    case 'wh':
    case 'wq':
    case 'keys':
    case 'values':
    case 'wgate':
    case 'wup':
      return randomWeight(words(index), amplitudes[kind]);
    case 'bz':
    case 'bh':
    case 'bo':
    case 'bq':
    case 'bgate':
    case 'bup':
    case 'bdown':
    case 'wo':
    case 'wdown':
      return 0;
    default:
      return kind satisfies never;
  }
}

/** Last dimension of a tensor: the length of its rows. */
export function columnsOf(spec: TensorSpec): number {
  return spec.dims[1] ?? spec.dims[0];
}

/** All weights of a network's first model, BF16 bits, end to end in canonical order. */
export function genesisWeights(shape: ModelShape, seed: Uint8Array, amplitudes: InitialAmplitudes): Uint16Array {
  const weights = new Uint16Array(parameterCount(shape));
  for (const spec of tensorSpecs(shape)) {
    const words = elementWords(seed, spec.name);
    const columns = columnsOf(spec);
    for (let i = 0; i < spec.size; i++) {
      weights[spec.offset + i] = genesisValue(spec.kind, i, columns, words, amplitudes);
    }
  }
  return weights;
}
