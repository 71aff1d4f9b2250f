import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomWord, signedUnit } from '@resonancenet/model/integer-prng';
import { parameterCount } from '@resonancenet/model/shape';
import { tensorSpecs } from '@resonancenet/model/tensors';
import { randomisedParameters } from '@resonancenet/model/testing/randomised-weights';
import { decays, muonScale, usesMuon } from '../optimizer-split.ts';
import { gradientNorm, orthogonalise, updateParameters } from './optimizer.ts';

const shape = { vocab: 7, width: 4, layers: 1, baseWidth: 4 };
const count = parameterCount(shape);
const hyper = {
  muonLr: 0.02,
  adamLr: 0.003,
  muonMomentum: 0.9,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: Number.POSITIVE_INFINITY,
};

function newState(): { step: number; param: Float32Array; m: Float32Array; v: Float32Array } {
  return { step: 0, param: randomisedParameters(shape, 1), m: new Float32Array(count), v: new Float32Array(count) };
}

function randomMatrix(rows: number, columns: number, key: number): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, i) => signedUnit(randomWord(key, rows, i)));
}

test('the split: hidden matrices are under Muon, tables, vectors and taps under AdamW; vectors and taps do not decay', () => {
  const kinds = new Map(tensorSpecs(shape).map(({ kind }) => [kind, [usesMuon(kind), decays(kind)]]));
  for (const kind of ['wz', 'wh', 'wo', 'wq', 'wgate', 'wup', 'wdown'] as const) {
    assert.deepEqual(kinds.get(kind), [true, true], kind);
    kinds.delete(kind);
  }
  for (const kind of ['embed', 'keys', 'values'] as const) {
    assert.deepEqual(kinds.get(kind), [false, true], kind);
    kinds.delete(kind);
  }
  assert.equal(kinds.size, 9);
  for (const [kind, rules] of kinds) assert.deepEqual(rules, [false, false], kind);
});

test('AdamW: the first update is the rate against the sign of the gradient; the second follows the formula', () => {
  const state = newState();
  const before = state.param.slice();
  const g = Float64Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 0.5 : -2));
  updateParameters(shape, state, g, gradientNorm(g), hyper);
  const embed = tensorSpecs(shape)[0]!;
  for (let i = 0; i < embed.size; i++) {
    assert.ok(Math.abs(before[i]! - state.param[i]! - Math.sign(g[i]!) * 0.003) < 1e-6);
  }
  const [p1, m1, v1] = [state.param[0]!, state.m[0]!, state.v[0]!];
  assert.ok(Math.abs(m1 - 0.05) < 1e-8 && Math.abs(v1 - 0.0125) < 1e-8);
  const g2 = new Float64Array(count).fill(-1);
  updateParameters(shape, { ...state, step: 1 }, g2, gradientNorm(g2), hyper);
  const m2 = 0.9 * 0.05 - 0.1;
  const v2 = 0.95 * 0.0125 + 0.05;
  const expected = p1 - (0.003 * (m2 / (1 - 0.81))) / (Math.sqrt(v2 / (1 - 0.9025)) + 1e-8);
  assert.ok(Math.abs(state.param[0]! - expected) < 1e-6);
});

test('decay multiplies matrices and tables only, each with the rate of its own rule', () => {
  const state = newState();
  const before = state.param.slice();
  const zero = new Float64Array(count);
  updateParameters(shape, state, zero, 0, { ...hyper, weightDecay: 0.1 });
  for (const { offset, size, kind, name } of tensorSpecs(shape)) {
    const factor = !decays(kind) ? 1 : usesMuon(kind) ? 1 - 0.002 : 1 - 0.0003;
    for (let i = offset; i < offset + size; i++) {
      assert.ok(Math.abs(state.param[i]! - before[i]! * factor) <= 1e-7 * Math.abs(before[i]!), name);
    }
  }
});

test('clipping scales the whole gradient to the norm, and only when it is larger', () => {
  const g = Float64Array.from({ length: count }, (_, i) => Math.sin(i));
  const norm = gradientNorm(g);
  const [clipped, scaled, free, loose] = [newState(), newState(), newState(), newState()];
  updateParameters(shape, clipped, g, norm, { ...hyper, clipNorm: norm / 10 });
  const tenth = g.map((x) => x / 10);
  updateParameters(shape, scaled, tenth, norm / 10, hyper);
  for (let i = 0; i < count; i++) assert.ok(Math.abs(clipped.m[i]! - scaled.m[i]!) < 1e-7);
  updateParameters(shape, free, g, norm, hyper);
  updateParameters(shape, loose, g, norm, { ...hyper, clipNorm: norm * 2 });
  assert.deepEqual(loose, free);
});

test('Muon: the direction has singular values near 1, whatever the scale and the orientation of the gradient', () => {
  for (const [rows, columns] of [
    [8, 8],
    [8, 28],
    [28, 8],
  ] as const) {
    const u = randomMatrix(rows, columns, 3);
    const direction = orthogonalise(u, rows, columns);
    for (const value of singularValues(direction, rows, columns)) {
      assert.ok(value > 0.3 && value < 1.3, `${rows} x ${columns}: ${value}`);
    }
    const tiny = orthogonalise(
      u.map((x) => x * 1e-3),
      rows,
      columns,
    );
    assert.ok(tiny.every((x, i) => Math.abs(x - direction[i]!) < 1e-3));
    const alignment = direction.reduce((sum, x, i) => sum + x * u[i]!, 0);
    assert.ok(alignment > 0, 'the direction goes with the gradient');
  }
  assert.deepEqual(orthogonalise(new Float64Array(6), 2, 3), new Float64Array(6));
});

test('Muon: Nesterov momentum, and a larger step for matrices with more outputs than inputs', () => {
  const state = newState();
  const before = state.param.slice();
  const g = Float64Array.from({ length: count }, (_, i) => Math.cos(i * i));
  updateParameters(shape, state, g, gradientNorm(g), hyper);
  for (const spec of tensorSpecs(shape).filter(({ kind }) => usesMuon(kind))) {
    const part = g.slice(spec.offset, spec.offset + spec.size);
    // after the first update m = 0.1 g and the direction is that of 0.1 g + 0.9 m, a multiple of g
    const direction = orthogonalise(
      part.map((x) => 0.19 * x),
      spec.dims[0],
      spec.dims[1]!,
    );
    const scale = Math.sqrt(Math.max(1, spec.dims[1]! / spec.dims[0]));
    assert.equal(muonScale(spec.dims[0], spec.dims[1]!), scale);
    for (let i = 0; i < spec.size; i++) {
      const at = spec.offset + i;
      assert.ok(Math.abs(before[at]! - state.param[at]! - 0.02 * scale * direction[i]!) < 1e-5, spec.name);
      assert.ok(Math.abs(state.m[at]! - 0.1 * part[i]!) < 1e-7 && state.v[at] === 0);
    }
  }
});

/** Singular values by the eigenvalues of the smaller Gram matrix, found by Jacobi rotations. */
function singularValues(matrix: Float64Array, rows: number, columns: number): number[] {
  const n = Math.min(rows, columns);
  const at = (i: number, k: number): number => (rows <= columns ? matrix[i * columns + k]! : matrix[k * columns + i]!);
  const gram = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => {
      let sum = 0;
      for (let k = 0; k < Math.max(rows, columns); k++) sum += at(i, k) * at(j, k);
      return sum;
    }),
  );
  for (let sweep = 0; sweep < 50; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) rotate(gram, p, q);
    }
  }
  return gram.map((row, i) => Math.sqrt(row[i]!));
}

/** Makes element (p, q) of a symmetric matrix zero. */
function rotate(a: number[][], p: number, q: number): void {
  if (Math.abs(a[p]![q]!) < 1e-14) return;
  const angle = 0.5 * Math.atan2(2 * a[p]![q]!, a[q]![q]! - a[p]![p]!);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [a[k]![p]!, a[k]![q]!];
    a[k]![p] = c * x - s * y;
    a[k]![q] = s * x + c * y;
  }
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [a[p]![k]!, a[q]![k]!];
    a[p]![k] = c * x - s * y;
    a[q]![k] = s * x + c * y;
  }
}
