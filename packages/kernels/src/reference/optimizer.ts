// The optimiser in binary64, as optimizer-split.ts defines it: AdamW and Muon over binary32 state.

import type { ModelShape } from '@resonancenet/model/shape';
import { type TensorSpec, tensorSpecs } from '@resonancenet/model/tensors';
import type { StepHyper } from '../backend.ts';
import { decays, MUON_COEFFICIENTS, MUON_EPSILON, MUON_STEPS, muonScale, usesMuon } from '../optimizer-split.ts';

/** Arrays that an update changes in place; `step` is the number of updates done before it. */
export interface OptimizerState {
  readonly step: number;
  readonly param: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** Global L2 norm of a gradient. */
export function gradientNorm(gradient: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < gradient.length; i++) squares += gradient[i]! * gradient[i]!;
  return Math.sqrt(squares);
}

/** One update of every tensor by a gradient of finite norm `norm`. */
export function updateParameters(
  shape: ModelShape,
  state: OptimizerState,
  gradient: Float64Array,
  norm: number,
  hyper: StepHyper,
): void {
  const clip = norm > hyper.clipNorm ? hyper.clipNorm / norm : 1;
  for (const spec of tensorSpecs(shape)) {
    const part = (array: Float32Array): Float32Array => array.subarray(spec.offset, spec.offset + spec.size);
    const g = gradient.slice(spec.offset, spec.offset + spec.size).map((x) => x * clip);
    const muon = usesMuon(spec.kind);
    const param = part(state.param);
    if (decays(spec.kind)) {
      const keep = 1 - (muon ? hyper.muonLr : hyper.adamLr) * hyper.weightDecay;
      for (let i = 0; i < param.length; i++) param[i] = param[i]! * keep;
    }
    if (muon) muonUpdate(spec, param, part(state.m), g, hyper);
    else adamUpdate(param, part(state.m), part(state.v), g, state.step + 1, hyper);
  }
}

function adamUpdate(
  param: Float32Array,
  m: Float32Array,
  v: Float32Array,
  g: Float64Array,
  t: number,
  hyper: StepHyper,
): void {
  const { beta1, beta2 } = hyper;
  const correction1 = 1 - beta1 ** t;
  const correction2 = 1 - beta2 ** t;
  for (let i = 0; i < param.length; i++) {
    m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!;
    v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! * g[i]!;
    param[i] = param[i]! - (hyper.adamLr * (m[i]! / correction1)) / (Math.sqrt(v[i]! / correction2) + hyper.epsilon);
  }
}

function muonUpdate(spec: TensorSpec, param: Float32Array, m: Float32Array, g: Float64Array, hyper: StepHyper): void {
  const mu = hyper.muonMomentum;
  const [rows, columns] = [spec.dims[0], spec.dims[1]!];
  const u = new Float64Array(g.length);
  for (let i = 0; i < g.length; i++) {
    m[i] = mu * m[i]! + (1 - mu) * g[i]!;
    u[i] = (1 - mu) * g[i]! + mu * m[i]!;
  }
  const direction = orthogonalise(u, rows, columns);
  const rate = hyper.muonLr * muonScale(rows, columns);
  for (let i = 0; i < param.length; i++) param[i] = param[i]! - rate * direction[i]!;
}

/** Newton-Schulz iteration towards the nearest semi-orthogonal matrix. u: [rows, columns], row-major. */
export function orthogonalise(u: Float64Array, rows: number, columns: number): Float64Array {
  if (rows > columns) return transpose(orthogonalise(transpose(u, rows, columns), columns, rows), columns, rows);
  const [a, b, c] = MUON_COEFFICIENTS;
  const norm = gradientNorm(u) + MUON_EPSILON;
  let x = u.map((value) => value / norm);
  for (let step = 0; step < MUON_STEPS; step++) {
    // gram: [rows, rows], symmetric
    const gram = multiply(x, transpose(x, rows, columns), rows, columns, rows);
    const squared = multiply(gram, gram, rows, rows, rows);
    const polynomial = gram.map((value, i) => b * value + c * squared[i]!);
    const product = multiply(polynomial, x, rows, rows, columns);
    x = x.map((value, i) => a * value + product[i]!);
  }
  return x;
}

/** [n, k] x [k, m]. */
function multiply(left: Float64Array, right: Float64Array, n: number, k: number, m: number): Float64Array {
  const out = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < k; j++) {
      const factor = left[i * k + j]!;
      for (let l = 0; l < m; l++) out[i * m + l] = out[i * m + l]! + factor * right[j * m + l]!;
    }
  }
  return out;
}

function transpose(matrix: Float64Array, rows: number, columns: number): Float64Array {
  return matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
}
