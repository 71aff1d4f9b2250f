// minGRU with output projection (EVAL-7).

import { flush, isNonFinite, sigmoid, splat, worse } from '../common/f32';
import { multiplyPanel, panelAt, widenPanel } from './gemm';
import { Activations, Layer, Model, Workspace } from './structs';

/** c of EVAL-7. */
// @ts-ignore: decorator
@inline
export function candidate(a: v128): v128 {
  return v128.bitselect(flush(f32x4.add(a, splat(0.5))), sigmoid(a), f32x4.ge(a, splat(0)));
}

/** fl(h + F0) with F0 = fl(z fl(c - h)), flushed. */
// @ts-ignore: decorator
@inline
export function advance(h: v128, z: v128, c: v128): v128 {
  return flush(f32x4.add(h, f32x4.mul(z, f32x4.sub(c, h))));
}

/**
 * The scan over time of 8 channels: az, ah [T, 8] are the sums of the two linears; the state goes to `to` (rows `stride` bytes apart).
 * State starts at 0. Returns the worst value stored.
 */
function scan(az: usize, ah: usize, steps: i32, to: usize, stride: usize): v128 {
  let hl = splat(0);
  let hh = splat(0);
  let worst = splat(0);
  for (; steps > 0; steps--) {
    const zl = flush(v128.load(az));
    const zh = flush(v128.load(az, 16));
    const cl = flush(v128.load(ah));
    const ch = flush(v128.load(ah, 16));
    worst = worse(worse(worse(worse(worst, zl), zh), cl), ch);
    hl = advance(hl, sigmoid(zl), candidate(cl));
    hh = advance(hh, sigmoid(zh), candidate(ch));
    worst = worse(worse(worst, hl), hh);
    v128.store(to, hl);
    v128.store(to, hh, 16);
    to += stride;
    az += 32;
    ah += 32;
  }
  return worst;
}

/** mixed [T, stride] = state of the panels of 8 channels `from` to `to`: two linears and the scan, fused. */
export function gatesAndScan(model: Model, act: Activations, layer: Layer, work: Workspace, steps: i32, from: i32, to: i32): void {
  const k = model.width;
  const stride = <usize>model.stride << 2;
  let worst = splat(0);
  for (let p = from; p < to; p++) {
    const at = <usize>p << 5;
    widenPanel(panelAt(layer.wz, p, k), k, work.panel);
    multiplyPanel(act.u, stride, steps, work.panel, k, layer.bz + at, work.out);
    widenPanel(panelAt(layer.wh, p, k), k, work.panel);
    multiplyPanel(act.u, stride, steps, work.panel, k, layer.bh + at, work.out2);
    worst = i32x4.max_u(worst, scan(work.out, work.out2, steps, act.mixed + at, stride));
  }
  if (isNonFinite(worst)) act.nonFinite = 1;
}
