// How the amplitudes of genesis weights follow from the base width (NET-8).

import type { InitAmplitudes } from './network-params.ts';

/**
 * The amplitudes for a base width d0: matrices, keys and values get a standard deviation of 1 / sqrt(d0), so that a unit input gives unit outputs
 * at any width; `a = sqrt(3 / d0)` to the nearest multiple of 1/2048. Embedding: 5/128 (standard deviation 0.0226), so that the logits of
 * untrained weights spread by less than half a nat. Taps: 1/64, small beside lag 0 of kernel 3 (1/4).
 * The committed networks write these numbers out and a test compares; new networks are made with this function.
 */
export function initAmplitudes(baseWidth: number): InitAmplitudes {
  // Division and square root are exactly rounded in IEEE-754, so the nearest multiple is the same on every machine.
  const matrix = Math.round(2048 * Math.sqrt(3 / baseWidth)) / 2048;
  return {
    embed: 5 / 128,
    taps: 1 / 64,
    wz: matrix,
    wh: matrix,
    wq: matrix,
    keys: matrix,
    values: matrix,
    wgate: matrix,
    wup: matrix,
  };
}
