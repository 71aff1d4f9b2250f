// The whole model in binary64, forward and backward (spec/model.md MOD-5): what every trainer's loss and gradient are compared with.

import { hiddenWidth, KERNELS, type ModelShape, SLOTS } from '@resonancenet/model/shape';
import type { LayerViews, ModelViews } from '@resonancenet/model/tensor-views';
import type { TrainBatch } from '../backend.ts';
import {
  convolutionBackward,
  convolutionForward,
  crossEntropyBackward,
  crossEntropyForward,
  gatedBackward,
  gatedForward,
  linearBackward,
  linearForward,
  rmsnormBackward,
  rmsnormForward,
  scanBackward,
  scanForward,
  slotsBackward,
  slotsForward,
} from './f64-ops.ts';

/** Parameters or their gradients as named views. */
export type Views = ModelViews<Float64Array>;
type Layer = LayerViews<Float64Array>;

/** What one layer's forward saves for its backward. R = batch x window rows. */
interface LayerSaved {
  /** Inputs of the four branches, [R, d] each, and the inverse norms of their rows, [R] each. */
  readonly x: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
  readonly r: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
  /** Normalised inputs, [R, d] each. */
  readonly u: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
  /** Convolutions before SiLU, [5, R, d]. */
  readonly branches: Float64Array;
  /** minGRU, [R, d] each. */
  readonly az: Float64Array;
  readonly ah: Float64Array;
  readonly z: Float64Array;
  readonly c: Float64Array;
  readonly h: Float64Array;
  /** Slots: query [R, d], probabilities [R, 64], what is read [R, d]. */
  readonly q: Float64Array;
  readonly p: Float64Array;
  readonly read: Float64Array;
  /** SwiGLU, [R, 7 d / 2] each. */
  readonly gate: Float64Array;
  readonly up: Float64Array;
  readonly hidden: Float64Array;
}

/** All that a forward pass over one batch saves. */
export interface Activations {
  readonly layers: readonly LayerSaved[];
  /** The residual stream after the last layer, its inverse norms and its normalisation. */
  readonly x: Float64Array;
  readonly r: Float64Array;
  readonly u: Float64Array;
}

/** Room for batches of `rows` = batch x window. */
export function newActivations(shape: ModelShape, rows: number): Activations {
  const size = rows * shape.width;
  const hiddenSize = rows * hiddenWidth(shape.width);
  const array = (length: number): Float64Array => new Float64Array(length);
  const four = (length: number) => [array(length), array(length), array(length), array(length)] as const;
  const layers = Array.from({ length: shape.layers }, () => ({
    x: four(size),
    r: four(rows),
    u: four(size),
    branches: array(KERNELS.length * size),
    az: array(size),
    ah: array(size),
    z: array(size),
    c: array(size),
    h: array(size),
    q: array(size),
    p: array(rows * SLOTS),
    read: array(size),
    gate: array(hiddenSize),
    up: array(hiddenSize),
    hidden: array(hiddenSize),
  }));
  return { layers, x: array(size), r: array(rows), u: array(size) };
}

/**
 * Mean loss over the batch's targets, nats. Branches are numbered 4 layer + {0 convolution, 1 minGRU, 2 slots, 3 SwiGLU}; with `firstBranch` > 0 the pass
 * begins there, with the input that `saved` holds from an earlier pass over the same batch.
 */
export function forward(
  shape: ModelShape,
  views: Views,
  batch: TrainBatch,
  saved: Activations,
  firstBranch = 0,
): number {
  const d = shape.width;
  const input = (branch: number): Float64Array =>
    branch === 4 * shape.layers ? saved.x : saved.layers[branch >> 2]!.x[(branch & 3) as 0 | 1 | 2 | 3];
  if (firstBranch === 0) embed(input(0), views.embed, batch.inputs, d);
  const y = new Float64Array(saved.x.length);
  for (let branch = firstBranch; branch < 4 * shape.layers; branch++) {
    const layer = views.layers[branch >> 2]!;
    runBranch(branch & 3, y, saved.layers[branch >> 2]!, layer, shape, batch.window);
    const x = input(branch);
    const next = input(branch + 1);
    for (let i = 0; i < y.length; i++) next[i] = x[i]! + y[i]!;
  }
  rmsnormForward(saved.u, saved.r, saved.x, views.norm, shape.baseWidth);
  return crossEntropyForward(saved.u, views.embed, batch.targets, d);
}

/** x: [R, d] from the rows of the embedding. */
function embed(x: Float64Array, table: Float64Array, ids: Uint16Array, d: number): void {
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row]!;
    if ((id + 1) * d > table.length)
      throw new RangeError(`input id ${id} is not below the vocabulary ${table.length / d}`);
    x.set(table.subarray(id * d, (id + 1) * d), row * d);
  }
}

/** y = one residual branch of a layer applied to saved.x[branch]. */
function runBranch(
  branch: number,
  y: Float64Array,
  saved: LayerSaved,
  layer: Layer,
  shape: ModelShape,
  window: number,
): void {
  const d = shape.width;
  const b = branch as 0 | 1 | 2 | 3;
  const u = saved.u[b];
  rmsnormForward(u, saved.r[b], saved.x[b], gainOf(layer, b), shape.baseWidth);
  if (b === 0) {
    convolutionForward(y, saved.branches, u, layer.taps, d, window);
  } else if (b === 1) {
    linearForward(saved.az, u, layer.wz, layer.bz);
    linearForward(saved.ah, u, layer.wh, layer.bh);
    scanForward(saved, saved.az, saved.ah, d, window);
    linearForward(y, saved.h, layer.wo, layer.bo);
  } else if (b === 2) {
    linearForward(saved.q, u, layer.wq, layer.bq);
    slotsForward(saved.read, saved.p, saved.q, layer.keys, layer.values, d, shape.baseWidth);
    linearForward(y, saved.read, layer.slotWo, layer.slotBo);
  } else {
    linearForward(saved.gate, u, layer.wgate, layer.bgate);
    linearForward(saved.up, u, layer.wup, layer.bup);
    gatedForward(saved.hidden, saved.gate, saved.up);
    linearForward(y, saved.hidden, layer.wdown, layer.bdown);
  }
}

function gainOf(layer: Layer, branch: 0 | 1 | 2 | 3): Float64Array {
  return [layer.convNorm, layer.gruNorm, layer.slotNorm, layer.ffnNorm][branch]!;
}

/** Adds the gradient of the mean loss to `grads`, from what a forward pass over `batch` saved. */
export function backward(shape: ModelShape, views: Views, batch: TrainBatch, saved: Activations, grads: Views): void {
  const d = shape.width;
  const du = new Float64Array(saved.u.length);
  crossEntropyBackward(du, grads.embed, saved.u, views.embed, batch.targets, d);
  // dx: gradient of the residual stream, [R, d]
  const dx = new Float64Array(saved.x.length);
  rmsnormBackward(dx, grads.norm, du, saved.r, saved.x, views.norm, shape.baseWidth);
  for (let branch = 4 * shape.layers - 1; branch >= 0; branch--) {
    const b = (branch & 3) as 0 | 1 | 2 | 3;
    const layer = views.layers[branch >> 2]!;
    const layerSaved = saved.layers[branch >> 2]!;
    const layerGrads = grads.layers[branch >> 2]!;
    du.fill(0);
    // The branch writes x + y: y's gradient is dx, and what comes back through the norm is added to dx.
    runBranchBackward(b, du, dx, layerSaved, layer, layerGrads, shape, batch.window);
    const r = layerSaved.r[b];
    rmsnormBackward(dx, gainOf(layerGrads, b), du, r, layerSaved.x[b], gainOf(layer, b), shape.baseWidth);
  }
  for (let row = 0; row < batch.inputs.length; row++) {
    const at = batch.inputs[row]! * d;
    for (let i = 0; i < d; i++) grads.embed[at + i] = grads.embed[at + i]! + dx[row * d + i]!;
  }
}

/** Adds to du, the gradient of the branch's normalised input, and to the gradients of its tensors. */
function runBranchBackward(
  branch: 0 | 1 | 2 | 3,
  du: Float64Array,
  dy: Float64Array,
  saved: LayerSaved,
  layer: Layer,
  grads: Layer,
  shape: ModelShape,
  window: number,
): void {
  const d = shape.width;
  const u = saved.u[branch];
  const zeros = (like: Float64Array): Float64Array => new Float64Array(like.length);
  if (branch === 0) {
    convolutionBackward(du, grads.taps, dy, saved.branches, u, layer.taps, d, window);
  } else if (branch === 1) {
    const [dh, daz, dah] = [zeros(u), zeros(u), zeros(u)] as const;
    linearBackward(dh, grads.wo, grads.bo, dy, saved.h, layer.wo);
    scanBackward(daz, dah, dh, saved, saved.ah, d, window);
    linearBackward(du, grads.wz, grads.bz, daz, u, layer.wz);
    linearBackward(du, grads.wh, grads.bh, dah, u, layer.wh);
  } else if (branch === 2) {
    const [dread, dq] = [zeros(u), zeros(u)] as const;
    const { keys, values } = layer;
    linearBackward(dread, grads.slotWo, grads.slotBo, dy, saved.read, layer.slotWo);
    slotsBackward(dq, grads.keys, grads.values, dread, saved.p, saved.q, keys, values, d, shape.baseWidth);
    linearBackward(du, grads.wq, grads.bq, dq, u, layer.wq);
  } else {
    const [dhidden, dgate, dup] = [zeros(saved.hidden), zeros(saved.gate), zeros(saved.up)] as const;
    linearBackward(dhidden, grads.wdown, grads.bdown, dy, saved.hidden, layer.wdown);
    gatedBackward(dgate, dup, dhidden, saved.gate, saved.up);
    linearBackward(du, grads.wgate, grads.bgate, dgate, u, layer.wgate);
    linearBackward(du, grads.wup, grads.bup, dup, u, layer.wup);
  }
}
