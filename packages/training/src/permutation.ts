// A seeded permutation of 0..n-1 that needs no memory, so that a shuffle of any size can be entered at any place.

import { mix32 } from './prng.ts';

const rounds = 4;

/** A bijection on [0, size): a balanced Feistel network over the next power of four, walked until it falls inside. */
export function createPermutation(size: number, seed: number, stream: number): (index: number) => number {
  if (!Number.isSafeInteger(size) || size < 1 || size > 2 ** 52)
    throw new RangeError(`No permutation of ${size} items.`);
  let halfBits = 1;
  while (4 ** halfBits < size) halfBits += 1;
  const half = 2 ** halfBits;
  const keys = Array.from({ length: rounds }, (_, round) =>
    mix32(mix32(seed + round * 0x9e3779b9) ^ mix32(stream + 1)),
  );
  const scramble = (value: number): number => {
    let left = Math.floor(value / half);
    let right = value % half;
    for (const key of keys) {
      const mixed = mix32(right ^ key) % half;
      [left, right] = [right, (left ^ mixed) >>> 0];
    }
    return left * half + right;
  };
  return (index) => {
    let value = scramble(index);
    while (value >= size) value = scramble(value);
    return value;
  };
}
