// exp, sigmoid and SiLU for training, four lanes at a time. Relative error of exp about 1e-7; NaN in gives NaN out (pmin and pmax keep a NaN first argument).
//
// Loops over elements take two neighbouring vectors at a time and load both before they store either (constants are loads, too): V8 then joins the pair into 256-bit instructions on x64
// (src/wasm/load-module.ts). Constants come from memory because V8 builds a literal vector anew at each use, in three instructions: measured, a sigmoid costs
// 0.86 ns with single vectors and literals, 0.30 ns in pairs, 0.19 ns in pairs with constants from memory.

/** The upper half of the first page, which the control block (common/control.ts) leaves free, holds the constants. `prepare` writes them. */
const CONSTANTS: usize = 32768;
const HIGHEST: usize = CONSTANTS;
const LOWEST: usize = CONSTANTS + 4;
const LOG2_E: usize = CONSTANTS + 8;
const MAGIC: usize = CONSTANTS + 12;
const POLYNOMIAL: usize = CONSTANTS + 16;
const ONE: usize = CONSTANTS + 40;
const MINUS_LOG2_E: usize = CONSTANTS + 44;
const HALF: usize = CONSTANTS + 48;

/** Whether products take the tile of 8 columns where one of 16 would do (gemm-tile.ts). */
export const NARROW: usize = CONSTANTS + 64;

/** Op. args, itself, not an address: 1 to take narrow tiles, else 0. Writes the constants; run once, on one thread, before any program. */
export function prepare(thread: i32, threads: i32, args: usize): void {
  store<i32>(NARROW, <i32>args);
  store<f32>(HIGHEST, 60);
  store<f32>(LOWEST, -60);
  store<f32>(LOG2_E, 1.4426950408889634);
  store<f32>(MINUS_LOG2_E, -1.4426950408889634);
  // 1.5 * 2^23: adding it rounds to an integer, which then stands in the low bits.
  store<f32>(MAGIC, 12582912.0);
  // 2^r for |r| <= 1/2, minimax of the relative error, 7.5e-8.
  store<f32>(POLYNOMIAL, 0.0013276471781528167);
  store<f32>(POLYNOMIAL, 0.009675541332760482, 4);
  store<f32>(POLYNOMIAL, 0.05550713274150482, 8);
  store<f32>(POLYNOMIAL, 0.2402211972388199, 12);
  store<f32>(POLYNOMIAL, 0.6931469670643607, 16);
  store<f32>(POLYNOMIAL, 1.000000071654672, 20);
  store<f32>(ONE, 1);
  store<f32>(HALF, 0.5);
}

/** a * b + c, fused where the machine can: inexact by design. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.relaxed_madd(a, b, c);
}

/** 1 in every lane. */
// @ts-ignore: decorator
@inline
export function one4(): v128 {
  return v128.load_splat<f32>(ONE);
}

/** 1/2 in every lane. */
// @ts-ignore: decorator
@inline
export function half4(): v128 {
  return v128.load_splat<f32>(HALF);
}

/**
 * e^x or, with the factor -log2(e), e^-x, for x clamped to [-60, 60], beyond which nothing here can tell the result from 0 and
 * products with it would be subnormal, which is slow. x log2(e) = n + r, 2^r by the polynomial, n added to the exponent.
 */
// @ts-ignore: decorator
@inline
function power4(x: v128, factor: usize): v128 {
  x = f32x4.pmax(f32x4.pmin(x, v128.load_splat<f32>(HIGHEST)), v128.load_splat<f32>(LOWEST));
  const shifted = madd(x, v128.load_splat<f32>(factor), v128.load_splat<f32>(MAGIC));
  const r = madd(x, v128.load_splat<f32>(factor), f32x4.sub(v128.load_splat<f32>(MAGIC), shifted));
  let p = madd(v128.load_splat<f32>(POLYNOMIAL), r, v128.load_splat<f32>(POLYNOMIAL, 4));
  p = madd(p, r, v128.load_splat<f32>(POLYNOMIAL, 8));
  p = madd(p, r, v128.load_splat<f32>(POLYNOMIAL, 12));
  p = madd(p, r, v128.load_splat<f32>(POLYNOMIAL, 16));
  p = madd(p, r, v128.load_splat<f32>(POLYNOMIAL, 20));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** e^x */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  return power4(x, LOG2_E);
}

/** 1 / (1 + e^-x) */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  return f32x4.div(one4(), f32x4.add(one4(), power4(x, MINUS_LOG2_E)));
}

/** Slope of SiLU at a, where s = sigmoid(a): s (1 + a (1 - s)). */
// @ts-ignore: decorator
@inline
export function siluSlope4(a: v128, s: v128): v128 {
  return f32x4.mul(s, madd(a, f32x4.sub(one4(), s), one4()));
}

/** Sum of the four lanes. */
// @ts-ignore: decorator
@inline
export function sum4(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}
