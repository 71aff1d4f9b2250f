// The scalar operations of F32-SEQ (spec/evaluation.md EVAL-2 to EVAL-4), four lanes at a time. Multiplication and addition are separate instructions.

// @ts-ignore: decorator
@inline
export function splat(v: f32): v128 {
  return f32x4.splat(v);
}

/** F(v) of EVAL-2: +0 where |v| < 2^-40. NaN and infinities pass. */
// @ts-ignore: decorator
@inline
export function flush(v: v128): v128 {
  return v128.andnot(v, f32x4.lt(f32x4.abs(v), splat(9.094947017729282e-13)));
}

/**
 * Keeps the largest magnitude's bits seen in each lane: a NaN or an infinity is an unsigned integer >= 0x7f800000, above every finite number. So one
 * instruction per stored value tests EVAL-3, and the test is sticky.
 */
// @ts-ignore: decorator
@inline
export function worse(worst: v128, v: v128): v128 {
  return i32x4.max_u(worst, f32x4.abs(v));
}

/** Whether a lane of `worse` is NaN or infinite. */
export function isNonFinite(worst: v128): bool {
  return v128.any_true(i32x4.ge_u(worst, i32x4.splat(0x7f800000)));
}

/** exp32 of EVAL-4. `pmax(a, b)` is `a < b ? b : a`, `pmin(a, b)` is `b < a ? b : a`: the clamps of the rule, and one instruction on x86. */
// @ts-ignore: decorator
@inline
export function exp32(x: v128): v128 {
  const v = f32x4.pmin(f32x4.pmax(x, splat(-87)), splat(88));
  const shifted = f32x4.add(f32x4.mul(v, splat(1.44269504)), splat(12582912));
  const n = f32x4.sub(shifted, splat(12582912));
  let r = f32x4.sub(v, f32x4.mul(n, splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, splat(-2.12194440e-4)));
  let y = splat(1.9875691500e-4);
  y = f32x4.add(f32x4.mul(y, r), splat(1.3981999507e-3));
  y = f32x4.add(f32x4.mul(y, r), splat(8.3334519073e-3));
  y = f32x4.add(f32x4.mul(y, r), splat(4.1665795894e-2));
  y = f32x4.add(f32x4.mul(y, r), splat(1.6666665459e-1));
  y = f32x4.add(f32x4.mul(y, r), splat(5.0000001201e-1));
  y = f32x4.add(f32x4.mul(y, f32x4.mul(r, r)), r);
  y = f32x4.add(y, splat(1));
  // The low bits of `shifted` hold n: (bits + 127) << 23 is the bit pattern of 2^n.
  return flush(f32x4.mul(y, i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23)));
}

/** sigmoid of EVAL-4. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  return flush(f32x4.div(splat(1), f32x4.add(splat(1), exp32(f32x4.neg(x)))));
}

/** silu of EVAL-4. */
// @ts-ignore: decorator
@inline
export function silu(x: v128): v128 {
  return flush(f32x4.mul(x, sigmoid(x)));
}

/** The last steps of reduce16 (EVAL-5): lanes 0-3, 4-7, 8-11 and 12-15 folded by 8, 4, 2, 1. */
// @ts-ignore: decorator
@inline
export function foldLanes(a: v128, b: v128, c: v128, d: v128): f32 {
  let sum = f32x4.add(f32x4.add(a, c), f32x4.add(b, d));
  sum = f32x4.add(sum, i32x4.shuffle(sum, sum, 2, 3, 0, 1));
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1);
}
