// A small seeded generator for everything that must repeat: shuffles, sampling, stochastic rounding. Not for secrets.

/** A stream of uniform numbers, the same for the same seed on every machine. */
export interface Prng {
  /** Uniform u32. */
  next(): number;
  /** Uniform in [0, 1) with 24 bits. */
  uniform(): number;
}

/** Mixes 32 bits so that every input bit reaches every output bit (the finaliser of MurmurHash3). */
export function mix32(value: number): number {
  let v = value | 0;
  v ^= v >>> 16;
  v = Math.imul(v, 0x85ebca6b);
  v ^= v >>> 13;
  v = Math.imul(v, 0xc2b2ae35);
  v ^= v >>> 16;
  return v >>> 0;
}

/** xoshiro128** (Blackman and Vigna), its state filled from the seed and a stream number by mixing. */
export function createPrng(seed: number, stream = 0): Prng {
  let a = mix32(seed + 0x9e3779b9);
  let b = mix32(a ^ mix32(stream + 0x7f4a7c15));
  let c = mix32(b + Math.floor(seed / 2 ** 32));
  let d = mix32(c ^ 0x2545f491) | 1;
  const next = (): number => {
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  for (let i = 0; i < 8; i += 1) next();
  return { next, uniform: () => (next() >>> 8) / 2 ** 24 };
}
