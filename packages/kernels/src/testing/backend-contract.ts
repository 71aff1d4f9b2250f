// The suite that every backend passes: exact evaluation and decoding to the bit of the definition, training within a tolerance of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mix32 } from '@resonancenet/model/integer-prng';
import { referenceForward, referenceModel, referenceTargetLosses } from '@resonancenet/model/reference-forward';
import { type ModelShape, parameterCount } from '@resonancenet/model/shape';
import { tensorSpecs } from '@resonancenet/model/tensors';
import { randomisedParameters, randomisedWeights } from '@resonancenet/model/testing/randomised-weights';
import type { Backend, EvalWindow, StepHyper, Trainer } from '../backend.ts';
import { ReferenceTrainer } from '../reference/reference-trainer.ts';
import { sampleBatch } from './central-differences.ts';

/** Shapes that no tile or vector width divides, one above its base width. */
export const ODD_SHAPES: readonly ModelShape[] = [
  { vocab: 2, width: 2, layers: 1, baseWidth: 2 },
  { vocab: 37, width: 18, layers: 2, baseWidth: 16 },
  { vocab: 257, width: 34, layers: 1, baseWidth: 34 },
];

/** Moderate rates, everything switched on. */
export const CONTRACT_HYPER: StepHyper = {
  muonLr: 0.02,
  adamLr: 0.003,
  muonMomentum: 0.95,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 1,
};

/** A window of `length` pseudo-random ids and targets. */
export function randomWindow(vocab: number, length: number, seed: number): EvalWindow {
  const ids = (key: number): Uint16Array =>
    Uint16Array.from({ length }, (_, t) => mix32(mix32(seed * 2 + key) + t) % vocab);
  return { inputs: ids(0), targets: ids(1) };
}

/** Registers the tests of a backend. `tolerance` bounds the gradient's relative error per tensor: |ours - reference| / |reference|. */
export function backendContract(name: string, open: () => Promise<Backend>, tolerance: number): void {
  const withBackend = async (use: (backend: Backend) => Promise<void>): Promise<void> => {
    const backend = await open();
    try {
      await use(backend);
    } finally {
      await backend.close();
    }
  };

  for (const shape of ODD_SHAPES) {
    const text = `${shape.layers} x ${shape.width}, vocabulary ${shape.vocab}`;
    test(`${name}: exact evaluation gives the definition's bits and integers (${text})`, () =>
      withBackend((backend) => checkEvaluation(backend, shape)));
    test(`${name}: decoding step by step gives the bits of the whole window (${text})`, () =>
      withBackend((backend) => checkDecoder(backend, shape)));
    test(`${name}: loss and gradient are the reference's (${text})`, () =>
      withBackend((backend) => checkGradient(backend, shape, tolerance)));
  }
  test(`${name}: an evaluation stops where it is told to`, () => withBackend(checkEarlyStop));
  test(`${name}: weights that overflow are non-finite, never a number`, () => withBackend(checkNonFinite));
  test(`${name}: training lowers the loss and follows the reference's updates`, () => withBackend(checkTraining));
  test(`${name}: a trainer that is saved and loaded goes on with the same numbers`, () => withBackend(checkResume));
}

async function checkEvaluation(backend: Backend, shape: ModelShape): Promise<void> {
  const data = randomisedWeights(shape, 11);
  const model = referenceModel(shape, data);
  const evaluator = await backend.evaluator({ shape, data });
  const windows = [1, 80, 3].map((length, seed) => randomWindow(shape.vocab, length, seed));
  const results = await evaluator.evaluate(windows);
  for (const [i, window] of windows.entries()) {
    const expected = referenceTargetLosses(model, window.inputs, window.targets);
    assert.ok(expected.ok);
    assert.deepEqual(results[i], { ok: true, sum: expected.losses.reduce((a, b) => a + b, 0) });
    assert.deepEqual(await evaluator.secondOpinion(window), results[i]);
    const forward = referenceForward(model, window.inputs);
    assert.ok(forward.ok);
    assert.deepEqual(await evaluator.logits(window.inputs), forward.logits);
  }
  await evaluator.close();
}

async function checkDecoder(backend: Backend, shape: ModelShape): Promise<void> {
  const data = randomisedWeights(shape, 12);
  const decoder = await backend.decoder({ shape, data });
  const { inputs } = randomWindow(shape.vocab, 70, 5);
  const whole = referenceForward(referenceModel(shape, data), inputs);
  assert.ok(whole.ok);
  for (let pass = 0; pass < 2; pass++) {
    for (const [t, id] of inputs.entries()) {
      const row = whole.logits.slice(t * shape.vocab, (t + 1) * shape.vocab);
      assert.deepEqual(decoder.step(id).slice(), row, `step ${t} of pass ${pass}`);
    }
    decoder.reset();
  }
  await decoder.close();
}

function loadedTrainer(trainer: Trainer, seed: number): Trainer {
  const count = parameterCount(trainer.shape);
  const param = randomisedParameters(trainer.shape, seed);
  trainer.load({ step: 0, param, m: new Float32Array(count), v: new Float32Array(count) });
  return trainer;
}

async function checkGradient(backend: Backend, shape: ModelShape, tolerance: number): Promise<void> {
  const options = { shape, maxBatch: 3, maxWindow: 72 };
  const ours = loadedTrainer(await backend.trainer(options), 13);
  const reference = loadedTrainer(new ReferenceTrainer(options), 13);
  const batch = sampleBatch(shape.vocab, 3, 72);
  const [a, b] = [await ours.forwardBackward(batch), await reference.forwardBackward(batch)];
  assert.ok(Math.abs(a.loss - b.loss) < 1e-5 * Math.max(1, b.loss), `loss ${a.loss}, reference ${b.loss}`);
  assert.ok(Math.abs((await ours.loss(batch)) - b.loss) < 1e-5 * Math.max(1, b.loss));
  const [g, r] = [ours.gradient(), reference.gradient()];
  for (const { name, offset, size } of tensorSpecs(shape)) {
    let [difference, norm] = [0, 0];
    for (let i = offset; i < offset + size; i++) {
      difference += (g[i]! - r[i]!) ** 2;
      norm += r[i]! ** 2;
    }
    assert.ok(
      Math.sqrt(difference) <= tolerance * Math.sqrt(norm) + 1e-9,
      `${name}: relative error ${Math.sqrt(difference / norm)}`,
    );
  }
  await ours.close();
}

async function checkEarlyStop(backend: Backend): Promise<void> {
  const shape = ODD_SHAPES[1]!;
  const evaluator = await backend.evaluator({ shape, data: randomisedWeights(shape, 14) });
  const windows = [0, 1, 2, 3].map((seed) => randomWindow(shape.vocab, 9, seed));
  const all = await evaluator.evaluate(windows);
  const seen: number[] = [];
  const some = await evaluator.evaluate(windows, (index, result) => {
    assert.deepEqual(result, all[index]);
    seen.push(index);
    return index < 1;
  });
  assert.deepEqual(seen, [0, 1]);
  assert.deepEqual(some, all.slice(0, 2));
  await evaluator.close();
}

async function checkNonFinite(backend: Backend): Promise<void> {
  const shape = ODD_SHAPES[1]!;
  const data = randomisedWeights(shape, 15);
  // the residual stays finite; only the sum of squares of the final norm overflows
  for (const name of ['layers.1.ffn.norm', 'layers.1.ffn.wgate']) {
    const spec = tensorSpecs(shape).find((s) => s.name === name)!;
    data.fill(0x4980, spec.offset, spec.offset + spec.size);
  }
  const evaluator = await backend.evaluator({ shape, data });
  const window = randomWindow(shape.vocab, 5, 1);
  assert.deepEqual(await evaluator.evaluate([window]), [{ ok: false, reason: 'non-finite' }]);
  assert.deepEqual(await evaluator.secondOpinion(window), { ok: false, reason: 'non-finite' });
  await assert.rejects(evaluator.logits(window.inputs), { code: 'NON_FINITE' });
  await evaluator.close();
  const decoder = await backend.decoder({ shape, data });
  assert.throws(
    () => {
      for (const id of window.inputs) decoder.step(id);
    },
    { code: 'NON_FINITE' },
  );
  await decoder.close();
}

async function checkTraining(backend: Backend): Promise<void> {
  const shape = ODD_SHAPES[1]!;
  const options = { shape, maxBatch: 2, maxWindow: 40 };
  const ours = loadedTrainer(await backend.trainer(options), 16);
  const reference = loadedTrainer(new ReferenceTrainer(options), 16);
  const batch = sampleBatch(shape.vocab, 2, 40);
  const losses: number[] = [];
  for (let step = 0; step < 12; step++) {
    const [a, b] = [await ours.step(batch, CONTRACT_HYPER), await reference.step(batch, CONTRACT_HYPER)];
    losses.push(a.loss);
    assert.ok(Math.abs(a.loss - b.loss) < 2e-3 * b.loss, `step ${step}: ${a.loss}, reference ${b.loss}`);
    assert.ok(Math.abs(a.gradNorm / b.gradNorm - 1) < 0.02, `step ${step}: ${a.gradNorm}, reference ${b.gradNorm}`);
  }
  assert.ok(losses.at(-1)! < 0.8 * losses[0]!, `losses ${losses}`);
  assert.equal(ours.state().step, 12);
  await ours.close();
}

async function checkResume(backend: Backend): Promise<void> {
  const shape = ODD_SHAPES[1]!;
  const options = { shape, maxBatch: 2, maxWindow: 24 };
  const first = loadedTrainer(await backend.trainer(options), 17);
  const batch = sampleBatch(shape.vocab, 2, 24);
  for (let step = 0; step < 3; step++) await first.step(batch, CONTRACT_HYPER);
  const saved = first.state();
  const second = await backend.trainer(options);
  second.load(saved);
  for (let step = 0; step < 2; step++) {
    assert.deepEqual(await second.step(batch, CONTRACT_HYPER), await first.step(batch, CONTRACT_HYPER));
  }
  assert.deepEqual(second.state(), first.state());
  assert.notDeepEqual(second.parameters(), saved.param, 'a saved state is a copy');
  await first.close();
  await second.close();
}
