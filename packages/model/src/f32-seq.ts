// The scalar operations of F32-SEQ (spec/evaluation.md EVAL-1 to EVAL-5, EVAL-10): one rounding per operation, one order, the same bits everywhere.
// In ECMAScript `Math.fround(a op b)` of binary32 operands is the correctly rounded binary32 result for + - * / and sqrt, because binary64 has more than
// 2 x 24 + 2 significand bits (Figueroa 1995). Engine-defined functions (Math.exp, Math.log) never appear here.

const f = Math.fround;

/** Stored values below this magnitude become +0 (EVAL-2). */
export const FLUSH_BELOW: number = 2 ** -40;

/** Upper bound of one target's quantised loss, 64 nats (EVAL-10). */
export const MAX_TARGET_LOSS: number = 2 ** 22;

/** F(v) of EVAL-2: +0 for every |v| < 2^-40 (so never -0), else v. NaN and infinities pass through. */
export function flush(v: number): number {
  return v < FLUSH_BELOW && v > -FLUSH_BELOW ? 0 : v;
}

// biome-ignore lint/suspicious/noApproximativeNumericConstant: the digits of EVAL-4, not of the machine's constant.
const LOG2_E = f(1.44269504);
/** 1.5 * 2^23: adding and subtracting it rounds to the nearest integer, ties to even. */
const ROUND_MAGIC = 12582912;
const LN2_HIGH = f(0.693359375);
const LN2_LOW = f(-2.1219444e-4);
const EXP_LEADING = f(1.98756915e-4);
const EXP_COEFFICIENTS = [
  f(1.3981999507e-3),
  f(8.3334519073e-3),
  f(4.1665795894e-2),
  f(1.6666665459e-1),
  f(5.0000001201e-1),
] as const;
const [EXP_1, EXP_2, EXP_3, EXP_4, EXP_5] = EXP_COEFFICIENTS;

/** 2^n for n = -127..127 at index n + 127, from the bits (n + 127) << 23. Index 0 is never used: exp32 clamps before. */
const POWERS_OF_TWO = new Float32Array(Uint32Array.from({ length: 255 }, (_, i) => i << 23).buffer);

/** exp(x) in binary32 (EVAL-4, Cephes expf); relative error below 8e-8 on [-87, 88], clamped outside. */
export function exp32(x: number): number {
  let v = x;
  if (v < -87) v = -87;
  if (v > 88) v = 88;
  const n = f(f(f(v * LOG2_E) + ROUND_MAGIC) - ROUND_MAGIC);
  let r = f(v - f(n * LN2_HIGH));
  r = f(r - f(n * LN2_LOW));
  let y = EXP_LEADING;
  y = f(f(y * r) + EXP_1);
  y = f(f(y * r) + EXP_2);
  y = f(f(y * r) + EXP_3);
  y = f(f(y * r) + EXP_4);
  y = f(f(y * r) + EXP_5);
  y = f(f(y * f(r * r)) + r);
  y = f(y + 1);
  // n is -126..127 for every finite v; a NaN has no table entry and stays NaN.
  return flush(f(y * (POWERS_OF_TWO[n + 127] ?? Number.NaN)));
}

/** 1 / (1 + exp(-x)), EVAL-4. */
export function sigmoid(x: number): number {
  return flush(f(1 / f(1 + exp32(-x))));
}

/** x sigmoid(x), EVAL-4. */
export function silu(x: number): number {
  return flush(f(x * sigmoid(x)));
}

/** Sum in 16 lanes, index mod 16, then the fixed tree 8, 4, 2, 1 (EVAL-5). */
export function reduce16(values: Float32Array): number {
  const lanes = new Float32Array(16);
  for (let i = 0; i < values.length; i++) {
    // f32 stores round: lanes[] = a + b is fl(a + b).
    lanes[i & 15] = lanes[i & 15]! + values[i]!;
  }
  for (let s = 8; s >= 1; s >>= 1) {
    for (let j = 0; j < s; j++) lanes[j] = lanes[j]! + lanes[j + s]!;
  }
  return lanes[0]!;
}

/**
 * RMSNorm with the constant divisor of the base width (EVAL-5): out[i] = F(fl(fl(x[i] r) gain[i])).
 * Returns the sum of squares q, which must be finite (EVAL-3): the caller checks it.
 */
export function rmsnorm(x: Float32Array, gain: Float32Array, baseWidth: number, out: Float32Array): number {
  const q = reduce16(x.map((v) => f(v * v)));
  const r = f(1 / f(Math.sqrt(f(f(q * f(1 / baseWidth)) + f(1e-6)))));
  for (let i = 0; i < x.length; i++) out[i] = flush(f(f(x[i]! * r) * gain[i]!));
  return q;
}

// The constants of EVAL-10 in the shortest decimals of the same binary64.
const LN2_HIGH_64 = 0.6931471803691238;
const LN2_LOW_64 = 1.9082149292705877e-10;
const LG1 = 0.6666666666666735;
const LG2 = 0.3999999999940942;
const LG3 = 0.2857142874366239;
const LG4 = 0.22222198432149784;
const LG5 = 0.1818357216161805;
const LG6 = 0.15313837699209373;
const LG7 = 0.14798198605116586;
// biome-ignore lint/suspicious/noApproximativeNumericConstant: the digits of EVAL-10, not of the machine's constant.
const SQRT_2 = 1.4142135623730951;

/**
 * Natural logarithm in binary64 from basic operations in one order (EVAL-10; the polynomial of fdlibm, Sun Microsystems 1993).
 * Defined for positive normal x; error below 1 unit in the last place.
 */
export function log64(x: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const high = view.getUint32(0);
  let k = ((high >>> 20) & 0x7ff) - 1023;
  view.setUint32(0, (high & 0x000fffff) | 0x3ff00000);
  let significand = view.getFloat64(0);
  if (significand >= SQRT_2) {
    significand *= 0.5;
    k += 1;
  }
  const fr = significand - 1;
  const s = fr / (2 + fr);
  const z = s * s;
  const w = z * z;
  const t1 = w * (LG2 + w * (LG4 + w * LG6));
  const t2 = z * (LG1 + w * (LG3 + w * (LG5 + w * LG7)));
  const r = t2 + t1;
  const hfsq = 0.5 * fr * fr;
  return k * LN2_HIGH_64 - (hfsq - (s * (hfsq + r) + k * LN2_LOW_64) - fr);
}

/**
 * The quantised loss of one target, in units of 2^-16 nats (EVAL-10).
 * `sum` = reduce16 of exp32(logit - max) over the vocabulary; all three are binary32 values.
 */
export function targetLoss(sum: number, max: number, targetLogit: number): number {
  const nll = log64(sum) + (max - targetLogit);
  if (nll < 0) return 0;
  return Math.min(MAX_TARGET_LOSS, Math.floor(nll * 65536 + 0.5));
}
