// Four-lane exp, sigmoid and SiLU for training. Relative error of exp about 1e-7; NaN in gives NaN out (pmin and pmax keep a NaN first argument).

/** a * b + c, fused where the machine can: inexact by design. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.relaxed_madd(a, b, c);
}

/**
 * e^x for x clamped to [-87, 88]. x = (n + r) ln 2 with integer n and |r| <= 1/2; 2^r by a minimax polynomial of degree 5 (relative error 7.5e-8);
 * adding 1.5 * 2^23 rounds x / ln 2 to n and leaves n in the low bits, which are then added to the exponent.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const magic = f32x4.splat(12582912.0);
  const log2e = f32x4.splat(1.4426950408889634);
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(88.0)), f32x4.splat(-87.0));
  const shifted = madd(x, log2e, magic);
  const r = madd(x, log2e, f32x4.sub(magic, shifted));
  let p = madd(f32x4.splat(0.0013276471781528167), r, f32x4.splat(0.009675541332760482));
  p = madd(p, r, f32x4.splat(0.05550713274150482));
  p = madd(p, r, f32x4.splat(0.2402211972388199));
  p = madd(p, r, f32x4.splat(0.6931469670643607));
  p = madd(p, r, f32x4.splat(1.000000071654672));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** 1 / (1 + e^-x) */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1.0);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** Slope of SiLU at a, where s = sigmoid(a): s (1 + a (1 - s)). */
// @ts-ignore: decorator
@inline
export function siluSlope4(a: v128, s: v128): v128 {
  const one = f32x4.splat(1.0);
  return f32x4.mul(s, madd(a, f32x4.sub(one, s), one));
}

/** Sum of the four lanes. */
// @ts-ignore: decorator
@inline
export function sum4(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}
