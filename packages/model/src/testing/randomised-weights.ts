// For tests: weights of which none is trivial, so that no operation is the identity and no branch is silent.

import { bf16FromF32 } from '../bf16.ts';
import { mix32, randomWord, signedUnit } from '../integer-prng.ts';
import type { ModelShape } from '../shape.ts';
import { parameterCount } from '../shape.ts';
import { type TensorSpec, tensorSpecs } from '../tensors.ts';

/** Weights in binary32, every tensor random, of sizes that keep activations and logits moderate at any width. */
export function randomisedParameters(shape: ModelShape, seed: number): Float32Array {
  const parameters = new Float32Array(parameterCount(shape));
  for (const [number, spec] of tensorSpecs(shape).entries()) {
    const key = mix32(seed * 1000 + number);
    const { centre, spread } = distribution(spec);
    for (let i = 0; i < spec.size; i++) {
      parameters[spec.offset + i] = centre + spread * signedUnit(randomWord(key, seed, i));
    }
  }
  return parameters;
}

/** The same, rounded to canonical BF16. */
export function randomisedWeights(shape: ModelShape, seed: number): Uint16Array {
  return bf16FromF32(randomisedParameters(shape, seed));
}

function distribution(spec: TensorSpec): { readonly centre: number; readonly spread: number } {
  switch (spec.kind) {
    case 'gain':
      return { centre: 1, spread: 0.5 };
    case 'embed':
      return { centre: 0, spread: 4 / Math.sqrt(spec.dims[1]!) };
    case 'taps':
      return { centre: 0, spread: 0.4 };
    case 'keys':
      return { centre: 0, spread: 1.5 };
    case 'values':
      return { centre: 0, spread: 1 };
    case 'bz':
      return { centre: -1.5, spread: 2 };
    case 'bh':
    case 'bo':
    case 'bq':
    case 'bgate':
    case 'bup':
    case 'bdown':
      return { centre: 0, spread: 0.5 };
    default:
      return { centre: 0, spread: 2 / Math.sqrt(spec.dims[0]) };
  }
}
