// The definition of the exact forward pass (spec/evaluation.md EVAL-1 to EVAL-10): plain loops in the order of the rules. Every other implementation is compared
// with this file, bit for bit. Loops run k-outer, n-inner, which keeps the order of every sum and suits the engine's compiler.
//
// A store into a Float32Array rounds to binary32, so `y[n] = y[n] + f(a * b)` is fl(y + fl(a b)).

import { widenBf16 } from './bf16.ts';
import { exp32, flush, reduce16, rmsnorm, sigmoid, silu, targetLoss } from './f32-seq.ts';
import { CONV_HISTORY, hiddenWidth, KERNEL_OFFSETS, KERNELS, type ModelShape, SLOTS } from './shape.ts';
import { type LayerViews, type ModelViews, modelViews } from './tensor-views.ts';

const f = Math.fround;

/** Weights widened to binary32, ready for the forward pass. */
export interface ReferenceModel extends ModelViews<Float32Array> {
  readonly shape: ModelShape;
  /** The transpose of `embed`, [d, V]: row k holds what channel k adds to every logit. */
  readonly embedColumns: Float32Array;
}

/** What a position knows of the ones before it: O(1) in their number (MOD-5). */
export interface ReferenceState {
  /** Ids fed so far. */
  position: number;
  /** Per layer: h [d] and the last 62 convolution inputs, [62, d], oldest first. */
  readonly layers: readonly { readonly hidden: Float32Array; readonly history: Float32Array }[];
}

/** Logits, or the verdict that a stored value was NaN or infinite: the checkpoint is invalid (EVAL-3). */
export type ForwardResult = { readonly ok: true; readonly logits: Float32Array } | NonFinite;
export type NonFinite = { readonly ok: false; readonly reason: 'non-finite' };

const NON_FINITE: NonFinite = { ok: false, reason: 'non-finite' };

/** Leaves the forward pass at the first non-finite value; never leaves this module. */
class NonFiniteValue extends Error {}

/** Prepares the BF16 bit patterns of all tensors, end to end in canonical order. */
export function referenceModel(shape: ModelShape, weights: Uint16Array): ReferenceModel {
  const views = modelViews(shape, widenBf16(weights));
  const { vocab, width } = shape;
  const embedColumns = new Float32Array(vocab * width);
  for (let v = 0; v < vocab; v++) {
    for (let k = 0; k < width; k++) embedColumns[k * vocab + v] = views.embed[v * width + k]!;
  }
  return { ...views, shape, embedColumns };
}

/** The state before the first id: h = 0 and no history. */
export function emptyState(shape: ModelShape): ReferenceState {
  const layers = Array.from({ length: shape.layers }, () => ({
    hidden: new Float32Array(shape.width),
    history: new Float32Array(CONV_HISTORY * shape.width),
  }));
  return { position: 0, layers };
}

/**
 * Logits [T, V] after each of the T inputs. `state` is read and moved on, so that feeding a sequence in any pieces gives the same bits; without it the
 * sequence is a window of its own. After a non-finite verdict the state is unusable.
 */
export function referenceForward(
  model: ReferenceModel,
  inputs: Uint16Array,
  state: ReferenceState = emptyState(model.shape),
): ForwardResult {
  const { shape } = model;
  const d = shape.width;
  const steps = inputs.length;
  // x: residual stream [T, d]
  const x = new Float32Array(steps * d);
  for (let t = 0; t < steps; t++) {
    const id = inputs[t]!;
    if (id >= shape.vocab) throw new RangeError(`input id ${id} is not below the vocabulary ${shape.vocab}`);
    x.set(model.embed.subarray(id * d, (id + 1) * d), t * d);
  }
  try {
    for (const [l, layer] of model.layers.entries()) {
      const { hidden, history } = state.layers[l]!;
      convolutionBranch(layer, shape, x, history, state.position);
      gruBranch(layer, shape, x, hidden);
      slotBranch(layer, shape, x);
      ffnBranch(layer, shape, x);
    }
    state.position += steps;
    return { ok: true, logits: outputLogits(model, x) };
  } catch (error) {
    if (error instanceof NonFiniteValue) return NON_FINITE;
    throw error;
  }
}

/** The quantised loss q of every target of a window (EVAL-10), in units of 2^-16 nats. */
export function referenceTargetLosses(
  model: ReferenceModel,
  inputs: Uint16Array,
  targets: Uint16Array,
): { readonly ok: true; readonly losses: Uint32Array } | NonFinite {
  const result = referenceForward(model, inputs);
  return result.ok ? { ok: true, losses: targetLosses(result.logits, targets, model.shape.vocab) } : result;
}

/** q of every target from the logits [T, V] before it (EVAL-10). */
export function targetLosses(logits: Float32Array, targets: Uint16Array, vocab: number): Uint32Array {
  if (logits.length !== targets.length * vocab) {
    throw new RangeError(
      `${targets.length} targets do not fit the logits of ${logits.length / vocab} inputs: give one per input`,
    );
  }
  return Uint32Array.from(targets, (target, t) => lossOfTarget(logits.subarray(t * vocab, (t + 1) * vocab), target));
}

/** EVAL-10 for one row of logits [V]. They are finite, so the sum of the exponentials is in [1, V]. */
function lossOfTarget(logits: Float32Array, target: number): number {
  if (target >= logits.length) throw new RangeError(`target id ${target} is not below the vocabulary ${logits.length}`);
  let max = logits[0]!;
  for (const logit of logits) max = Math.max(max, logit);
  const sum = reduce16(logits.map((logit) => exp32(f(logit - max))));
  return targetLoss(sum, max, logits[target]!);
}

/** Stores values through F (EVAL-2) and tests them (EVAL-3). */
function store(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    const v = flush(values[i]!);
    if (v - v !== 0) throw new NonFiniteValue();
    values[i] = v;
  }
}

/** x = F(fl(x + y)), the end of every branch. */
function addResidual(x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i++) x[i] = x[i]! + y[i]!;
  store(x);
}

/** rmsnorm of every row (EVAL-5). x: [T, d], out: [T, d]. */
function rmsnormRows(x: Float32Array, gain: Float32Array, baseWidth: number, out: Float32Array): void {
  const d = gain.length;
  for (let at = 0; at < x.length; at += d) {
    const q = rmsnorm(x.subarray(at, at + d), gain, baseWidth, out.subarray(at, at + d));
    if (q - q !== 0) throw new NonFiniteValue();
  }
  store(out);
}

/** y[i] = fl(y[i] + fl(a w[i])). */
function addScaledRow(y: Float32Array, yAt: number, a: number, w: Float32Array, wAt: number, n: number): void {
  for (let i = 0; i < n; i++) y[yAt + i] = y[yAt + i]! + f(a * w[wAt + i]!);
}

/** y[i] = fl(y[i] + fl(u[i] w[i])). */
function addProductRow(y: Float32Array, u: Float32Array, uAt: number, w: Float32Array, wAt: number, n: number): void {
  for (let i = 0; i < n; i++) y[i] = y[i]! + f(u[uAt + i]! * w[wAt + i]!);
}

/** Linear (EVAL-6) of every row. x: [T, K], w: [K, N], bias: [N] or none; returns [T, N]. */
function linear(
  x: Float32Array,
  w: Float32Array,
  bias: Float32Array | null,
  inWidth: number,
  outWidth: number,
): Float32Array {
  const steps = x.length / inWidth;
  const y = new Float32Array(steps * outWidth);
  for (let t = 0; t < steps; t++) {
    if (bias !== null) y.set(bias, t * outWidth);
    for (let k = 0; k < inWidth; k++) addScaledRow(y, t * outWidth, x[t * inWidth + k]!, w, k * outWidth, outWidth);
  }
  store(y);
  return y;
}

/** Multi-scale causal convolution (EVAL-7). `history` holds the 62 inputs before x, of which the last `position` exist. */
function convolutionBranch(
  layer: LayerViews<Float32Array>,
  shape: ModelShape,
  x: Float32Array,
  history: Float32Array,
  position: number,
): void {
  const d = shape.width;
  const steps = x.length / d;
  // u: [62 + T, d], the history and then the normalised inputs
  const u = new Float32Array(history.length + x.length);
  u.set(history);
  rmsnormRows(x, layer.convNorm, shape.baseWidth, u.subarray(history.length));
  const a = new Float32Array(d);
  const y = new Float32Array(d);
  for (let t = 0; t < steps; t++) {
    for (const [branch, kernel] of KERNELS.entries()) {
      a.fill(0);
      for (let j = 0; j < kernel && position + t - j >= 0; j++) {
        addProductRow(a, u, (CONV_HISTORY + t - j) * d, layer.taps, (KERNEL_OFFSETS[branch]! + j) * d, d);
      }
      store(a);
      for (let c = 0; c < d; c++) y[c] = branch === 0 ? silu(a[c]!) : y[c]! + silu(a[c]!);
    }
    store(y);
    addResidual(x.subarray(t * d, (t + 1) * d), y);
  }
  history.set(u.subarray(u.length - history.length));
}

/** minGRU with output projection (EVAL-7). `hidden` is h before the first row and is moved on. */
function gruBranch(layer: LayerViews<Float32Array>, shape: ModelShape, x: Float32Array, hidden: Float32Array): void {
  const d = shape.width;
  const u = new Float32Array(x.length);
  rmsnormRows(x, layer.gruNorm, shape.baseWidth, u);
  const az = linear(u, layer.wz, layer.bz, d, d);
  const ah = linear(u, layer.wh, layer.bh, d, d);
  // states: [T, d], h after every step
  const states = new Float32Array(x.length);
  for (let at = 0; at < x.length; at += d) {
    for (let c = 0; c < d; c++) {
      const z = sigmoid(az[at + c]!);
      const candidate = ah[at + c]! >= 0 ? f(ah[at + c]! + 0.5) : sigmoid(ah[at + c]!);
      hidden[c] = hidden[c]! + f(z * f(candidate - hidden[c]!));
    }
    store(hidden);
    states.set(hidden, at);
  }
  addResidual(x, linear(states, layer.wo, layer.bo, d, d));
}

/** Slot memory: softmax over 64 learned keys, sum of 64 learned values, output projection (EVAL-8). */
function slotBranch(layer: LayerViews<Float32Array>, shape: ModelShape, x: Float32Array): void {
  const d = shape.width;
  const u = new Float32Array(x.length);
  rmsnormRows(x, layer.slotNorm, shape.baseWidth, u);
  const query = linear(u, layer.wq, layer.bq, d, d);
  const scale = f(1 / Math.sqrt(shape.baseWidth));
  const scores = new Float32Array(SLOTS);
  // y: [T, d], what is read from the slots
  const y = new Float32Array(x.length);
  for (let at = 0; at < x.length; at += d) {
    for (let s = 0; s < SLOTS; s++) {
      let dot = 0;
      for (let k = 0; k < d; k++) dot = f(dot + f(query[at + k]! * layer.keys[s * d + k]!));
      scores[s] = dot * scale;
    }
    store(scores);
    const max = scores.reduce((m, score) => Math.max(m, score));
    const weights = scores.map((score) => exp32(f(score - max)));
    const sum = reduce16(weights);
    for (let s = 0; s < SLOTS; s++) addScaledRow(y, at, flush(f(weights[s]! / sum)), layer.values, s * d, d);
  }
  store(y);
  addResidual(x, linear(y, layer.slotWo, layer.slotBo, d, d));
}

/** SwiGLU (EVAL-8). */
function ffnBranch(layer: LayerViews<Float32Array>, shape: ModelShape, x: Float32Array): void {
  const d = shape.width;
  const h = hiddenWidth(d);
  const u = new Float32Array(x.length);
  rmsnormRows(x, layer.ffnNorm, shape.baseWidth, u);
  const gate = linear(u, layer.wgate, layer.bgate, d, h);
  const up = linear(u, layer.wup, layer.bup, d, h);
  // gate becomes a: [T, h]
  for (let i = 0; i < gate.length; i++) gate[i] = silu(gate[i]!) * up[i]!;
  store(gate);
  addResidual(x, linear(gate, layer.wdown, layer.bdown, h, d));
}

/** Final norm and tied embedding (EVAL-9); returns [T, V]. */
function outputLogits(model: ReferenceModel, x: Float32Array): Float32Array {
  const u = new Float32Array(x.length);
  rmsnormRows(x, model.norm, model.shape.baseWidth, u);
  return linear(u, model.embedColumns, null, model.shape.width, model.shape.vocab);
}
