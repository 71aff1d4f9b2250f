import { madd } from './fast-math';

/**
 * The register tile is 6 x 16. V8 joins neighbouring pairs of 128-bit operations into 256-bit ones on x64 (src/wasm/load-module.ts): the 24 accumulators are then 12
 * registers, and 2 of B and 1 of A fill the 15 that V8 leaves free. ARM64 has 32 registers of 128 bits: 24 + 4 + 1. On an x64 without such pairs a tile of 6 x 8,
 * again 12 + 2 + 1 registers, is faster; it also does a last half panel. Both add in the same order, so the choice changes no bit.
 */
export const TILE_ROWS: i32 = 6;
export const PANEL_COLUMNS: i32 = 16;

/** Writes eight results of one row: C = acc + beta * addend + bias. */
// @ts-ignore: decorator
@inline
function emit(c: usize, addend: usize, beta: v128, bias: usize, left: v128, right: v128): void {
  if (addend) {
    left = madd(beta, v128.load(addend), left);
    right = madd(beta, v128.load(addend, 16), right);
  }
  if (bias) {
    left = f32x4.add(left, v128.load(bias));
    right = f32x4.add(right, v128.load(bias, 16));
  }
  v128.store(c, left);
  v128.store(c, right, 16);
}

/**
 * One tile C[rows <= 6][8] = A[rows][depth] B[depth][8] (+ beta * addend + bias).
 * a: element (i, k) lies at a + i * rowStride + k * depthStride, in bytes. b: half of a packed panel, 64 bytes between one k and the next. addend, bias:
 * addresses or 0. With fewer than six rows the missing ones repeat the last, and are not written.
 */
export function tile6x8(
  a: usize, rowStride: usize, depthStride: usize, rows: i32, b: usize, depth: i32,
  c: usize, ldc: usize, addend: usize, beta: f32, bias: usize,
): void {
  const o1: usize = rows > 1 ? rowStride : 0;
  const o2: usize = rows > 2 ? o1 + rowStride : o1;
  const o3: usize = rows > 3 ? o2 + rowStride : o2;
  const o4: usize = rows > 4 ? o3 + rowStride : o3;
  const o5: usize = rows > 5 ? o4 + rowStride : o4;
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0);
  for (const end = b + (<usize>depth << 6); b < end; b += 64) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let t = v128.load_splat<f32>(a);
    c00 = madd(t, b0, c00);
    c01 = madd(t, b1, c01);
    t = v128.load_splat<f32>(a + o1);
    c10 = madd(t, b0, c10);
    c11 = madd(t, b1, c11);
    t = v128.load_splat<f32>(a + o2);
    c20 = madd(t, b0, c20);
    c21 = madd(t, b1, c21);
    t = v128.load_splat<f32>(a + o3);
    c30 = madd(t, b0, c30);
    c31 = madd(t, b1, c31);
    t = v128.load_splat<f32>(a + o4);
    c40 = madd(t, b0, c40);
    c41 = madd(t, b1, c41);
    t = v128.load_splat<f32>(a + o5);
    c50 = madd(t, b0, c50);
    c51 = madd(t, b1, c51);
    a += depthStride;
  }
  const scale = f32x4.splat(beta);
  const step: usize = addend ? ldc : 0;
  emit(c, addend, scale, bias, c00, c01);
  if (rows < 2) return;
  c += ldc;
  addend += step;
  emit(c, addend, scale, bias, c10, c11);
  if (rows < 3) return;
  c += ldc;
  addend += step;
  emit(c, addend, scale, bias, c20, c21);
  if (rows < 4) return;
  c += ldc;
  addend += step;
  emit(c, addend, scale, bias, c30, c31);
  if (rows < 5) return;
  c += ldc;
  addend += step;
  emit(c, addend, scale, bias, c40, c41);
  if (rows < 6) return;
  c += ldc;
  addend += step;
  emit(c, addend, scale, bias, c50, c51);
}

/** The same with sixteen columns. */
export function tile6x16(
  a: usize, rowStride: usize, depthStride: usize, rows: i32, b: usize, depth: i32,
  c: usize, ldc: usize, addend: usize, beta: f32, bias: usize,
): void {
  const o1: usize = rows > 1 ? rowStride : 0;
  const o2: usize = rows > 2 ? o1 + rowStride : o1;
  const o3: usize = rows > 3 ? o2 + rowStride : o2;
  const o4: usize = rows > 4 ? o3 + rowStride : o3;
  const o5: usize = rows > 5 ? o4 + rowStride : o4;
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c02 = f32x4.splat(0), c03 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0), c12 = f32x4.splat(0), c13 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c22 = f32x4.splat(0), c23 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0), c32 = f32x4.splat(0), c33 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0), c42 = f32x4.splat(0), c43 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0), c52 = f32x4.splat(0), c53 = f32x4.splat(0);
  for (const end = b + (<usize>depth << 6); b < end; b += 64) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    let t = v128.load_splat<f32>(a);
    c00 = madd(t, b0, c00);
    c01 = madd(t, b1, c01);
    c02 = madd(t, b2, c02);
    c03 = madd(t, b3, c03);
    t = v128.load_splat<f32>(a + o1);
    c10 = madd(t, b0, c10);
    c11 = madd(t, b1, c11);
    c12 = madd(t, b2, c12);
    c13 = madd(t, b3, c13);
    t = v128.load_splat<f32>(a + o2);
    c20 = madd(t, b0, c20);
    c21 = madd(t, b1, c21);
    c22 = madd(t, b2, c22);
    c23 = madd(t, b3, c23);
    t = v128.load_splat<f32>(a + o3);
    c30 = madd(t, b0, c30);
    c31 = madd(t, b1, c31);
    c32 = madd(t, b2, c32);
    c33 = madd(t, b3, c33);
    t = v128.load_splat<f32>(a + o4);
    c40 = madd(t, b0, c40);
    c41 = madd(t, b1, c41);
    c42 = madd(t, b2, c42);
    c43 = madd(t, b3, c43);
    t = v128.load_splat<f32>(a + o5);
    c50 = madd(t, b0, c50);
    c51 = madd(t, b1, c51);
    c52 = madd(t, b2, c52);
    c53 = madd(t, b3, c53);
    a += depthStride;
  }
  const scale = f32x4.splat(beta);
  const step: usize = addend ? ldc : 0;
  emit(c, addend, scale, bias, c00, c01);
  emit(c + 32, addend ? addend + 32 : 0, scale, bias ? bias + 32 : 0, c02, c03);
  if (rows < 2) return;
  c += ldc;
  addend += step;
  emit(c, addend, scale, bias, c10, c11);
  emit(c + 32, addend ? addend + 32 : 0, scale, bias ? bias + 32 : 0, c12, c13);
  if (rows < 3) return;
  c += ldc;
  addend += step;
  emit(c, addend, scale, bias, c20, c21);
  emit(c + 32, addend ? addend + 32 : 0, scale, bias ? bias + 32 : 0, c22, c23);
  if (rows < 4) return;
  c += ldc;
  addend += step;
  emit(c, addend, scale, bias, c30, c31);
  emit(c + 32, addend ? addend + 32 : 0, scale, bias ? bias + 32 : 0, c32, c33);
  if (rows < 5) return;
  c += ldc;
  addend += step;
  emit(c, addend, scale, bias, c40, c41);
  emit(c + 32, addend ? addend + 32 : 0, scale, bias ? bias + 32 : 0, c42, c43);
  if (rows < 6) return;
  c += ldc;
  addend += step;
  emit(c, addend, scale, bias, c50, c51);
  emit(c + 32, addend ? addend + 32 : 0, scale, bias ? bias + 32 : 0, c52, c53);
}
