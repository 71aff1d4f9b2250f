// Linear maps of one row (EVAL-6), for decoding: the order of operations is that of gemm.ts. Every weight is used once, so panels are widened in registers, and
// the speed is that of reading the weights.

import { GROUP_ROW, panelAt } from './gemm';

/**
 * out [8 * (to - from)] = bias + x [k] times the panels `from` to `to`. `bias` and `out` begin at the first of these panels. The sums are not yet flushed.
 * `from` begins a group of four. A group at a time: eight independent sums hide the latency of an addition.
 */
export function multiplyRow(x: usize, k: i32, panels: usize, from: i32, to: i32, bias: usize, out: usize): void {
  let p = from;
  for (; p + 4 <= to; p += 4) {
    groupRow(x, k, panelAt(panels, p, k), bias, out);
    bias += 128;
    out += 128;
  }
  for (; p < to; p++) {
    panelRow(x, k, panelAt(panels, p, k), bias, out);
    bias += 32;
    out += 32;
  }
}

/** The same without a bias. */
export function multiplyRowUnbiased(x: usize, k: i32, panels: usize, from: i32, to: i32, zeros: usize, out: usize): void {
  let p = from;
  for (; p + 4 <= to; p += 4) {
    groupRow(x, k, panelAt(panels, p, k), zeros, out);
    out += 128;
  }
  for (; p < to; p++) {
    panelRow(x, k, panelAt(panels, p, k), zeros, out);
    out += 32;
  }
}

/** A group: 32 outputs. */
function groupRow(x: usize, k: i32, group: usize, bias: usize, out: usize): void {
  let lo0 = v128.load(bias, 0);
  let hi0 = v128.load(bias, 16);
  let lo1 = v128.load(bias, 32);
  let hi1 = v128.load(bias, 48);
  let lo2 = v128.load(bias, 64);
  let hi2 = v128.load(bias, 80);
  let lo3 = v128.load(bias, 96);
  let hi3 = v128.load(bias, 112);
  for (const end = x + (<usize>k << 2); x < end; x += 4) {
    const v = v128.load_splat<f32>(x);
    const w0 = v128.load(group, 0);
    lo0 = f32x4.add(lo0, f32x4.mul(v, i32x4.shl(i32x4.extend_low_i16x8_u(w0), 16)));
    hi0 = f32x4.add(hi0, f32x4.mul(v, i32x4.shl(i32x4.extend_high_i16x8_u(w0), 16)));
    const w1 = v128.load(group, 16);
    lo1 = f32x4.add(lo1, f32x4.mul(v, i32x4.shl(i32x4.extend_low_i16x8_u(w1), 16)));
    hi1 = f32x4.add(hi1, f32x4.mul(v, i32x4.shl(i32x4.extend_high_i16x8_u(w1), 16)));
    const w2 = v128.load(group, 32);
    lo2 = f32x4.add(lo2, f32x4.mul(v, i32x4.shl(i32x4.extend_low_i16x8_u(w2), 16)));
    hi2 = f32x4.add(hi2, f32x4.mul(v, i32x4.shl(i32x4.extend_high_i16x8_u(w2), 16)));
    const w3 = v128.load(group, 48);
    lo3 = f32x4.add(lo3, f32x4.mul(v, i32x4.shl(i32x4.extend_low_i16x8_u(w3), 16)));
    hi3 = f32x4.add(hi3, f32x4.mul(v, i32x4.shl(i32x4.extend_high_i16x8_u(w3), 16)));
    group += GROUP_ROW;
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

/** A panel: 8 outputs. */
function panelRow(x: usize, k: i32, panel: usize, bias: usize, out: usize): void {
  let lo = v128.load(bias);
  let hi = v128.load(bias, 16);
  for (const end = x + (<usize>k << 2); x < end; x += 4) {
    const v = v128.load_splat<f32>(x);
    const w = v128.load(panel);
    lo = f32x4.add(lo, f32x4.mul(v, i32x4.shl(i32x4.extend_low_i16x8_u(w), 16)));
    hi = f32x4.add(hi, f32x4.mul(v, i32x4.shl(i32x4.extend_high_i16x8_u(w), 16)));
    panel += GROUP_ROW;
  }
  v128.store(out, lo);
  v128.store(out, hi, 16);
}
