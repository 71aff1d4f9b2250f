import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mix32 } from './integer-prng.ts';
import { emptyState, referenceForward, referenceModel, referenceTargetLosses } from './reference-forward.ts';
import type { ModelShape } from './shape.ts';
import { tensorSpecs } from './tensors.ts';
import { randomisedWeights } from './testing/randomised-weights.ts';

const shape: ModelShape = { vocab: 23, width: 18, layers: 2, baseWidth: 16 };
const ids = Uint16Array.from({ length: 80 }, (_, i) => (i * i * 5 + (i >> 3)) % shape.vocab);

function logitsOf(model: ReturnType<typeof referenceModel>, inputs: Uint16Array): Float32Array {
  const result = referenceForward(model, inputs);
  assert.ok(result.ok);
  return result.logits;
}

test('the integer losses are those that the independent evaluator of spec/check computed', () => {
  const cases = [
    {
      of: { vocab: 256, width: 20, layers: 2, baseWidth: 20 },
      seed: 21,
      window: 80,
      start: 0,
      sums: [47484075, 45610363, 44770378],
    },
    {
      of: { vocab: 51, width: 18, layers: 2, baseWidth: 16 },
      seed: 22,
      window: 100,
      start: 50,
      sums: [38519818, 39891483],
    },
  ];
  for (const { of: shapeOf, seed, window, start, sums } of cases) {
    const model = referenceModel(shapeOf, randomisedWeights(shapeOf, seed));
    for (const [number, sum] of sums.entries()) {
      const targets = Uint16Array.from({ length: window }, (_, i) => mix32(number * window + i + seed) % shapeOf.vocab);
      const result = referenceTargetLosses(model, Uint16Array.of(start, ...targets.subarray(0, -1)), targets);
      assert.ok(result.ok);
      assert.equal(
        result.losses.reduce((a, b) => a + b, 0),
        sum,
      );
    }
  }
});

test('causality is exact: changing the id at t changes no logit before t, and those from t on', () => {
  const model = referenceModel(shape, randomisedWeights(shape, 1));
  const before = logitsOf(model, ids);
  for (const t of [0, 1, 30, 62, 79]) {
    const changed = ids.slice();
    changed[t] = (changed[t]! + 1) % shape.vocab;
    const after = logitsOf(model, changed);
    const at = t * shape.vocab;
    assert.deepEqual(after.subarray(0, at), before.subarray(0, at));
    for (let row = t; row < ids.length; row++) {
      const [from, to] = [row * shape.vocab, (row + 1) * shape.vocab];
      assert.notDeepEqual(after.subarray(from, to), before.subarray(from, to), `the id at ${t} is not seen at ${row}`);
    }
  }
});

test('a sequence fed in pieces gives the same bits as the whole', () => {
  const model = referenceModel(shape, randomisedWeights(shape, 2));
  const whole = logitsOf(model, ids);
  const state = emptyState(shape);
  let at = 0;
  for (const length of [1, 1, 1, 5, 62, 10]) {
    const result = referenceForward(model, ids.subarray(at, at + length), state);
    assert.ok(result.ok);
    assert.deepEqual(result.logits, whole.slice(at * shape.vocab, (at + length) * shape.vocab));
    at += length;
  }
  assert.equal(at, ids.length);
  assert.equal(state.position, ids.length);
});

test('EVAL-10: the losses of a window are those of its logits', () => {
  const model = referenceModel(shape, randomisedWeights(shape, 3));
  const targets = Uint16Array.from(ids, (id) => (id + 7) % shape.vocab);
  const result = referenceTargetLosses(model, ids, targets);
  assert.ok(result.ok);
  const logits = logitsOf(model, ids);
  for (let t = 0; t < ids.length; t++) {
    const row = logits.subarray(t * shape.vocab, (t + 1) * shape.vocab);
    const exact = Math.log(row.reduce((sum, v) => sum + Math.exp(v), 0)) - row[targets[t]!]!;
    assert.ok(Math.abs(result.losses[t]! / 65536 - exact) < 1e-5);
  }
});

test('every tensor matters: changing one element of any tensor changes the logits', () => {
  const weights = randomisedWeights(shape, 4);
  const plain = logitsOf(referenceModel(shape, weights), ids);
  for (const spec of tensorSpecs(shape)) {
    const changed = weights.slice();
    // element 0 of a slot's key belongs to slot 0, of the taps to lag 0: all are in use
    changed[spec.offset] = changed[spec.offset]! ^ 0x0040;
    assert.notDeepEqual(logitsOf(referenceModel(shape, changed), ids), plain, spec.name);
  }
});

test('EVAL-3: overflow anywhere makes the verdict non-finite, whatever the loss would be', () => {
  const weights = randomisedWeights(shape, 5);
  const large = 0x4980; // 2^20
  const spec = (name: string) => tensorSpecs(shape).find((s) => s.name === name)!;
  const filled = (...names: string[]): Uint16Array => {
    const copy = weights.slice();
    for (const name of names) copy.fill(large, spec(name).offset, spec(name).offset + spec(name).size);
    return copy;
  };
  // x stays finite (about 2^66), but the sum of squares in the final norm overflows; ignoring that would give logits of 0
  const inNorm = referenceModel(shape, filled('layers.1.ffn.norm', 'layers.1.ffn.wgate'));
  assert.deepEqual(referenceForward(inNorm, ids), { ok: false, reason: 'non-finite' });
  assert.deepEqual(referenceTargetLosses(inNorm, ids, ids), { ok: false, reason: 'non-finite' });
  // x itself overflows
  const inResidual = filled('layers.1.ffn.norm', 'layers.1.ffn.wgate', 'layers.1.ffn.wup', 'layers.1.ffn.wdown');
  assert.ok(!referenceForward(referenceModel(shape, inResidual), ids).ok);
  assert.ok(
    referenceForward(referenceModel(shape, filled('layers.1.ffn.wdown')), ids).ok,
    'large weights alone are valid',
  );
});

test('ids outside the vocabulary are refused', () => {
  const model = referenceModel(shape, randomisedWeights(shape, 6));
  assert.throws(() => referenceForward(model, Uint16Array.of(23)), /input id 23/);
  assert.throws(() => referenceTargetLosses(model, Uint16Array.of(0), Uint16Array.of(23)), /target id 23/);
});

test('weights of another shape are refused', () => {
  assert.throws(() => referenceModel(shape, new Uint16Array(5)), /do not fill/);
});
