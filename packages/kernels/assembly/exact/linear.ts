// Linear maps whose result is stored as it is or added to the residual stream.

import { flush, isNonFinite, splat, worse } from '../common/f32';
import { multiplyPanel, panelAt, widenPanel } from './gemm';
import { Activations, Model, Workspace } from './structs';

/** x = F(fl(x + F(y))) for y [rows, 8]. Returns the worst value stored. */
// @ts-ignore: decorator
@inline
export function addResidual(y: usize, rows: i32, x: usize, stride: usize): v128 {
  let worst = splat(0);
  for (; rows > 0; rows--) {
    let lo = flush(v128.load(y));
    let hi = flush(v128.load(y, 16));
    worst = worse(worse(worst, lo), hi);
    lo = flush(f32x4.add(v128.load(x), lo));
    hi = flush(f32x4.add(v128.load(x, 16), hi));
    worst = worse(worse(worst, lo), hi);
    v128.store(x, lo);
    v128.store(x, hi, 16);
    y += 32;
    x += stride;
  }
  return worst;
}

/** y = F(y) for y [rows, 8], stored to rows `stride` bytes apart. Returns the worst value stored. */
// @ts-ignore: decorator
@inline
export function storeRows(y: usize, rows: i32, to: usize, stride: usize): v128 {
  let worst = splat(0);
  for (; rows > 0; rows--) {
    const lo = flush(v128.load(y));
    const hi = flush(v128.load(y, 16));
    worst = worse(worse(worst, lo), hi);
    v128.store(to, lo);
    v128.store(to, hi, 16);
    y += 32;
    to += stride;
  }
  return worst;
}

/**
 * x [rows, stride of the model] += linear(inputs [rows, k], panels, bias), for the panels of 8 outputs `from` to `to`. `inputStride` in bytes. `row` is the first
 * step; `inputs` begins there.
 */
export function linearToResidual(
  model: Model,
  act: Activations,
  work: Workspace,
  inputs: usize,
  inputStride: usize,
  row: i32,
  rows: i32,
  panels: usize,
  bias: usize,
  k: i32,
  from: i32,
  to: i32,
): void {
  const stride = <usize>model.stride << 2;
  const x = act.x + <usize>row * stride;
  let worst = splat(0);
  for (let p = from; p < to; p++) {
    widenPanel(panelAt(panels, p, k), k, work.panel);
    multiplyPanel(inputs, inputStride, rows, work.panel, k, bias == 0 ? model.zeros : bias + (<usize>p << 5), work.out);
    worst = i32x4.max_u(worst, addResidual(work.out, rows, x + (<usize>p << 5), stride));
  }
  if (isNonFinite(worst)) act.nonFinite = 1;
}

/** mixed [T, stride] = linear(u, panels, bias) for the panels of 8 outputs `from` to `to`. */
export function linearToMixed(
  model: Model,
  act: Activations,
  work: Workspace,
  steps: i32,
  panels: usize,
  bias: usize,
  from: i32,
  to: i32,
): void {
  const stride = <usize>model.stride << 2;
  const k = model.width;
  let worst = splat(0);
  for (let p = from; p < to; p++) {
    widenPanel(panelAt(panels, p, k), k, work.panel);
    multiplyPanel(act.u, stride, steps, work.panel, k, bias + (<usize>p << 5), work.out);
    worst = i32x4.max_u(worst, storeRows(work.out, steps, act.mixed + (<usize>p << 5), stride));
  }
  if (isNonFinite(worst)) act.nonFinite = 1;
}
