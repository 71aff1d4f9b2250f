// The operations of the model in binary64, forward and backward as pairs: the definition of the gradient. Plain loops; R = batch x window rows, d = width,
// K inputs, N outputs. Every backward ADDS to the gradients it is given. Formulas: spec/model.md MOD-5; the gradient of the scan: Feng et al. 2024, appendix B.

import { KERNEL_OFFSETS, KERNELS, SLOTS } from '@resonancenet/model/shape';

export const RMSNORM_EPSILON = 1e-6;

export function sigmoid(a: number): number {
  return 1 / (1 + Math.exp(-a));
}

export function silu(a: number): number {
  return a / (1 + Math.exp(-a));
}

/** d silu(a) / da. */
export function siluSlope(a: number): number {
  const s = sigmoid(a);
  return s * (1 + a * (1 - s));
}

/** u = x r gain with r = 1 / sqrt(sum(x^2) / d0 + e). x, u: [R, d]; r: [R], saved for the backward. */
export function rmsnormForward(
  u: Float64Array,
  r: Float64Array,
  x: Float64Array,
  gain: Float64Array,
  baseWidth: number,
): void {
  const d = gain.length;
  for (let row = 0, at = 0; row < r.length; row++, at += d) {
    let squares = 0;
    for (let i = 0; i < d; i++) squares += x[at + i]! * x[at + i]!;
    const scale = 1 / Math.sqrt(squares / baseWidth + RMSNORM_EPSILON);
    r[row] = scale;
    for (let i = 0; i < d; i++) u[at + i] = x[at + i]! * scale * gain[i]!;
  }
}

export function rmsnormBackward(
  dx: Float64Array,
  dgain: Float64Array,
  du: Float64Array,
  r: Float64Array,
  x: Float64Array,
  gain: Float64Array,
  baseWidth: number,
): void {
  const d = gain.length;
  for (let row = 0, at = 0; row < r.length; row++, at += d) {
    const scale = r[row]!;
    let along = 0;
    for (let i = 0; i < d; i++) {
      dgain[i] = dgain[i]! + du[at + i]! * x[at + i]! * scale;
      along += du[at + i]! * gain[i]! * x[at + i]!;
    }
    // dr / dx_i = -r^3 x_i / d0
    const pull = (scale * scale * scale * along) / baseWidth;
    for (let i = 0; i < d; i++) dx[at + i] = dx[at + i]! + scale * du[at + i]! * gain[i]! - pull * x[at + i]!;
  }
}

/** y = x w + bias. x: [R, K], w: [K, N], bias: [N], y: [R, N]. */
export function linearForward(y: Float64Array, x: Float64Array, w: Float64Array, bias: Float64Array): void {
  const outWidth = bias.length;
  const inWidth = w.length / outWidth;
  const rows = x.length / inWidth;
  for (let row = 0; row < rows; row++) {
    y.set(bias, row * outWidth);
    for (let k = 0; k < inWidth; k++) addScaled(y, row * outWidth, x[row * inWidth + k]!, w, k * outWidth, outWidth);
  }
}

export function linearBackward(
  dx: Float64Array,
  dw: Float64Array,
  dbias: Float64Array,
  dy: Float64Array,
  x: Float64Array,
  w: Float64Array,
): void {
  const outWidth = dbias.length;
  const inWidth = w.length / outWidth;
  const rows = x.length / inWidth;
  for (let row = 0; row < rows; row++) {
    const at = row * outWidth;
    for (let n = 0; n < outWidth; n++) dbias[n] = dbias[n]! + dy[at + n]!;
    for (let k = 0; k < inWidth; k++) {
      const i = row * inWidth + k;
      dx[i] = dx[i]! + dot(dy, at, w, k * outWidth, outWidth);
      addScaled(dw, k * outWidth, x[i]!, dy, at, outWidth);
    }
  }
}

/**
 * Sum of the SiLU of five causal depthwise convolutions. u, y: [R, d]; taps: [119, d]; a: [5, R, d], the branches before SiLU, saved.
 * Rows are `window` steps per sequence; nothing crosses from one sequence into the next.
 */
export function convolutionForward(
  y: Float64Array,
  a: Float64Array,
  u: Float64Array,
  taps: Float64Array,
  d: number,
  window: number,
): void {
  const size = u.length;
  const rows = size / d;
  a.fill(0);
  y.fill(0);
  for (const [branch, kernel] of KERNELS.entries()) {
    for (let row = 0; row < rows; row++) {
      const at = branch * size + row * d;
      const lags = Math.min(kernel, (row % window) + 1);
      for (let j = 0; j < lags; j++) {
        addProduct(a, at, u, (row - j) * d, taps, (KERNEL_OFFSETS[branch]! + j) * d, d);
      }
      for (let c = 0; c < d; c++) y[row * d + c] = y[row * d + c]! + silu(a[at + c]!);
    }
  }
}

export function convolutionBackward(
  du: Float64Array,
  dtaps: Float64Array,
  dy: Float64Array,
  a: Float64Array,
  u: Float64Array,
  taps: Float64Array,
  d: number,
  window: number,
): void {
  const size = u.length;
  const rows = size / d;
  const da = new Float64Array(d);
  for (const [branch, kernel] of KERNELS.entries()) {
    for (let row = 0; row < rows; row++) {
      for (let c = 0; c < d; c++) da[c] = dy[row * d + c]! * siluSlope(a[branch * size + row * d + c]!);
      const lags = Math.min(kernel, (row % window) + 1);
      for (let j = 0; j < lags; j++) {
        const tap = (KERNEL_OFFSETS[branch]! + j) * d;
        addProduct(du, (row - j) * d, da, 0, taps, tap, d);
        addProduct(dtaps, tap, da, 0, u, (row - j) * d, d);
      }
    }
  }
}

/** What the scan saves: gates z, candidates c and states h, [R, d] each. */
export interface ScanSaved {
  readonly z: Float64Array;
  readonly c: Float64Array;
  readonly h: Float64Array;
}

/** minGRU: z = sigmoid(az), c = g(ah), h[t] = h[t-1] + z (c - h[t-1]). az, ah: [R, d]. */
export function scanForward(saved: ScanSaved, az: Float64Array, ah: Float64Array, d: number, window: number): void {
  const { z, c, h } = saved;
  for (let i = 0; i < az.length; i++) {
    z[i] = sigmoid(az[i]!);
    c[i] = ah[i]! >= 0 ? ah[i]! + 0.5 : sigmoid(ah[i]!);
    const before = i % (window * d) >= d ? h[i - d]! : 0;
    h[i] = before + z[i]! * (c[i]! - before);
  }
}

/** dh is consumed: it becomes the whole gradient of every state. */
export function scanBackward(
  daz: Float64Array,
  dah: Float64Array,
  dh: Float64Array,
  saved: ScanSaved,
  ah: Float64Array,
  d: number,
  window: number,
): void {
  const { z, c, h } = saved;
  for (let i = dh.length - 1; i >= 0; i--) {
    const first = i % (window * d) < d;
    const before = first ? 0 : h[i - d]!;
    const grad = dh[i]!;
    if (!first) dh[i - d] = dh[i - d]! + (1 - z[i]!) * grad;
    daz[i] = daz[i]! + grad * (c[i]! - before) * z[i]! * (1 - z[i]!);
    dah[i] = dah[i]! + grad * z[i]! * (ah[i]! >= 0 ? 1 : c[i]! * (1 - c[i]!));
  }
}

/** y = a product of two equal shapes with the first through SiLU: y = silu(gate) up. */
export function gatedForward(y: Float64Array, gate: Float64Array, up: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i] = silu(gate[i]!) * up[i]!;
}

export function gatedBackward(
  dgate: Float64Array,
  dup: Float64Array,
  dy: Float64Array,
  gate: Float64Array,
  up: Float64Array,
): void {
  for (let i = 0; i < dy.length; i++) {
    dgate[i] = dgate[i]! + dy[i]! * up[i]! * siluSlope(gate[i]!);
    dup[i] = dup[i]! + dy[i]! * silu(gate[i]!);
  }
}

/** Slot memory: p = softmax(q . keys / sqrt(d0)), y = p values. q, y: [R, d]; keys, values: [64, d]; p: [R, 64], saved. */
export function slotsForward(
  y: Float64Array,
  p: Float64Array,
  q: Float64Array,
  keys: Float64Array,
  values: Float64Array,
  d: number,
  baseWidth: number,
): void {
  const scale = 1 / Math.sqrt(baseWidth);
  y.fill(0);
  for (let row = 0; row < q.length / d; row++) {
    const probabilities = p.subarray(row * SLOTS, (row + 1) * SLOTS);
    for (let s = 0; s < SLOTS; s++) probabilities[s] = dot(q, row * d, keys, s * d, d) * scale;
    softmax(probabilities);
    for (let s = 0; s < SLOTS; s++) addScaled(y, row * d, probabilities[s]!, values, s * d, d);
  }
}

export function slotsBackward(
  dq: Float64Array,
  dkeys: Float64Array,
  dvalues: Float64Array,
  dy: Float64Array,
  p: Float64Array,
  q: Float64Array,
  keys: Float64Array,
  values: Float64Array,
  d: number,
  baseWidth: number,
): void {
  const scale = 1 / Math.sqrt(baseWidth);
  const dp = new Float64Array(SLOTS);
  for (let row = 0; row < q.length / d; row++) {
    const at = row * d;
    let mean = 0;
    for (let s = 0; s < SLOTS; s++) {
      dp[s] = dot(dy, at, values, s * d, d);
      mean += p[row * SLOTS + s]! * dp[s]!;
      addScaled(dvalues, s * d, p[row * SLOTS + s]!, dy, at, d);
    }
    for (let s = 0; s < SLOTS; s++) {
      const dscore = p[row * SLOTS + s]! * (dp[s]! - mean) * scale;
      addScaled(dq, at, dscore, keys, s * d, d);
      addScaled(dkeys, s * d, dscore, q, at, d);
    }
  }
}

/** Mean cross-entropy in nats of logits u . embed[v] against the targets. u: [R, d], embed: [V, d]; the logits of one row live at a time. */
export function crossEntropyForward(u: Float64Array, embed: Float64Array, targets: Uint16Array, d: number): number {
  const logits = new Float64Array(embed.length / d);
  let total = 0;
  for (let row = 0; row < targets.length; row++) {
    for (let v = 0; v < logits.length; v++) logits[v] = dot(u, row * d, embed, v * d, d);
    const target = logits[targets[row]!]!;
    total += softmax(logits) - target;
  }
  return total / targets.length;
}

export function crossEntropyBackward(
  du: Float64Array,
  dembed: Float64Array,
  u: Float64Array,
  embed: Float64Array,
  targets: Uint16Array,
  d: number,
): void {
  const logits = new Float64Array(embed.length / d);
  for (let row = 0; row < targets.length; row++) {
    for (let v = 0; v < logits.length; v++) logits[v] = dot(u, row * d, embed, v * d, d);
    softmax(logits);
    for (let v = 0; v < logits.length; v++) {
      const dlogit = (logits[v]! - (v === targets[row]! ? 1 : 0)) / targets.length;
      addScaled(du, row * d, dlogit, embed, v * d, d);
      addScaled(dembed, v * d, dlogit, u, row * d, d);
    }
  }
}

/** Turns scores into probabilities in place; returns the logarithm of the sum of their exponentials. */
function softmax(scores: Float64Array): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) max = Math.max(max, scores[i]!);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const e = Math.exp(scores[i]! - max);
    scores[i] = e;
    sum += e;
  }
  for (let i = 0; i < scores.length; i++) scores[i] = scores[i]! / sum;
  return max + Math.log(sum);
}

function dot(a: Float64Array, aAt: number, b: Float64Array, bAt: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[aAt + i]! * b[bAt + i]!;
  return sum;
}

/** y += a w over n elements. */
function addScaled(y: Float64Array, yAt: number, a: number, w: Float64Array, wAt: number, n: number): void {
  for (let i = 0; i < n; i++) y[yAt + i] = y[yAt + i]! + a * w[wAt + i]!;
}

/** y += a w elementwise over n elements. */
function addProduct(
  y: Float64Array,
  yAt: number,
  a: Float64Array,
  aAt: number,
  w: Float64Array,
  wAt: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) y[yAt + i] = y[yAt + i]! + a[aAt + i]! * w[wAt + i]!;
}
