// One step of decoding by all threads together (MOD-5: O(1) state). Each value goes through the same operations in the same order as in window.ts, so the logits are
// those of the whole-sequence forward pass, to the bit.

import { barrier } from '../common/barrier';
import { flush, isNonFinite, sigmoid, silu, splat, worse } from '../common/f32';
import { splitStart } from '../common/split';
import { TAP_BYTES } from './conv';
import { GROUP_ROW } from './gemm';
import { multiplyRow, multiplyRowUnbiased } from './gemv';
import { advance, candidate } from './gru';
import { inverseNorm } from './norm';
import { softmaxRow } from './slots';
import { Decoding, Layer, layerAt, Model } from './structs';
import { embeddingAt } from './window';

const SLOTS = 64;
const ROW: usize = 64;

/** u [stride] = rmsnorm(x), whole, into the thread's own memory: cheaper than another barrier. */
function normRow(model: Model, step: Decoding, gain: usize, u: usize): void {
  const r = splat(inverseNorm(step.x, model.stride, model.normScale));
  let worst = splat(0);
  for (let at: usize = 0; at < <usize>model.stride << 2; at += 16) {
    const v = flush(f32x4.mul(f32x4.mul(v128.load(step.x + at), r), v128.load(gain + at)));
    v128.store(u + at, v);
    worst = worse(worst, v);
  }
  if (isNonFinite(worst)) step.nonFinite = 1;
}

/** x = F(fl(x + F(y))) for `count` values, a multiple of 8. */
function addToResidual(step: Decoding, x: usize, y: usize, count: i32): void {
  let worst = splat(0);
  for (const end = y + (<usize>count << 2); y < end; y += 16) {
    const v = flush(v128.load(y));
    const sum = flush(f32x4.add(v128.load(x), v));
    worst = worse(worse(worst, v), sum);
    v128.store(x, sum);
    x += 16;
  }
  if (isNonFinite(worst)) step.nonFinite = 1;
}

/** The rows that the next inputs still need go back to the front when the buffer is full. */
function wrapHistory(model: Model, step: Decoding, fromGroup: i32, toGroup: i32): void {
  const groups = model.stride >> 4;
  const bytes = <usize>step.historyRows * ROW;
  for (let l = 0; l < model.layerCount; l++) {
    for (let g = fromGroup; g < toGroup; g++) {
      const group = step.history + <usize>(l * groups + g) * bytes;
      memory.copy(group, group + bytes - 64 * ROW, 64 * ROW);
    }
  }
}

/** One kernel at the present step of 16 channels: out [16]. `u` is the present input, `taps` those of the first 8 channels. */
// @ts-ignore: decorator
@inline
function kernelRow(u: usize, taps: usize, lags: i32, out: usize): void {
  let a = splat(0);
  let b = splat(0);
  let c = splat(0);
  let d = splat(0);
  for (; lags > 0; lags--) {
    a = f32x4.add(a, f32x4.mul(v128.load(u), v128.load(taps)));
    b = f32x4.add(b, f32x4.mul(v128.load(u, 16), v128.load(taps, 16)));
    c = f32x4.add(c, f32x4.mul(v128.load(u, 32), v128.load(taps + TAP_BYTES)));
    d = f32x4.add(d, f32x4.mul(v128.load(u, 48), v128.load(taps + TAP_BYTES, 16)));
    u -= ROW;
    taps += 32;
  }
  v128.store(out, a);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
}

/** The convolution branch of the groups of 16 channels `from` to `to`; `u` is the normalised input, `sums` 320 bytes of the thread's own. */
function convolveRow(model: Model, step: Decoding, layer: Layer, index: i32, u: usize, from: i32, to: i32, sums: usize): void {
  const groups = model.stride >> 4;
  let worst = splat(0);
  for (let g = from; g < to; g++) {
    const row = step.history + (<usize>(index * groups + g) * <usize>step.historyRows + <usize>step.historyRow) * ROW;
    memory.copy(row, u + <usize>g * ROW, ROW);
    const taps = layer.taps + <usize>g * 2 * TAP_BYTES;
    kernelRow(row, taps, 4, sums);
    kernelRow(row, taps + 4 * 32, 8, sums + 64);
    kernelRow(row, taps + 12 * 32, 16, sums + 128);
    kernelRow(row, taps + 28 * 32, 32, sums + 192);
    kernelRow(row, taps + 60 * 32, 64, sums + 256);
    for (let part: usize = 0; part < ROW; part += 16) {
      let a = flush(v128.load(sums + part));
      worst = worse(worst, a);
      let y = silu(a);
      for (let branch: usize = 1; branch < 5; branch++) {
        a = flush(v128.load(sums + part + branch * 64));
        worst = worse(worst, a);
        y = f32x4.add(y, silu(a));
      }
      y = flush(y);
      const x = step.x + <usize>g * ROW + part;
      const sum = flush(f32x4.add(v128.load(x), y));
      worst = worse(worse(worst, y), sum);
      v128.store(x, sum);
    }
  }
  if (isNonFinite(worst)) step.nonFinite = 1;
}

/** Gate, candidate and state of the panels of 8 channels `from` to `to`: mixed. `sums`: two rows of the thread's own. */
function gateRow(model: Model, step: Decoding, layer: Layer, index: i32, u: usize, from: i32, to: i32, sums: usize): void {
  const k = model.width;
  const bytes = <usize>model.stride << 2;
  const at = <usize>from << 5;
  multiplyRow(u, k, layer.wz, from, to, layer.bz + at, sums);
  multiplyRow(u, k, layer.wh, from, to, layer.bh + at, sums + bytes);
  let state = step.state + <usize>index * bytes + at;
  let out = step.mixed + at;
  let worst = splat(0);
  for (const end = sums + (<usize>(to - from) << 5); sums < end; sums += 16) {
    const z = flush(v128.load(sums));
    const c = flush(v128.load(sums + bytes));
    const h = advance(v128.load(state), sigmoid(z), candidate(c));
    worst = worse(worse(worse(worst, z), c), h);
    v128.store(state, h);
    v128.store(out, h);
    state += 16;
    out += 16;
  }
  if (isNonFinite(worst)) step.nonFinite = 1;
}

/** to [8 * (to - from)] = F(linear), or F(fl(sum * scale)) for scores. */
function storeRow(step: Decoding, sums: usize, count: i32, scale: v128, to: usize): void {
  let worst = splat(0);
  for (const end = sums + (<usize>count << 2); sums < end; sums += 16) {
    const v = flush(f32x4.mul(v128.load(sums), scale));
    worst = worse(worst, v);
    v128.store(to, v);
    to += 16;
  }
  if (isNonFinite(worst)) step.nonFinite = 1;
}

/** Hidden units of the panels `from` to `to`. `sums`: two rows of the thread's own, `bytes` apart. */
function hiddenRow(model: Model, step: Decoding, layer: Layer, u: usize, from: i32, to: i32, sums: usize): void {
  const k = model.width;
  const bytes = <usize>model.hiddenStride << 2;
  const at = <usize>from << 5;
  multiplyRow(u, k, layer.wgate, from, to, layer.bgate + at, sums);
  multiplyRow(u, k, layer.wup, from, to, layer.bup + at, sums + bytes);
  let out = step.hidden + at;
  let worst = splat(0);
  for (const end = sums + (<usize>(to - from) << 5); sums < end; sums += 16) {
    const g = flush(v128.load(sums));
    const v = flush(v128.load(sums + bytes));
    const a = flush(f32x4.mul(silu(g), v));
    worst = worse(worse(worse(worst, g), v), a);
    v128.store(out, a);
    out += 16;
  }
  if (isNonFinite(worst)) step.nonFinite = 1;
}

/** x [stride] = embedding of the id, by one thread. */
function embedRow(model: Model, step: Decoding): void {
  const column = embeddingAt(model, step.id);
  for (let k = 0; k < model.width; k++) store<u32>(step.x + (<usize>k << 2), <u32>load<u16>(column + <usize>k * GROUP_ROW) << 16);
}

/** The slot branch of the panels of 8 channels `from` to `to`. */
function slotRow(model: Model, step: Decoding, layer: Layer, u: usize, from: i32, to: i32, sums: usize, thread: i32, threads: i32): void {
  const k = model.width;
  multiplyRow(u, k, layer.wq, from, to, layer.bq + (<usize>from << 5), sums);
  storeRow(step, sums, (to - from) << 3, splat(1), step.query + (<usize>from << 5));
  barrier(threads);
  const fromKey = splitStart(SLOTS / 8, 4, thread, threads);
  const toKey = splitStart(SLOTS / 8, 4, thread + 1, threads);
  multiplyRowUnbiased(step.query, k, layer.keys, fromKey, toKey, model.zeros, sums);
  storeRow(step, sums, (toKey - fromKey) << 3, splat(model.slotScale), step.scores + (<usize>fromKey << 5));
  barrier(threads);
  // Every thread makes its own copy of the slot weights; `u` is free again.
  memory.copy(u, step.scores, SLOTS * 4);
  softmaxRow(u);
  multiplyRowUnbiased(u, SLOTS, layer.values, from, to, model.zeros, sums);
  storeRow(step, sums, (to - from) << 3, splat(1), step.mixed + (<usize>from << 5));
  barrier(threads);
  multiplyRow(step.mixed, k, layer.slotWo, from, to, layer.slotBo + (<usize>from << 5), sums);
  addToResidual(step, step.x + (<usize>from << 5), sums, (to - from) << 3);
  barrier(threads);
}

/** Feeds `id`, moves the state on and leaves the next id's logits in `logits`. args: a Decoding. */
export function decodeStep(thread: i32, threads: i32, args: usize): void {
  const step = changetype<Decoding>(args);
  const model = changetype<Model>(step.model);
  const u = step.own + <usize>thread * <usize>step.ownBytes;
  const sums = u + (max<usize>(<usize>model.stride, SLOTS) << 2);
  const groups = model.stride >> 4;
  const fromGroup = splitStart(groups, 1, thread, threads);
  const toGroup = splitStart(groups, 1, thread + 1, threads);
  const panels = model.stride >> 3;
  const from = splitStart(panels, 4, thread, threads);
  const to = splitStart(panels, 4, thread + 1, threads);
  const hiddenPanels = model.hiddenStride >> 3;
  const fromHidden = splitStart(hiddenPanels, 4, thread, threads);
  const toHidden = splitStart(hiddenPanels, 4, thread + 1, threads);
  const x = step.x + (<usize>from << 5);
  const width = (to - from) << 3;
  if (step.historyRow == 64) wrapHistory(model, step, fromGroup, toGroup);
  if (thread == 0) embedRow(model, step);
  barrier(threads);
  for (let l = 0; l < model.layerCount; l++) {
    const layer = layerAt(model, l);
    normRow(model, step, layer.convNorm, u);
    barrier(threads);
    convolveRow(model, step, layer, l, u, fromGroup, toGroup, sums);
    barrier(threads);
    normRow(model, step, layer.gruNorm, u);
    gateRow(model, step, layer, l, u, from, to, sums);
    barrier(threads);
    multiplyRow(step.mixed, model.width, layer.wo, from, to, layer.bo + (<usize>from << 5), sums);
    addToResidual(step, x, sums, width);
    barrier(threads);
    normRow(model, step, layer.slotNorm, u);
    slotRow(model, step, layer, u, from, to, sums, thread, threads);
    normRow(model, step, layer.ffnNorm, u);
    hiddenRow(model, step, layer, u, fromHidden, toHidden, sums);
    barrier(threads);
    multiplyRow(step.hidden, model.hidden, layer.wdown, from, to, layer.bdown + (<usize>from << 5), sums);
    addToResidual(step, x, sums, width);
    barrier(threads);
  }
  normRow(model, step, model.norm, u);
  const logitPanels = ((model.vocab + 15) >> 4) << 1;
  const fromLogit = splitStart(logitPanels, 4, thread, threads);
  const toLogit = splitStart(logitPanels, 4, thread + 1, threads);
  const logits = step.logits + (<usize>fromLogit << 5);
  multiplyRowUnbiased(u, model.width, model.embed, fromLogit, toLogit, model.zeros, logits);
  storeRow(step, logits, (toLogit - fromLogit) << 3, splat(1), logits);
}
