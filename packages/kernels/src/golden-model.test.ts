import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backend, Decoder, ExactEvaluator } from './backend.ts';
import { digestBits, GOLDEN_MODELS, goldenWeights, goldenWindows } from './golden-model.ts';
import { createReferenceBackend } from './reference/reference-backend.ts';
import { ReferenceEvaluator } from './reference/reference-inference.ts';
import { verifyExactness } from './self-test.ts';

for (const model of GOLDEN_MODELS) {
  test(`the pinned results of golden model ${model.seed} are those of the definition`, async () => {
    const evaluator = new ReferenceEvaluator(goldenWeights(model));
    const windows = goldenWindows(model);
    const results = await evaluator.evaluate(windows);
    assert.deepEqual(
      results,
      model.sums.map((sum) => ({ ok: true, sum })),
    );
    for (const [i, { inputs }] of windows.entries()) {
      assert.equal(digestBits(await evaluator.logits(inputs)), model.logits[i]);
    }
  });
}

test('the reference passes the self-test', async () => {
  await verifyExactness(createReferenceBackend(), 1, GOLDEN_MODELS.slice(0, 1));
});

/** The reference with one method spoilt. */
function spoilt(change: {
  evaluator?: (e: ExactEvaluator) => ExactEvaluator;
  decoder?: (d: Decoder) => Decoder;
}): Backend {
  const reference = createReferenceBackend();
  const same = <T>(value: T): T => value;
  return {
    name: 'spoilt',
    exact: true,
    usesFastCode: false,
    distrust: () => {},
    evaluator: async (weights) => (change.evaluator ?? same)(await reference.evaluator(weights)),
    decoder: async (weights) => (change.decoder ?? same)(await reference.decoder(weights)),
    trainer: (options) => reference.trainer(options),
    close: () => reference.close(),
  };
}

/** The same logits but for the last bit of one value. */
function oneBitOff(logits: Float32Array): Float32Array {
  const copy = logits.slice();
  const words = new Uint32Array(copy.buffer);
  const last = words.length - 1;
  words[last] = words[last]! ^ 1;
  return copy;
}

const SPOILT: readonly (readonly [string, Backend])[] = [
  [
    'a loss that is one quantum too low',
    spoilt({
      evaluator: (e) => ({
        evaluate: async (windows) => (await e.evaluate(windows)).map((r) => (r.ok ? { ok: true, sum: r.sum - 1 } : r)),
        secondOpinion: (window) => e.secondOpinion(window),
        logits: (inputs) => e.logits(inputs),
        close: () => e.close(),
      }),
    }),
  ],
  [
    'a window that is missing',
    spoilt({
      evaluator: (e) => ({
        evaluate: async (windows) => (await e.evaluate(windows)).slice(1),
        secondOpinion: (window) => e.secondOpinion(window),
        logits: (inputs) => e.logits(inputs),
        close: () => e.close(),
      }),
    }),
  ],
  [
    'one bit of one logit',
    spoilt({
      evaluator: (e) => ({
        evaluate: (windows) => e.evaluate(windows),
        secondOpinion: (window) => e.secondOpinion(window),
        logits: async (inputs) => oneBitOff(await e.logits(inputs)),
        close: () => e.close(),
      }),
    }),
  ],
  [
    'a decoder that differs in one bit',
    spoilt({
      decoder: (d) => ({ reset: () => d.reset(), step: (id) => oneBitOff(d.step(id)), close: () => d.close() }),
    }),
  ],
  [
    'a decoder that keeps its state over a reset',
    spoilt({ decoder: (d) => ({ reset: () => {}, step: (id) => d.step(id), close: () => d.close() }) }),
  ],
];

for (const [what, backend] of SPOILT) {
  test(`the self-test refuses ${what}`, async () => {
    await assert.rejects(verifyExactness(backend, 1, GOLDEN_MODELS.slice(0, 1)), { code: 'SELF_TEST_FAILED' });
  });
}
