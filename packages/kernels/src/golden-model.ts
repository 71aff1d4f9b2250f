// Small models with pinned results: what a backend must reproduce, bit for bit, before it may decide anything.

import { bf16FromF32 } from '@resonancenet/model/bf16';
import { mix32, randomWord, signedUnit } from '@resonancenet/model/integer-prng';
import { type ModelShape, parameterCount } from '@resonancenet/model/shape';
import { type TensorKind, tensorSpecs } from '@resonancenet/model/tensors';
import type { Bf16Weights, EvalWindow } from './backend.ts';

/** A model, windows for it, and the results of the definition (golden-model.test.ts recomputes them). */
export interface GoldenModel {
  readonly shape: ModelShape;
  readonly seed: number;
  /** Steps of each window. */
  readonly lengths: readonly number[];
  /** Sum of quantised losses of each window (EVAL-12). */
  readonly sums: readonly number[];
  /** Digest of the logits of each window (`digestBits`). */
  readonly logits: readonly number[];
}

/** Widths that no vector or tile divides, one above its base; lengths around the history's end and the tiles' remainders. */
export const GOLDEN_MODELS: readonly GoldenModel[] = [
  {
    shape: { vocab: 37, width: 18, layers: 2, baseWidth: 16 },
    seed: 1,
    lengths: [70, 1, 11, 260],
    sums: [24272180, 398645, 4159739, 90472210],
    logits: [2539192339, 3112550834, 1303932495, 4058310469],
  },
  {
    shape: { vocab: 261, width: 34, layers: 1, baseWidth: 34 },
    seed: 2,
    lengths: [64, 5, 27],
    sums: [42209450, 3991897, 19878962],
    logits: [3438762838, 2420496110, 59395853],
  },
];

/** Centre and spread of a kind's weights: nothing is silent, nothing overflows. All are exact in BF16. */
function distribution(kind: TensorKind): readonly [number, number] {
  if (kind === 'gain') return [1, 0.5];
  if (kind === 'bz') return [-1.5, 2];
  if (kind === 'embed' || kind === 'keys' || kind === 'values') return [0, 1];
  return [0, 0.5];
}

/** The golden model's weights, from integers alone. */
export function goldenWeights({ shape, seed }: GoldenModel): Bf16Weights {
  const values = new Float32Array(parameterCount(shape));
  for (const [number, { kind, offset, size }] of tensorSpecs(shape).entries()) {
    const [centre, spread] = distribution(kind);
    const key = mix32(seed * 1000 + number);
    for (let i = 0; i < size; i++) values[offset + i] = centre + spread * signedUnit(randomWord(key, seed, i));
  }
  return { shape, data: bf16FromF32(values) };
}

export function goldenWindows({ shape, seed, lengths }: GoldenModel): EvalWindow[] {
  return lengths.map((length, number) => {
    const ids = (key: number): Uint16Array =>
      Uint16Array.from({ length }, (_, t) => randomWord(mix32(seed * 1000 + number), key, t) % shape.vocab);
    return { inputs: ids(1), targets: ids(2) };
  });
}

/** FNV-1a (Fowler, Noll, Vo) over the words of binary32 values: tells any two of our results apart but for one chance in 2^32. */
export function digestBits(values: Float32Array): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let hash = 0x811c9dc5;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  return hash >>> 0;
}
