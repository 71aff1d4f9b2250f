// BF16: the upper half of a binary32 (1 sign, 8 exponent, 7 fraction bits), and the one encoding per value that checkpoints demand (spec/checkpoint.md CKPT-4, CKPT-7).

/** Smallest magnitude of a non-zero weight, 2^-40, as bits. */
export const BF16_MIN_BITS = 0x2b80;

/** Largest magnitude of a weight, 2^20, as bits. */
export const BF16_MAX_BITS = 0x4980;

/** The bits of 1. */
export const BF16_ONE = 0x3f80;

/** Widens BF16 bit patterns to binary32, exactly. */
export function widenBf16(bits: Uint16Array, out: Float32Array = new Float32Array(bits.length)): Float32Array {
  const words = new Uint32Array(out.buffer, out.byteOffset, bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return out;
}

/** Rounds the binary32 with these bits to the nearest BF16, ties to even. NaN stays NaN, overflow becomes infinity. */
export function roundBf16Bits(bits32: number): number {
  if ((bits32 & 0x7fffffff) > 0x7f800000) return ((bits32 >>> 16) | 0x0040) & 0xffff;
  return ((bits32 + 0x7fff + ((bits32 >>> 16) & 1)) >>> 16) & 0xffff;
}

/**
 * Rounds the binary32 with these bits to one of the two neighbouring BF16 values: away from zero with the probability of the distance, decided by 16
 * uniformly random bits. A value that is a BF16 stays. NaN stays NaN.
 */
export function roundBf16BitsStochastic(bits32: number, random16: number): number {
  if ((bits32 & 0x7fffffff) > 0x7f800000) return ((bits32 >>> 16) | 0x0040) & 0xffff;
  if ((bits32 & 0x7fffffff) === 0x7f800000) return bits32 >>> 16;
  return ((bits32 + (random16 & 0xffff)) >>> 16) & 0xffff;
}

/** Whether the pattern is a value that CKPT-4 allows: +0, or a magnitude from 2^-40 to 2^20. */
export function isCanonicalBf16(bits: number): boolean {
  const magnitude = bits & 0x7fff;
  return bits === 0 || (magnitude >= BF16_MIN_BITS && magnitude <= BF16_MAX_BITS);
}

/** The allowed value for a pattern: -0 and magnitudes below 2^-40 become +0, magnitudes above 2^20 become 2^20 with their sign. NaN is refused. */
export function canonicaliseBf16(bits: number): number {
  const magnitude = bits & 0x7fff;
  if (magnitude > 0x7f80) {
    throw new RangeError(
      'a weight is NaN and has no canonical value: training has diverged, go back to the last good state',
    );
  }
  if (magnitude < BF16_MIN_BITS) return 0;
  return magnitude > BF16_MAX_BITS ? (bits & 0x8000) | BF16_MAX_BITS : bits;
}

/**
 * Rounds weights to canonical BF16: nearest-even, or stochastically where `random` yields 16 random bits per call (a miner that goes on from rounded weights with a
 * small learning rate would else lose its updates to rounding). Throws RangeError on NaN.
 */
export function bf16FromF32(
  values: Float32Array,
  random?: () => number,
  out: Uint16Array = new Uint16Array(values.length),
): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) {
    const rounded = random === undefined ? roundBf16Bits(words[i]!) : roundBf16BitsStochastic(words[i]!, random());
    out[i] = canonicaliseBf16(rounded);
  }
  return out;
}
