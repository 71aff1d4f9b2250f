// Weights of a new model that stands alone: the recipe of genesis (MOD-8) under a small seed.

import { genesisWeights } from '@resonancenet/model/random-weights';
import type { ModelShape } from '@resonancenet/model/shape';
import { initAmplitudes } from '@resonancenet/params/init-amplitudes';

/** A seed of 32 bytes from a number that people type. */
export function weightSeed(seed: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, seed, true);
  return bytes;
}

/** BF16 weights, all tensors end to end in canonical order. */
export function initialWeights(shape: ModelShape, seed: number): Uint16Array {
  return genesisWeights(shape, weightSeed(seed), initAmplitudes(shape.baseWidth));
}
