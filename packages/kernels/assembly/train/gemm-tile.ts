import { madd } from './fast-math';

/** Rows and columns of the register tile: 12 accumulators, 2 of B and 1 of A fill the 15 vector registers that V8 leaves free on x64. */
export const TILE_ROWS: i32 = 6;
export const PANEL_COLUMNS: i32 = 8;

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
 * a: element (i, k) lies at a + i * rowStride + k * depthStride, in bytes. b: packed, 32 bytes per k. addend, bias: addresses or 0.
 * With fewer than six rows the missing ones repeat the last, and are not written.
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
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0), c50 = f32x4.splat(0), c51 = f32x4.splat(0);
  for (const end = b + (<usize>depth << 5); b < end; b += 32) {
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
  emit(c + ldc, addend + step, scale, bias, c50, c51);
}
