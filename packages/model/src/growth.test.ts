import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCanonicalBf16, widenBf16 } from './bf16.ts';
import { growTrainerState, growWeights } from './growth.ts';
import { mix32 } from './integer-prng.ts';
import type { InitialAmplitudes } from './random-weights.ts';
import { referenceForward, referenceModel, targetLosses } from './reference-forward.ts';
import { type ModelShape, parameterCount } from './shape.ts';
import { tensorSpecs } from './tensors.ts';
import { randomisedParameters, randomisedWeights } from './testing/randomised-weights.ts';

const amplitudes: InitialAmplitudes = {
  embed: 0.04,
  taps: 0.015625,
  wz: 0.4375,
  wh: 0.4375,
  wq: 0.4375,
  keys: 0.4375,
  values: 0.4375,
  wgate: 0.4375,
  wup: 0.4375,
};
const seed = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const vocab = 19;
const ids = Uint16Array.from({ length: 40 }, (_, i) => mix32(i) % vocab);
const targets = Uint16Array.from({ length: 40 }, (_, i) => mix32(i + 1) % vocab);

function evaluate(shape: ModelShape, weights: Uint16Array): { logits: Float32Array; losses: Uint32Array } {
  const model = referenceModel(shape, weights);
  const forward = referenceForward(model, ids);
  assert.ok(forward.ok);
  return { logits: forward.logits, losses: targetLosses(forward.logits, targets, vocab) };
}

test('MOD-6, MOD-7: 50 growth steps one after another leave every logit bit and every integer loss unchanged', () => {
  let shape: ModelShape = { vocab, width: 8, layers: 1, baseWidth: 8 };
  let weights = randomisedWeights(shape, 1);
  const first = evaluate(shape, weights);
  assert.ok(first.losses.some((q) => q > 0));
  let [steps, layersAdded, widened] = [0, 0, 0];
  for (; steps < 50; steps++) {
    const layers = shape.layers + (steps % 10 === 9 ? 1 : 0);
    const width = shape.width + (steps % 7 === 6 ? 0 : 2 + 2 * (steps % 3 === 2 ? 1 : 0));
    const next = { ...shape, width, layers };
    weights = growWeights(shape, weights, next, seed(steps), amplitudes);
    layersAdded += layers - shape.layers;
    widened += width > shape.width ? 1 : 0;
    shape = next;
    assert.equal(weights.length, parameterCount(shape));
    assert.deepEqual(evaluate(shape, weights), first, `after step ${steps}`);
  }
  assert.deepEqual([layersAdded, widened], [5, 43]);
});

test('MOD-6, MOD-7: growth keeps the function of weights of which none is zero, from any shape to any larger one', () => {
  for (let i = 0; i < 12; i++) {
    const from: ModelShape = { vocab, width: 6 + 2 * (i % 5), layers: 1 + (i % 3), baseWidth: 6 };
    const to = { ...from, width: from.width + 2 * (mix32(i) % 9), layers: from.layers + (mix32(i + 99) % 3) };
    const weights = randomisedWeights(from, i);
    const grown = growWeights(from, weights, to, seed(i), amplitudes);
    assert.deepEqual(evaluate(to, grown), evaluate(from, weights), JSON.stringify({ from, to }));
    for (const bits of grown) assert.ok(isCanonicalBf16(bits));
  }
});

test('new units can learn: what is read from them is random, and their gains are 1', () => {
  const from: ModelShape = { vocab, width: 8, layers: 1, baseWidth: 8 };
  const to = { ...from, width: 10, layers: 2 };
  const grown = growWeights(from, randomisedWeights(from, 1), to, seed(3), amplitudes);
  for (const spec of tensorSpecs(to)) {
    const value = (row: number, column: number): number =>
      widenBf16(grown.slice(spec.offset + row * (spec.dims[1] ?? 0) + column))[0]!;
    if (spec.kind === 'values' && spec.layer === 0) assert.ok(value(0, 9) !== 0, 'new channels of slots can learn');
    if (['wz', 'wh', 'wq', 'wgate', 'wup'].includes(spec.kind)) {
      assert.ok(value(9, 0) !== 0 && value(0, spec.dims[1]! - 1) !== 0, `${spec.name} reads from new units`);
      assert.notEqual(value(9, 0), value(9, 1));
    }
    if (spec.kind === 'gain') assert.equal(value(0, 9), 1);
    if (spec.kind === 'wo' || spec.kind === 'wdown') {
      assert.ok(value(spec.dims[0] - 1, 0) === 0 && value(0, 9) === 0, `${spec.name} writes nothing new`);
    }
    if (spec.layer === 1 && spec.kind === 'taps') assert.ok(value(0, 0) === 0, 'a new layer does not convolve');
  }
});

test('growth depends on its seed and on nothing else', () => {
  const from: ModelShape = { vocab, width: 8, layers: 1, baseWidth: 8 };
  const to = { ...from, width: 10, layers: 2 };
  const weights = randomisedWeights(from, 1);
  assert.deepEqual(
    growWeights(from, weights, to, seed(3), amplitudes),
    growWeights(from, weights, to, seed(3), amplitudes),
  );
  assert.notDeepEqual(
    growWeights(from, weights, to, seed(3), amplitudes),
    growWeights(from, weights, to, seed(4), amplitudes),
  );
});

test('the state of a trainer grows with the weights: old moments stay, new m is 0, new v is a mean', () => {
  const from: ModelShape = { vocab, width: 8, layers: 2, baseWidth: 8 };
  const to = { ...from, width: 12, layers: 3 };
  const state = {
    step: 41,
    param: randomisedParameters(from, 1),
    m: randomisedParameters(from, 2),
    v: randomisedParameters(from, 3).map((x) => x * x),
  };
  const grown = growTrainerState(from, state, to, seed(5), amplitudes);
  assert.equal(grown.step, 41);
  const oldSpecs = new Map(tensorSpecs(from).map((spec) => [spec.name, spec]));
  for (const spec of tensorSpecs(to)) {
    const columns = spec.dims[1] ?? spec.dims[0];
    const rows = spec.size / columns;
    const old = oldSpecs.get(spec.name);
    const oldColumns = old === undefined ? 0 : (old.dims[1] ?? old.dims[0]);
    const oldRows = old === undefined ? 0 : old.size / oldColumns;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const at = spec.offset + row * columns + column;
        assert.ok(Number.isFinite(grown.param[at]!) && grown.v[at]! > 0);
        if (old !== undefined && row < oldRows && column < oldColumns) {
          const before = old.offset + row * oldColumns + column;
          for (const key of ['param', 'm', 'v'] as const) assert.equal(grown[key][at], state[key][before]);
        } else {
          assert.equal(grown.m[at], 0);
          if (old !== undefined && row < oldRows) {
            const begin = old.offset + row * oldColumns;
            const mean = state.v.slice(begin, begin + oldColumns).reduce((sum, x) => sum + x, 0) / oldColumns;
            assert.ok(Math.abs(grown.v[at]! / mean - 1) < 1e-6, spec.name);
          }
        }
      }
    }
  }
});

test('grown parameters that are BF16 values are those of grown weights', () => {
  const from: ModelShape = { vocab, width: 8, layers: 1, baseWidth: 8 };
  const to = { ...from, width: 14, layers: 2 };
  const weights = randomisedWeights(from, 1);
  const zero = new Float32Array(parameterCount(from));
  const state = growTrainerState(
    from,
    { step: 0, param: widenBf16(weights), m: zero, v: zero },
    to,
    seed(5),
    amplitudes,
  );
  assert.deepEqual(state.param, widenBf16(growWeights(from, weights, to, seed(5), amplitudes)));
  assert.ok(
    state.v.every((v) => v === 0),
    'a trainer that never stepped has no second moments to invent',
  );
});

test('growth refuses what is no growth', () => {
  const from: ModelShape = { vocab, width: 8, layers: 2, baseWidth: 8 };
  const weights = randomisedWeights(from, 1);
  const grow = (change: Partial<ModelShape>) => growWeights(from, weights, { ...from, ...change }, seed(1), amplitudes);
  assert.throws(() => grow({ layers: 1 }), /never shrinks/);
  assert.throws(() => grow({ width: 6 }), RangeError);
  assert.throws(() => grow({ vocab: 20 }), /keeps vocabulary/);
  assert.throws(() => grow({ width: 16, baseWidth: 16 }), /keeps vocabulary and base/);
  assert.throws(() => grow({ width: 9 }), RangeError);
  assert.throws(() => growWeights(from, weights.slice(1), from, seed(1), amplitudes), /parameters of the shape/);
  assert.deepEqual(grow({}), weights, 'growing by nothing changes nothing');
});
