// RMSNorm with the constant divisor of the base width (EVAL-5).

import { flush, foldLanes, isNonFinite, splat, worse } from '../common/f32';
import { Activations, Model } from './structs';

/** r of EVAL-5 for one row of `stride` values. The sum of squares must be finite: a NaN comes back if it is not. */
export function inverseNorm(x: usize, stride: i32, scale: f32): f32 {
  let a = splat(0);
  let b = splat(0);
  let c = splat(0);
  let d = splat(0);
  for (let end = x + (<usize>stride << 2); x < end; x += 64) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const x2 = v128.load(x, 32);
    const x3 = v128.load(x, 48);
    a = f32x4.add(a, f32x4.mul(x0, x0));
    b = f32x4.add(b, f32x4.mul(x1, x1));
    c = f32x4.add(c, f32x4.mul(x2, x2));
    d = f32x4.add(d, f32x4.mul(x3, x3));
  }
  const q = foldLanes(a, b, c, d);
  if (!(q < Infinity)) return NaN;
  return <f32>1 / sqrt<f32>(q * scale + <f32>1e-6);
}

/** u [T, stride] = rmsnorm(x) for the steps `from` to `to`. */
export function normRows(model: Model, act: Activations, gain: usize, from: i32, to: i32): void {
  const bytes = <usize>model.stride << 2;
  let worst = splat(0);
  for (let t = from; t < to; t++) {
    const x = act.x + <usize>t * bytes;
    const u = act.u + <usize>t * bytes;
    const r = splat(inverseNorm(x, model.stride, model.normScale));
    for (let at: usize = 0; at < bytes; at += 32) {
      const lo = flush(f32x4.mul(f32x4.mul(v128.load(x + at), r), v128.load(gain + at)));
      const hi = flush(f32x4.mul(f32x4.mul(v128.load(x + at, 16), r), v128.load(gain + at, 16)));
      v128.store(u + at, lo);
      v128.store(u + at, hi, 16);
      worst = worse(worse(worst, lo), hi);
    }
  }
  if (isNonFinite(worst)) act.nonFinite = 1;
}

/** The same into the convolution's layout: row 64 + t of every group of 16 channels. */
export function normHistory(model: Model, act: Activations, gain: usize, from: i32, to: i32): void {
  const bytes = <usize>model.stride << 2;
  const group = <usize>act.historyRows << 6;
  let worst = splat(0);
  for (let t = from; t < to; t++) {
    const x = act.x + <usize>t * bytes;
    let u = act.history + (<usize>(t + 64) << 6);
    const r = splat(inverseNorm(x, model.stride, model.normScale));
    for (let at: usize = 0; at < bytes; at += 64) {
      for (let part: usize = 0; part < 64; part += 32) {
        const lo = flush(f32x4.mul(f32x4.mul(v128.load(x + at + part), r), v128.load(gain + at + part)));
        const hi = flush(f32x4.mul(f32x4.mul(v128.load(x + at + part, 16), r), v128.load(gain + at + part, 16)));
        v128.store(u + part, lo);
        v128.store(u + part, hi, 16);
        worst = worse(worse(worst, lo), hi);
      }
      u += group;
    }
  }
  if (isNonFinite(worst)) act.nonFinite = 1;
}
