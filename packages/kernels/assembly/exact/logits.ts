// Logits and loss (EVAL-9, EVAL-10), for a block of steps at a time. The exact sum needs the greatest logit first, so a block's logits are stored, as
// [ceil(V / 16)][rows][16]: both passes run through them in order, and a lane of a row is a lane of reduce16.

import { exp32, flush, foldLanes, isNonFinite, splat, worse } from '../common/f32';
import { multiplyPanel, panelAt, widenPanel } from './gemm';
import { targetLoss } from './loss';
import { Activations, Model, Workspace } from './structs';

/** F(y) for y [rows, 8], to rows of 16. Returns the worst value stored. */
// @ts-ignore: decorator
@inline
function storeLogits(y: usize, rows: i32, to: usize): v128 {
  let worst = splat(0);
  for (; rows > 0; rows--) {
    const lo = flush(v128.load(y));
    const hi = flush(v128.load(y, 16));
    worst = worse(worse(worst, lo), hi);
    v128.store(to, lo);
    v128.store(to, hi, 16);
    y += 32;
    to += 64;
  }
  return worst;
}

/** In the last group, lanes beyond the vocabulary become -infinity: never the maximum, and exp32 of it is +0. */
function maskBeyond(group: usize, rows: i32, lanes: i32): void {
  for (; rows > 0; rows--) {
    for (let lane = lanes; lane < 16; lane++) store<f32>(group + (<usize>lane << 2), -Infinity);
    group += 64;
  }
}

/** Lane-wise maxima of all steps so far. */
// @ts-ignore: decorator
@inline
function raiseMaxima(maxima: usize, group: usize, rows: i32): void {
  for (let end = maxima + (<usize>rows << 6); maxima < end; maxima += 32) {
    v128.store(maxima, f32x4.pmax(v128.load(maxima), v128.load(group)));
    v128.store(maxima, f32x4.pmax(v128.load(maxima, 16), v128.load(group, 16)), 16);
    group += 32;
  }
}

/** Logits of `rows` steps from `row` on, for the groups of 16 ids `from` to `to`, and this thread's maxima of them. */
export function logitGroups(
  model: Model,
  act: Activations,
  work: Workspace,
  row: i32,
  rows: i32,
  from: i32,
  to: i32,
  maxima: usize,
): void {
  const k = model.width;
  const stride = <usize>model.stride << 2;
  const inputs = act.u + <usize>row * stride;
  for (let at = maxima; at < maxima + (<usize>rows << 6); at += 16) v128.store(at, splat(-Infinity));
  let worst = splat(0);
  for (let g = from; g < to; g++) {
    const group = act.logits + (<usize>g * <usize>rows << 6);
    for (let half = 0; half < 2; half++) {
      widenPanel(panelAt(model.embed, 2 * g + half, k), k, work.panel);
      multiplyPanel(inputs, stride, rows, work.panel, k, model.zeros, work.out);
      worst = i32x4.max_u(worst, storeLogits(work.out, rows, group + <usize>half * 32));
    }
    const lanes = model.vocab - 16 * g;
    if (lanes < 16) maskBeyond(group, rows, lanes);
    raiseMaxima(maxima, group, rows);
  }
  if (isNonFinite(worst)) act.nonFinite = 1;
}

/** Greatest of 16 lanes in each of `threads` maxima, the threads' arrays `distance` bytes apart. */
function greatest(maxima: usize, threads: i32, distance: usize): f32 {
  let m = splat(-Infinity);
  for (; threads > 0; threads--) {
    m = f32x4.pmax(f32x4.pmax(m, v128.load(maxima)), v128.load(maxima, 16));
    m = f32x4.pmax(f32x4.pmax(m, v128.load(maxima, 32)), v128.load(maxima, 48));
    maxima += distance;
  }
  m = f32x4.pmax(m, i32x4.shuffle(m, m, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(m, i32x4.shuffle(m, m, 1, 0, 3, 2)), 0);
}

/**
 * Sum of the quantised losses of the block's steps `from` to `to` (counted from the block's start). `targets`: u16 of the block.
 */
export function blockLoss(
  model: Model,
  act: Activations,
  rows: i32,
  from: i32,
  to: i32,
  threads: i32,
  targets: usize,
): f64 {
  const sums = act.sums;
  const distance = <usize>act.logitRows << 6;
  for (let t = from; t < to; t++) {
    const at = act.maxima + (<usize>t << 6);
    const m = greatest(at, threads, distance);
    // The first thread's row then holds the step's maximum: only this thread reads it from here on.
    store<f32>(at, m);
    for (let part: usize = 0; part < 64; part += 16) v128.store(sums + (<usize>t << 6) + part, splat(0));
  }
  const groups = (model.vocab + 15) >> 4;
  for (let g = 0; g < groups; g++) {
    const group = act.logits + (<usize>g * <usize>rows << 6);
    for (let at = <usize>from << 6; at < <usize>to << 6; at += 64) addExponentials(group + at, v128.load_splat<f32>(act.maxima + at), sums + at);
  }
  let total: f64 = 0;
  for (let t = from; t < to; t++) {
    const at = sums + (<usize>t << 6);
    const sum = foldLanes(v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48));
    const target = <i32>load<u16>(targets + (<usize>t << 1));
    const logit = load<f32>(act.logits + (((<usize>(target >> 4) * <usize>rows + <usize>t) << 6) + (<usize>(target & 15) << 2)));
    total += targetLoss(sum, load<f32>(act.maxima + (<usize>t << 6)), logit);
  }
  return total;
}

/** sums [16] += exp32(logits [16] - m). */
// @ts-ignore: decorator
@inline
function addExponentials(logits: usize, m: v128, sums: usize): void {
  const e0 = exp32(f32x4.sub(v128.load(logits), m));
  const e1 = exp32(f32x4.sub(v128.load(logits, 16), m));
  const e2 = exp32(f32x4.sub(v128.load(logits, 32), m));
  const e3 = exp32(f32x4.sub(v128.load(logits, 48), m));
  v128.store(sums, f32x4.add(v128.load(sums), e0));
  v128.store(sums, f32x4.add(v128.load(sums, 16), e1), 16);
  v128.store(sums, f32x4.add(v128.load(sums, 32), e2), 32);
  v128.store(sums, f32x4.add(v128.load(sums, 48), e3), 48);
}

/** Logits of the block's steps `from` to `to` as rows [V], f32. */
export function copyRows(model: Model, act: Activations, rows: i32, from: i32, to: i32, out: usize): void {
  const vocab = <usize>model.vocab;
  for (let t = <usize>from; t < <usize>to; t++) {
    for (let v: usize = 0; v < vocab; v++) {
      store<f32>(out + ((t * vocab + v) << 2), load<f32>(act.logits + ((((v >> 4) * <usize>rows + t) << 6) + ((v & 15) << 2))));
    }
  }
}
