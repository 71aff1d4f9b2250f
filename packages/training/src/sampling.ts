// The next id from logits: temperature, top-k, top-p, seeded.

import type { Prng } from './prng.ts';

export interface SamplingOptions {
  /** 0 takes the most likely id; 1 the model's own distribution. */
  readonly temperature: number;
  /** Only the k most likely ids; 0 means all. */
  readonly topK: number;
  /** Only the most likely ids that together reach this probability; 1 means all. */
  readonly topP: number;
}

export class SamplingOptionsError extends Error {
  readonly code = 'bad-sampling-options';
}

/** @throws SamplingOptionsError naming the option and its range */
export function checkSamplingOptions(options: SamplingOptions): void {
  if (!(options.temperature >= 0 && options.temperature <= 100))
    throw new SamplingOptionsError(`temperature is ${options.temperature}; it must be from 0 to 100.`);
  if (!(Number.isInteger(options.topK) && options.topK >= 0))
    throw new SamplingOptionsError(`top-k is ${options.topK}; it must be a whole number, 0 for no limit.`);
  if (!(options.topP > 0 && options.topP <= 1))
    throw new SamplingOptionsError(`top-p is ${options.topP}; it must be above 0 and at most 1.`);
}

function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i += 1) if ((logits[i] ?? 0) > (logits[best] ?? 0)) best = i;
  return best;
}

/** Draws one id. Equal logits are ordered by id, so that the same seed gives the same text everywhere. */
export function sampleId(logits: Float32Array, options: SamplingOptions, prng: Prng): number {
  if (options.temperature === 0) return argmax(logits);
  const ids = Uint32Array.from(logits, (_, i) => i);
  const limited = options.topK > 0 || options.topP < 1;
  if (limited) ids.sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
  const kept = options.topK > 0 ? ids.subarray(0, Math.min(options.topK, ids.length)) : ids;
  const top = limited ? (logits[kept[0] ?? 0] ?? 0) : (logits[argmax(logits)] ?? 0);
  const weights = Float64Array.from(kept, (id) => Math.exp(((logits[id] ?? 0) - top) / options.temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let count = kept.length;
  let mass = total;
  if (options.topP < 1) {
    mass = 0;
    count = 0;
    while (count < kept.length && mass < options.topP * total) {
      mass += weights[count] ?? 0;
      count += 1;
    }
  }
  let left = prng.uniform() * mass;
  for (let i = 0; i < count; i += 1) {
    left -= weights[i] ?? 0;
    if (left < 0) return kept[i] ?? 0;
  }
  return kept[count - 1] ?? 0;
}
