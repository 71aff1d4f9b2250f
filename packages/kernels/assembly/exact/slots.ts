// Slot memory (EVAL-8): softmax over 64 keys, sum of 64 values; the output projection is linear.ts's.

import { exp32, flush, foldLanes, isNonFinite, splat, worse } from '../common/f32';
import { multiplyPanel, panelAt, widenPanel } from './gemm';
import { storeRows } from './linear';
import { Activations, Layer, Model, Workspace } from './structs';

const SLOTS = 64;
const SCORE_STRIDE: usize = 256;

/** score_s of EVAL-8 for sums [rows, 8], to rows of 64 scores. Returns the worst value stored. */
// @ts-ignore: decorator
@inline
function storeScores(dot: usize, rows: i32, scale: v128, to: usize): v128 {
  let worst = splat(0);
  for (; rows > 0; rows--) {
    const lo = flush(f32x4.mul(v128.load(dot), scale));
    const hi = flush(f32x4.mul(v128.load(dot, 16), scale));
    worst = worse(worse(worst, lo), hi);
    v128.store(to, lo);
    v128.store(to, hi, 16);
    dot += 32;
    to += SCORE_STRIDE;
  }
  return worst;
}

/** Softmax of one row of 64 scores, in place: p_s of EVAL-8. Finite scores give finite weights. */
export function softmaxRow(scores: usize): void {
  let m = v128.load(scores);
  for (let at: usize = 16; at < SCORE_STRIDE; at += 16) m = f32x4.pmax(m, v128.load(scores + at));
  m = f32x4.pmax(m, i32x4.shuffle(m, m, 2, 3, 0, 1));
  m = f32x4.pmax(m, i32x4.shuffle(m, m, 1, 0, 3, 2));
  let a = splat(0);
  let b = splat(0);
  let c = splat(0);
  let d = splat(0);
  for (let at = scores; at < scores + SCORE_STRIDE; at += 64) {
    const e0 = exp32(f32x4.sub(v128.load(at), m));
    const e1 = exp32(f32x4.sub(v128.load(at, 16), m));
    const e2 = exp32(f32x4.sub(v128.load(at, 32), m));
    const e3 = exp32(f32x4.sub(v128.load(at, 48), m));
    v128.store(at, e0);
    v128.store(at, e1, 16);
    v128.store(at, e2, 32);
    v128.store(at, e3, 48);
    a = f32x4.add(a, e0);
    b = f32x4.add(b, e1);
    c = f32x4.add(c, e2);
    d = f32x4.add(d, e3);
  }
  const sum = splat(foldLanes(a, b, c, d));
  for (let at = scores; at < scores + SCORE_STRIDE; at += 32) {
    v128.store(at, flush(f32x4.div(v128.load(at), sum)));
    v128.store(at, flush(f32x4.div(v128.load(at, 16), sum)), 16);
  }
}

/** mixed = sum of values for the steps `from` to `to`, in place of the queries. */
export function readSlots(model: Model, act: Activations, layer: Layer, work: Workspace, from: i32, to: i32): void {
  const rows = to - from;
  if (rows <= 0) return;
  const stride = <usize>model.stride << 2;
  const k = model.width;
  const scores = act.scores + <usize>from * SCORE_STRIDE;
  const scale = splat(model.slotScale);
  let worst = splat(0);
  for (let p = 0; p < SLOTS / 8; p++) {
    widenPanel(panelAt(layer.keys, p, k), k, work.panel);
    multiplyPanel(act.mixed + <usize>from * stride, stride, rows, work.panel, k, model.zeros, work.out);
    worst = i32x4.max_u(worst, storeScores(work.out, rows, scale, scores + (<usize>p << 5)));
  }
  for (let t = 0; t < rows; t++) softmaxRow(scores + <usize>t * SCORE_STRIDE);
  for (let p = 0; p < model.stride >> 3; p++) {
    widenPanel(panelAt(layer.values, p, SLOTS), SLOTS, work.panel);
    multiplyPanel(scores, SCORE_STRIDE, rows, work.panel, SLOTS, model.zeros, work.out);
    worst = i32x4.max_u(worst, storeRows(work.out, rows, act.mixed + <usize>from * stride + (<usize>p << 5), stride));
  }
  if (isNonFinite(worst)) act.nonFinite = 1;
}
