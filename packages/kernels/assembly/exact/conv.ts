// Multi-scale causal convolution (EVAL-7): five depthwise kernels of 3, 7, 15, 31 and 63 taps, a silu each, summed in this order.
//
// Kernels are stored one tap longer, with a last tap of zero, and the time before the window is 64 rows of zeros. Both add +0 or -0 to a sum that began at +0 and
// therefore is never -0: no bit changes, and every loop has a whole number of steps.

import { flush, isNonFinite, silu, splat, worse } from '../common/f32';
import { Activations, Layer, Model } from './structs';

/** Bytes between the inputs of consecutive steps in a group of 16 channels. */
const ROW: usize = 64;
/** Bytes of the taps of 8 channels: 124 lags of 8 f32. */
export const TAP_BYTES: usize = 3968;

/** out [4, 8]: one kernel of `lags` taps at four consecutive steps of 8 channels; `u` is the input of the first step. */
function kernelTile(u: usize, taps: usize, lags: i32, out: usize): void {
  let lo0 = splat(0);
  let hi0 = splat(0);
  let lo1 = splat(0);
  let hi1 = splat(0);
  let lo2 = splat(0);
  let hi2 = splat(0);
  let lo3 = splat(0);
  let hi3 = splat(0);
  for (; lags > 0; lags--) {
    const wl = v128.load(taps);
    const wh = v128.load(taps, 16);
    lo0 = f32x4.add(lo0, f32x4.mul(v128.load(u), wl));
    hi0 = f32x4.add(hi0, f32x4.mul(v128.load(u, 16), wh));
    lo1 = f32x4.add(lo1, f32x4.mul(v128.load(u, ROW), wl));
    hi1 = f32x4.add(hi1, f32x4.mul(v128.load(u, ROW + 16), wh));
    lo2 = f32x4.add(lo2, f32x4.mul(v128.load(u, 2 * ROW), wl));
    hi2 = f32x4.add(hi2, f32x4.mul(v128.load(u, 2 * ROW + 16), wh));
    lo3 = f32x4.add(lo3, f32x4.mul(v128.load(u, 3 * ROW), wl));
    hi3 = f32x4.add(hi3, f32x4.mul(v128.load(u, 3 * ROW + 16), wh));
    taps += 32;
    u -= ROW;
  }
  v128.store(out, lo0);
  v128.store(out, hi0, 16);
  v128.store(out, lo1, 32);
  v128.store(out, hi1, 48);
  v128.store(out, lo2, 64);
  v128.store(out, hi2, 80);
  v128.store(out, lo3, 96);
  v128.store(out, hi3, 112);
}

/** x += sum of the branches, for `rows` (1 to 4) steps of 8 channels whose five sums lie at `sums` as [5][4][8]. Returns the worst value stored. */
// @ts-ignore: decorator
@inline
function addBranches(x: usize, stride: usize, sums: usize, rows: i32, worst: v128): v128 {
  for (; rows > 0; rows--) {
    let lo = flush(v128.load(sums));
    let hi = flush(v128.load(sums, 16));
    worst = worse(worse(worst, lo), hi);
    let yl = silu(lo);
    let yh = silu(hi);
    for (let branch: usize = 1; branch < 5; branch++) {
      lo = flush(v128.load(sums + branch * 128));
      hi = flush(v128.load(sums + branch * 128, 16));
      worst = worse(worse(worst, lo), hi);
      yl = f32x4.add(yl, silu(lo));
      yh = f32x4.add(yh, silu(hi));
    }
    yl = flush(yl);
    yh = flush(yh);
    worst = worse(worse(worst, yl), yh);
    lo = flush(f32x4.add(v128.load(x), yl));
    hi = flush(f32x4.add(v128.load(x, 16), yh));
    worst = worse(worse(worst, lo), hi);
    v128.store(x, lo);
    v128.store(x, hi, 16);
    x += stride;
    sums += 32;
  }
  return worst;
}

/** x += convolution branch, for all steps of the groups of 16 channels `from` to `to`. `sums`: 640 bytes of the thread's own. */
export function convolve(model: Model, act: Activations, layer: Layer, steps: i32, from: i32, to: i32, sums: usize): void {
  const stride = <usize>model.stride << 2;
  let worst = splat(0);
  for (let half = 2 * from; half < 2 * to; half++) {
    const taps = layer.taps + <usize>half * TAP_BYTES;
    const inputs = act.history + <usize>(half >> 1) * (<usize>act.historyRows << 6) + <usize>(half & 1) * 32 + 64 * ROW;
    for (let t = 0; t < steps; t += 4) {
      const u = inputs + <usize>t * ROW;
      kernelTile(u, taps, 4, sums);
      kernelTile(u, taps + 4 * 32, 8, sums + 128);
      kernelTile(u, taps + 12 * 32, 16, sums + 256);
      kernelTile(u, taps + 28 * 32, 32, sums + 384);
      kernelTile(u, taps + 60 * 32, 64, sums + 512);
      // Steps beyond the window's end are computed with the others but neither stored nor tested.
      worst = addBranches(act.x + <usize>t * stride + (<usize>half << 5), stride, sums, min(4, steps - t), worst);
    }
  }
  if (isNonFinite(worst)) act.nonFinite = 1;
}
