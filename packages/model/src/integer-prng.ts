// The counter-based integer generator of initial weights (spec/model.md MOD-8): element i of a tensor is a function of two key words and i, so that any part can
// be made alone and in any order.

/** The finaliser of MurmurHash3 (Appleby 2011), a bijection of u32. */
export function mix32(value: number): number {
  let v = value >>> 0;
  v = Math.imul(v ^ (v >>> 16), 0x85ebca6b);
  v = Math.imul(v ^ (v >>> 13), 0xc2b2ae35);
  return (v ^ (v >>> 16)) >>> 0;
}

/** 32 pseudo-random bits for element `index` under the key (k0, k1). */
export function randomWord(k0: number, k1: number, index: number): number {
  return mix32(mix32(index + k0) ^ k1);
}

/** A multiple of 2^-23 in [-1, 1), exact in binary32. */
export function signedUnit(word: number): number {
  return ((word >>> 8) - 8388608) / 8388608;
}
