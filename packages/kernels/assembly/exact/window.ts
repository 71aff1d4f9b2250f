// The forward pass of one window by a team of threads: either one thread for itself, or all threads of the pool with barriers between phases. Which of the two
// changes no bit: every output has one owner and one order of operations.

import { barrier } from '../common/barrier';
import { splitStart } from '../common/split';
import { convolve } from './conv';
import { hiddenUnits } from './ffn';
import { GROUP_ROW } from './gemm';
import { gatesAndScan } from './gru';
import { linearToMixed, linearToResidual } from './linear';
import { blockLoss, logitGroups } from './logits';
import { normHistory, normRows } from './norm';
import { readSlots } from './slots';
import { Activations, Layer, layerAt, Model, Workspace } from './structs';

/** Where the embedding of an id begins: a column of the transposed embedding, one element per row of its group. */
// @ts-ignore: decorator
@inline
export function embeddingAt(model: Model, id: i32): usize {
  return model.embed + <usize>(id >> 5) * <usize>model.width * GROUP_ROW + (<usize>(id & 31) << 1);
}

/** x [T, stride] = embeddings of the ids (u16) of the steps `from` to `to`, zero beyond the width. */
function embedRows(model: Model, act: Activations, ids: usize, from: i32, to: i32): void {
  const width = model.width;
  for (let t = from; t < to; t++) {
    const id = <i32>load<u16>(ids + (<usize>t << 1));
    const column = embeddingAt(model, id);
    const x = act.x + ((<usize>t * <usize>model.stride) << 2);
    for (let k = 0; k < width; k++) store<u32>(x + (<usize>k << 2), <u32>load<u16>(column + <usize>k * GROUP_ROW) << 16);
    for (let k = width; k < model.stride; k++) store<u32>(x + (<usize>k << 2), 0);
  }
}

/** The 64 rows before the window are zero (conv.ts). */
function clearHistory(act: Activations, from: i32, to: i32): void {
  for (let g = from; g < to; g++) memory.fill(act.history + (<usize>g * <usize>act.historyRows << 6), 0, 64 * 64);
}

/**
 * From ids (u16) to u = the final norm of every step. `rank` of `size` threads; all of them call it.
 * The caller resets `act.nonFinite`.
 */
export function forward(model: Model, act: Activations, work: Workspace, ids: usize, steps: i32, rank: i32, size: i32): void {
  const fromStep = splitStart(steps, 1, rank, size);
  const toStep = splitStart(steps, 1, rank + 1, size);
  const groups = model.stride >> 4;
  const fromGroup = splitStart(groups, 1, rank, size);
  const toGroup = splitStart(groups, 1, rank + 1, size);
  clearHistory(act, fromGroup, toGroup);
  embedRows(model, act, ids, fromStep, toStep);
  for (let l = 0; l < model.layerCount; l++) {
    const layer = layerAt(model, l);
    barrier(size);
    normHistory(model, act, layer.convNorm, fromStep, toStep);
    barrier(size);
    convolve(model, act, layer, steps, fromGroup, toGroup, work.out);
    barrier(size);
    normRows(model, act, layer.gruNorm, fromStep, toStep);
    barrier(size);
    mixTokens(model, act, layer, work, steps, rank, size);
    barrier(size);
    normRows(model, act, layer.ffnNorm, fromStep, toStep);
    barrier(size);
    feedForward(model, act, layer, work, steps, rank, size);
  }
  barrier(size);
  normRows(model, act, model.norm, fromStep, toStep);
  barrier(size);
}

/** minGRU and slots. */
function mixTokens(model: Model, act: Activations, layer: Layer, work: Workspace, steps: i32, rank: i32, size: i32): void {
  const panels = model.stride >> 3;
  const from = splitStart(panels, 1, rank, size);
  const to = splitStart(panels, 1, rank + 1, size);
  const fromStep = splitStart(steps, 1, rank, size);
  const toStep = splitStart(steps, 1, rank + 1, size);
  gatesAndScan(model, act, layer, work, steps, from, to);
  barrier(size);
  linearToResidual(model, act, work, act.mixed, <usize>model.stride << 2, 0, steps, layer.wo, layer.bo, model.width, from, to);
  barrier(size);
  normRows(model, act, layer.slotNorm, fromStep, toStep);
  barrier(size);
  linearToMixed(model, act, work, steps, layer.wq, layer.bq, from, to);
  barrier(size);
  readSlots(model, act, layer, work, fromStep, toStep);
  barrier(size);
  linearToResidual(model, act, work, act.mixed, <usize>model.stride << 2, 0, steps, layer.slotWo, layer.slotBo, model.width, from, to);
  barrier(size);
}

/** SwiGLU, a block of steps at a time so that its hidden units stay in the cache. */
function feedForward(model: Model, act: Activations, layer: Layer, work: Workspace, steps: i32, rank: i32, size: i32): void {
  const panels = model.stride >> 3;
  const hiddenPanels = model.hiddenStride >> 3;
  const hiddenStride = <usize>model.hiddenStride << 2;
  for (let row = 0; row < steps; row += act.ffnRows) {
    const rows = min(act.ffnRows, steps - row);
    if (row > 0) barrier(size);
    const from = splitStart(hiddenPanels, 1, rank, size);
    hiddenUnits(model, act, layer, work, row, rows, from, splitStart(hiddenPanels, 1, rank + 1, size));
    barrier(size);
    const begin = splitStart(panels, 1, rank, size);
    const end = splitStart(panels, 1, rank + 1, size);
    linearToResidual(model, act, work, act.hidden, hiddenStride, row, rows, layer.wdown, layer.bdown, model.hidden, begin, end);
  }
}

/** Logits of a block of steps (logits.ts), after `forward`. */
export function blockLogits(model: Model, act: Activations, work: Workspace, row: i32, rows: i32, rank: i32, size: i32): void {
  const groups = (model.vocab + 15) >> 4;
  const from = splitStart(groups, 1, rank, size);
  const maxima = act.maxima + (<usize>rank * <usize>act.logitRows << 6);
  logitGroups(model, act, work, row, rows, from, splitStart(groups, 1, rank + 1, size), maxima);
  barrier(size);
}

/** This thread's part of the window's sum of quantised losses (EVAL-12); the parts of all ranks add up to it. */
export function windowLoss(
  model: Model,
  act: Activations,
  work: Workspace,
  ids: usize,
  targets: usize,
  steps: i32,
  rank: i32,
  size: i32,
): f64 {
  forward(model, act, work, ids, steps, rank, size);
  let total: f64 = 0;
  for (let row = 0; row < steps; row += act.logitRows) {
    const rows = min(act.logitRows, steps - row);
    blockLogits(model, act, work, row, rows, rank, size);
    const from = splitStart(rows, 1, rank, size);
    total += blockLoss(model, act, rows, from, splitStart(rows, 1, rank + 1, size), size, targets + (<usize>row << 1));
    barrier(size);
  }
  return total;
}
