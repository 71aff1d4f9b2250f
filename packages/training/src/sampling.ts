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

/** Draws ids; its buffers serve every draw. Equal logits are ordered by id, so that the same seed gives the same text everywhere. */
export class Sampler {
  readonly #options: SamplingOptions;
  readonly #prng: Prng;
  #weights: Float64Array = new Float64Array(0);
  #ids: Uint32Array = new Uint32Array(0);
  #scratch: Float32Array = new Float32Array(0);

  /** @throws SamplingOptionsError */
  constructor(options: SamplingOptions, prng: Prng) {
    checkSamplingOptions(options);
    this.#options = options;
    this.#prng = prng;
  }

  /** The next id, from logits [V]. */
  sample(logits: Float32Array): number {
    const best = argmax(logits);
    if (this.#options.temperature === 0) return best;
    if (this.#ids.length !== logits.length) {
      this.#ids = new Uint32Array(logits.length);
      this.#weights = new Float64Array(logits.length);
      this.#scratch = new Float32Array(logits.length);
    }
    const { topK, topP } = this.#options;
    let ids = topK > 0 && topK < logits.length ? this.#topK(logits, topK) : this.#all();
    let mass = this.#weigh(logits, ids, logits[best] ?? 0);
    if (topP < 1) [ids, mass] = this.#topP(logits, ids, logits[best] ?? 0, mass);
    let left = this.#prng.uniform() * mass;
    for (let i = 0; i < ids.length; i += 1) {
      left -= this.#weights[i] ?? 0;
      if (left < 0) return ids[i] ?? 0;
    }
    return ids[ids.length - 1] ?? 0;
  }

  #all(): Uint32Array {
    for (let i = 0; i < this.#ids.length; i += 1) this.#ids[i] = i;
    return this.#ids;
  }

  /** Weights of the ids, relative to the likeliest of all, in place; returns their sum. */
  #weigh(logits: Float32Array, ids: Uint32Array, top: number): number {
    const { temperature } = this.#options;
    let sum = 0;
    for (let i = 0; i < ids.length; i += 1) {
      const weight = Math.exp(((logits[ids[i] ?? 0] ?? 0) - top) / temperature);
      this.#weights[i] = weight;
      sum += weight;
    }
    return sum;
  }

  /** The k likeliest ids, likeliest first. */
  #topK(logits: Float32Array, k: number): Uint32Array {
    this.#scratch.set(logits);
    const threshold = kthSmallest(this.#scratch, logits.length - k);
    let count = 0;
    for (let id = 0; id < logits.length; id += 1) {
      if ((logits[id] ?? 0) > threshold) this.#ids[count++] = id;
    }
    for (let id = 0; id < logits.length && count < k; id += 1) {
      if (logits[id] === threshold) this.#ids[count++] = id;
    }
    return byLikelihood(logits, this.#ids.subarray(0, count));
  }

  /** The likeliest of `ids`, likeliest first, that together reach top-p, and their weight. */
  #topP(logits: Float32Array, ids: Uint32Array, top: number, total: number): [Uint32Array, number] {
    const { topP } = this.#options;
    // Ids this unlikely weigh less than 1 - topP all together, so none of them is needed; mostly only a few are left to sort.
    const least = ((1 - topP) * total) / ids.length;
    let kept = 0;
    for (let i = 0; i < ids.length; i += 1) {
      if ((this.#weights[i] ?? 0) >= least) this.#ids[kept++] = ids[i] ?? 0;
    }
    const likeliest = byLikelihood(logits, this.#ids.subarray(0, kept));
    this.#weigh(logits, likeliest, top);
    let mass = 0;
    let count = 0;
    while (count < kept && mass < topP * total) {
      mass += this.#weights[count] ?? 0;
      count += 1;
    }
    return [likeliest.subarray(0, count), mass];
  }
}

/** The value that would stand at place `k` if the values were sorted (Hoare's selection: linear time, reorders them). */
function kthSmallest(values: Float32Array, k: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i += 1;
      while (values[j]! > pivot) j -= 1;
      if (i > j) break;
      [values[i], values[j]] = [values[j]!, values[i]!];
      i += 1;
      j -= 1;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k]!;
}

function byLikelihood(logits: Float32Array, ids: Uint32Array): Uint32Array {
  return ids.sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
}

function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i += 1) if ((logits[i] ?? 0) > (logits[best] ?? 0)) best = i;
  return best;
}
