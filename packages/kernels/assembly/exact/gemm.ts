// Linear maps (EVAL-6): for every output, k ascending, one multiplication and one addition each, never fused. Vectorised over outputs, so the order within an
// output is that of the rule.
//
// A matrix [K, N] is stored as groups of 32 columns, [ceil(N / 32)][K][32] BF16, columns beyond N zero: one stream of memory, whichever way it is read (four streams
// ran at a quarter of the speed of one in decoding). A panel is 8 columns of a group; it is widened to f32 once and then serves all rows.
// The pairs of adjacent vectors (lo, hi) let V8 join them into 256-bit instructions where the machine has these (load-kernels.ts).

/** Bytes from one row of a group to the next. */
export const GROUP_ROW: usize = 64;

/** Address of the first row of panel `index` of a matrix of K rows. */
// @ts-ignore: decorator
@inline
export function panelAt(panels: usize, index: i32, k: i32): usize {
  return panels + <usize>(index >> 2) * <usize>k * GROUP_ROW + (<usize>(index & 3) << 4);
}

/** Widens a panel of BF16 [k, 8] to f32 [k, 8]: the bits move up by 16, which is exact. */
export function widenPanel(panel: usize, k: i32, to: usize): void {
  for (let end = to + (<usize>k << 5); to < end; to += 32) {
    const bits = v128.load(panel);
    v128.store(to, i32x4.shl(i32x4.extend_low_i16x8_u(bits), 16));
    v128.store(to, i32x4.shl(i32x4.extend_high_i16x8_u(bits), 16), 16);
    panel += GROUP_ROW;
  }
}

/** out [rows, 8] = bias + x [rows, k] (rows `stride` bytes apart) times a widened panel [k, 8]. The sums are not yet flushed. */
export function multiplyPanel(x: usize, stride: usize, rows: i32, panel: usize, k: i32, bias: usize, out: usize): void {
  for (; rows >= 6; rows -= 6) {
    tile6(x, stride, panel, k, bias, out);
    x += stride * 6;
    out += 192;
  }
  if (rows >= 4) {
    tile4(x, stride, panel, k, bias, out);
    x += stride * 4;
    out += 128;
    rows -= 4;
  }
  if (rows >= 2) {
    tile2(x, stride, panel, k, bias, out);
    x += stride * 2;
    out += 64;
    rows -= 2;
  }
  if (rows == 1) tile1(x, stride, panel, k, bias, out);
}

/** Six rows times one panel: the register tile. Twelve sums, two weights and one input fill the sixteen registers of x86. Two steps of k per turn
 * measured best. */
function tile6(x: usize, stride: usize, panel: usize, k: i32, bias: usize, out: usize): void {
  let x1 = x + stride;
  let x2 = x1 + stride;
  let x3 = x2 + stride;
  let x4 = x3 + stride;
  let x5 = x4 + stride;
  const lo = v128.load(bias);
  const hi = v128.load(bias, 16);
  let lo0 = lo;
  let hi0 = hi;
  let lo1 = lo;
  let hi1 = hi;
  let lo2 = lo;
  let hi2 = hi;
  let lo3 = lo;
  let hi3 = hi;
  let lo4 = lo;
  let hi4 = hi;
  let lo5 = lo;
  let hi5 = hi;
  for (; k >= 2; k -= 2) {
    const wl0 = v128.load(panel, 0);
    const wh0 = v128.load(panel, 16);
    const v00 = v128.load_splat<f32>(x, 0);
    lo0 = f32x4.add(lo0, f32x4.mul(v00, wl0));
    hi0 = f32x4.add(hi0, f32x4.mul(v00, wh0));
    const v01 = v128.load_splat<f32>(x1, 0);
    lo1 = f32x4.add(lo1, f32x4.mul(v01, wl0));
    hi1 = f32x4.add(hi1, f32x4.mul(v01, wh0));
    const v02 = v128.load_splat<f32>(x2, 0);
    lo2 = f32x4.add(lo2, f32x4.mul(v02, wl0));
    hi2 = f32x4.add(hi2, f32x4.mul(v02, wh0));
    const v03 = v128.load_splat<f32>(x3, 0);
    lo3 = f32x4.add(lo3, f32x4.mul(v03, wl0));
    hi3 = f32x4.add(hi3, f32x4.mul(v03, wh0));
    const v04 = v128.load_splat<f32>(x4, 0);
    lo4 = f32x4.add(lo4, f32x4.mul(v04, wl0));
    hi4 = f32x4.add(hi4, f32x4.mul(v04, wh0));
    const v05 = v128.load_splat<f32>(x5, 0);
    lo5 = f32x4.add(lo5, f32x4.mul(v05, wl0));
    hi5 = f32x4.add(hi5, f32x4.mul(v05, wh0));
    const wl1 = v128.load(panel, 32);
    const wh1 = v128.load(panel, 48);
    const v10 = v128.load_splat<f32>(x, 4);
    lo0 = f32x4.add(lo0, f32x4.mul(v10, wl1));
    hi0 = f32x4.add(hi0, f32x4.mul(v10, wh1));
    const v11 = v128.load_splat<f32>(x1, 4);
    lo1 = f32x4.add(lo1, f32x4.mul(v11, wl1));
    hi1 = f32x4.add(hi1, f32x4.mul(v11, wh1));
    const v12 = v128.load_splat<f32>(x2, 4);
    lo2 = f32x4.add(lo2, f32x4.mul(v12, wl1));
    hi2 = f32x4.add(hi2, f32x4.mul(v12, wh1));
    const v13 = v128.load_splat<f32>(x3, 4);
    lo3 = f32x4.add(lo3, f32x4.mul(v13, wl1));
    hi3 = f32x4.add(hi3, f32x4.mul(v13, wh1));
    const v14 = v128.load_splat<f32>(x4, 4);
    lo4 = f32x4.add(lo4, f32x4.mul(v14, wl1));
    hi4 = f32x4.add(hi4, f32x4.mul(v14, wh1));
    const v15 = v128.load_splat<f32>(x5, 4);
    lo5 = f32x4.add(lo5, f32x4.mul(v15, wl1));
    hi5 = f32x4.add(hi5, f32x4.mul(v15, wh1));
    x += 8;
    x1 += 8;
    x2 += 8;
    x3 += 8;
    x4 += 8;
    x5 += 8;
    panel += 64;
  }
  if (k == 1) {
    const wl0 = v128.load(panel, 0);
    const wh0 = v128.load(panel, 16);
    const v00 = v128.load_splat<f32>(x, 0);
    lo0 = f32x4.add(lo0, f32x4.mul(v00, wl0));
    hi0 = f32x4.add(hi0, f32x4.mul(v00, wh0));
    const v01 = v128.load_splat<f32>(x1, 0);
    lo1 = f32x4.add(lo1, f32x4.mul(v01, wl0));
    hi1 = f32x4.add(hi1, f32x4.mul(v01, wh0));
    const v02 = v128.load_splat<f32>(x2, 0);
    lo2 = f32x4.add(lo2, f32x4.mul(v02, wl0));
    hi2 = f32x4.add(hi2, f32x4.mul(v02, wh0));
    const v03 = v128.load_splat<f32>(x3, 0);
    lo3 = f32x4.add(lo3, f32x4.mul(v03, wl0));
    hi3 = f32x4.add(hi3, f32x4.mul(v03, wh0));
    const v04 = v128.load_splat<f32>(x4, 0);
    lo4 = f32x4.add(lo4, f32x4.mul(v04, wl0));
    hi4 = f32x4.add(hi4, f32x4.mul(v04, wh0));
    const v05 = v128.load_splat<f32>(x5, 0);
    lo5 = f32x4.add(lo5, f32x4.mul(v05, wl0));
    hi5 = f32x4.add(hi5, f32x4.mul(v05, wh0));
  }
  v128.store(out, lo0, 0);
  v128.store(out, hi0, 16);
  v128.store(out, lo1, 32);
  v128.store(out, hi1, 48);
  v128.store(out, lo2, 64);
  v128.store(out, hi2, 80);
  v128.store(out, lo3, 96);
  v128.store(out, hi3, 112);
  v128.store(out, lo4, 128);
  v128.store(out, hi4, 144);
  v128.store(out, lo5, 160);
  v128.store(out, hi5, 176);
}

/** As tile6, four rows. */
function tile4(x: usize, stride: usize, panel: usize, k: i32, bias: usize, out: usize): void {
  let x1 = x + stride;
  let x2 = x1 + stride;
  let x3 = x2 + stride;
  const lo = v128.load(bias);
  const hi = v128.load(bias, 16);
  let lo0 = lo;
  let hi0 = hi;
  let lo1 = lo;
  let hi1 = hi;
  let lo2 = lo;
  let hi2 = hi;
  let lo3 = lo;
  let hi3 = hi;
  for (; k >= 2; k -= 2) {
    const wl0 = v128.load(panel, 0);
    const wh0 = v128.load(panel, 16);
    const v00 = v128.load_splat<f32>(x, 0);
    lo0 = f32x4.add(lo0, f32x4.mul(v00, wl0));
    hi0 = f32x4.add(hi0, f32x4.mul(v00, wh0));
    const v01 = v128.load_splat<f32>(x1, 0);
    lo1 = f32x4.add(lo1, f32x4.mul(v01, wl0));
    hi1 = f32x4.add(hi1, f32x4.mul(v01, wh0));
    const v02 = v128.load_splat<f32>(x2, 0);
    lo2 = f32x4.add(lo2, f32x4.mul(v02, wl0));
    hi2 = f32x4.add(hi2, f32x4.mul(v02, wh0));
    const v03 = v128.load_splat<f32>(x3, 0);
    lo3 = f32x4.add(lo3, f32x4.mul(v03, wl0));
    hi3 = f32x4.add(hi3, f32x4.mul(v03, wh0));
    const wl1 = v128.load(panel, 32);
    const wh1 = v128.load(panel, 48);
    const v10 = v128.load_splat<f32>(x, 4);
    lo0 = f32x4.add(lo0, f32x4.mul(v10, wl1));
    hi0 = f32x4.add(hi0, f32x4.mul(v10, wh1));
    const v11 = v128.load_splat<f32>(x1, 4);
    lo1 = f32x4.add(lo1, f32x4.mul(v11, wl1));
    hi1 = f32x4.add(hi1, f32x4.mul(v11, wh1));
    const v12 = v128.load_splat<f32>(x2, 4);
    lo2 = f32x4.add(lo2, f32x4.mul(v12, wl1));
    hi2 = f32x4.add(hi2, f32x4.mul(v12, wh1));
    const v13 = v128.load_splat<f32>(x3, 4);
    lo3 = f32x4.add(lo3, f32x4.mul(v13, wl1));
    hi3 = f32x4.add(hi3, f32x4.mul(v13, wh1));
    x += 8;
    x1 += 8;
    x2 += 8;
    x3 += 8;
    panel += 64;
  }
  if (k == 1) {
    const wl0 = v128.load(panel, 0);
    const wh0 = v128.load(panel, 16);
    const v00 = v128.load_splat<f32>(x, 0);
    lo0 = f32x4.add(lo0, f32x4.mul(v00, wl0));
    hi0 = f32x4.add(hi0, f32x4.mul(v00, wh0));
    const v01 = v128.load_splat<f32>(x1, 0);
    lo1 = f32x4.add(lo1, f32x4.mul(v01, wl0));
    hi1 = f32x4.add(hi1, f32x4.mul(v01, wh0));
    const v02 = v128.load_splat<f32>(x2, 0);
    lo2 = f32x4.add(lo2, f32x4.mul(v02, wl0));
    hi2 = f32x4.add(hi2, f32x4.mul(v02, wh0));
    const v03 = v128.load_splat<f32>(x3, 0);
    lo3 = f32x4.add(lo3, f32x4.mul(v03, wl0));
    hi3 = f32x4.add(hi3, f32x4.mul(v03, wh0));
  }
  v128.store(out, lo0, 0);
  v128.store(out, hi0, 16);
  v128.store(out, lo1, 32);
  v128.store(out, hi1, 48);
  v128.store(out, lo2, 64);
  v128.store(out, hi2, 80);
  v128.store(out, lo3, 96);
  v128.store(out, hi3, 112);
}

/** As tile6, two rows. */
function tile2(x: usize, stride: usize, panel: usize, k: i32, bias: usize, out: usize): void {
  let x1 = x + stride;
  const lo = v128.load(bias);
  const hi = v128.load(bias, 16);
  let lo0 = lo;
  let hi0 = hi;
  let lo1 = lo;
  let hi1 = hi;
  for (; k >= 2; k -= 2) {
    const wl0 = v128.load(panel, 0);
    const wh0 = v128.load(panel, 16);
    const v00 = v128.load_splat<f32>(x, 0);
    lo0 = f32x4.add(lo0, f32x4.mul(v00, wl0));
    hi0 = f32x4.add(hi0, f32x4.mul(v00, wh0));
    const v01 = v128.load_splat<f32>(x1, 0);
    lo1 = f32x4.add(lo1, f32x4.mul(v01, wl0));
    hi1 = f32x4.add(hi1, f32x4.mul(v01, wh0));
    const wl1 = v128.load(panel, 32);
    const wh1 = v128.load(panel, 48);
    const v10 = v128.load_splat<f32>(x, 4);
    lo0 = f32x4.add(lo0, f32x4.mul(v10, wl1));
    hi0 = f32x4.add(hi0, f32x4.mul(v10, wh1));
    const v11 = v128.load_splat<f32>(x1, 4);
    lo1 = f32x4.add(lo1, f32x4.mul(v11, wl1));
    hi1 = f32x4.add(hi1, f32x4.mul(v11, wh1));
    x += 8;
    x1 += 8;
    panel += 64;
  }
  if (k == 1) {
    const wl0 = v128.load(panel, 0);
    const wh0 = v128.load(panel, 16);
    const v00 = v128.load_splat<f32>(x, 0);
    lo0 = f32x4.add(lo0, f32x4.mul(v00, wl0));
    hi0 = f32x4.add(hi0, f32x4.mul(v00, wh0));
    const v01 = v128.load_splat<f32>(x1, 0);
    lo1 = f32x4.add(lo1, f32x4.mul(v01, wl0));
    hi1 = f32x4.add(hi1, f32x4.mul(v01, wh0));
  }
  v128.store(out, lo0, 0);
  v128.store(out, hi0, 16);
  v128.store(out, lo1, 32);
  v128.store(out, hi1, 48);
}

/** As tile6, one row. */
function tile1(x: usize, stride: usize, panel: usize, k: i32, bias: usize, out: usize): void {
  const lo = v128.load(bias);
  const hi = v128.load(bias, 16);
  let lo0 = lo;
  let hi0 = hi;
  for (; k >= 2; k -= 2) {
    const wl0 = v128.load(panel, 0);
    const wh0 = v128.load(panel, 16);
    const v00 = v128.load_splat<f32>(x, 0);
    lo0 = f32x4.add(lo0, f32x4.mul(v00, wl0));
    hi0 = f32x4.add(hi0, f32x4.mul(v00, wh0));
    const wl1 = v128.load(panel, 32);
    const wh1 = v128.load(panel, 48);
    const v10 = v128.load_splat<f32>(x, 4);
    lo0 = f32x4.add(lo0, f32x4.mul(v10, wl1));
    hi0 = f32x4.add(hi0, f32x4.mul(v10, wh1));
    x += 8;
    panel += 64;
  }
  if (k == 1) {
    const wl0 = v128.load(panel, 0);
    const wh0 = v128.load(panel, 16);
    const v00 = v128.load_splat<f32>(x, 0);
    lo0 = f32x4.add(lo0, f32x4.mul(v00, wl0));
    hi0 = f32x4.add(hi0, f32x4.mul(v00, wh0));
  }
  v128.store(out, lo0, 0);
  v128.store(out, hi0, 16);
}
