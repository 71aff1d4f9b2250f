// SwiGLU (EVAL-8).

import { flush, isNonFinite, silu, splat, worse } from '../common/f32';
import { multiplyPanel, panelAt, widenPanel } from './gemm';
import { Activations, Layer, Model, Workspace } from './structs';

/** F(silu(F(gate)) F(up)) for sums [rows, 8], to rows `stride` bytes apart. Returns the worst value stored. */
function gateRows(gate: usize, up: usize, rows: i32, to: usize, stride: usize): v128 {
  let worst = splat(0);
  for (; rows > 0; rows--) {
    const gl = flush(v128.load(gate));
    const gh = flush(v128.load(gate, 16));
    const ul = flush(v128.load(up));
    const uh = flush(v128.load(up, 16));
    const al = flush(f32x4.mul(silu(gl), ul));
    const ah = flush(f32x4.mul(silu(gh), uh));
    worst = worse(worse(worse(worse(worse(worse(worst, gl), gh), ul), uh), al), ah);
    v128.store(to, al);
    v128.store(to, ah, 16);
    gate += 32;
    up += 32;
    to += stride;
  }
  return worst;
}

/** hidden [rows, hiddenStride] of the steps from `row` on, for the panels of 8 hidden units `from` to `to`. */
export function hiddenUnits(
  model: Model,
  act: Activations,
  layer: Layer,
  work: Workspace,
  row: i32,
  rows: i32,
  from: i32,
  to: i32,
): void {
  const k = model.width;
  const stride = <usize>model.stride << 2;
  const inputs = act.u + <usize>row * stride;
  let worst = splat(0);
  for (let p = from; p < to; p++) {
    const at = <usize>p << 5;
    widenPanel(panelAt(layer.wgate, p, k), k, work.panel);
    multiplyPanel(inputs, stride, rows, work.panel, k, layer.bgate + at, work.out);
    widenPanel(panelAt(layer.wup, p, k), k, work.panel);
    multiplyPanel(inputs, stride, rows, work.panel, k, layer.bup + at, work.out2);
    worst = i32x4.max_u(worst, gateRows(work.out, work.out2, rows, act.hidden + at, <usize>model.hiddenStride << 2));
  }
  if (isNonFinite(worst)) act.nonFinite = 1;
}
