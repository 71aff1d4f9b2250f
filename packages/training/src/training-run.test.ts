import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Decoder, StepHyper, TrainBatch, Trainer, TrainerState } from '@resonancenet/kernels/backend';
import { loadTokenizer } from '@resonancenet/tokenizer/tokenizer';
import { memoryCorpus } from './corpus.ts';
import { generateText } from './generate.ts';
import { defaultRecipe } from './recipe.ts';
import { loadRunState, type RunSettings, RunStateError, saveRunState } from './run-state-file.ts';
import { trainRun, WeightAverage } from './train-run.ts';
import { createLoader } from './window-loader.ts';

const folder = mkdtempSync(join(tmpdir(), 'rnt-run-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const settings: RunSettings = {
  vocab: 256,
  width: 16,
  layers: 1,
  baseWidth: 16,
  baseLayers: 1,
  growth: 0,
  batch: 2,
  window: 4,
  seed: 1,
  totalSteps: 9,
};
const state = {
  settings,
  trainer: { step: 5, param: Float32Array.of(1, 2, 3), m: Float32Array.of(4, 5, 6), v: Float32Array.of(7, 8, 9) },
  average: { weights: Float32Array.of(1.5, 2.5, 3.5), count: 5 },
};

/** A trainer of one parameter that follows the batches' first ids, so that the order of batches shows in its state. */
function tinyTrainer(seen: { batch: TrainBatch; hyper: StepHyper }[]): Trainer {
  let held: TrainerState = { step: 0, param: Float32Array.of(0), m: Float32Array.of(0), v: Float32Array.of(0) };
  return {
    shape: { vocab: 256, width: 16, layers: 1, baseWidth: 16 },
    step: async (batch, hyper) => {
      seen.push({ batch, hyper });
      const param = Float32Array.of((held.param[0] ?? 0) * 0.9 + (batch.targets[0] ?? 0) * hyper.adamLr);
      held = { ...held, step: held.step + 1, param };
      return { loss: 1 / held.step, gradNorm: 1 };
    },
    forwardBackward: async () => ({ loss: 0 }),
    loss: async () => 0,
    gradient: () => Float32Array.of(0),
    parameters: () => held.param.slice(),
    state: () => held,
    load: (given) => {
      held = given;
    },
    close: async () => {},
  };
}

test('saveRunState() and loadRunState() give back every bit', () => {
  const path = join(folder, 'run.state');
  saveRunState(path, state);
  assert.deepEqual(loadRunState(path), state);
  saveRunState(path, { ...state, average: null });
  assert.equal(loadRunState(path).average, null);
});

test('loadRunState() names the file and the fix for a missing, foreign, cut or swollen file', () => {
  const path = join(folder, 'bad.state');
  const codeOf = (): string => {
    try {
      loadRunState(path);
    } catch (error) {
      assert.ok(error instanceof RunStateError);
      assert.ok(error.message.includes(path));
      return error.code;
    }
    return 'accepted';
  };
  assert.equal(codeOf(), 'state-missing');
  writeFileSync(path, 'hello');
  assert.equal(codeOf(), 'state-not-ours');
  saveRunState(path, state);
  const whole = readFileSync(path);
  for (const length of [10, 30, whole.length - 1]) {
    writeFileSync(path, whole);
    truncateSync(path, length);
    assert.notEqual(codeOf(), 'accepted');
  }
  writeFileSync(path, Buffer.concat([whole, Buffer.of(0)]));
  assert.equal(codeOf(), 'state-truncated');
});

test('trainRun() resumed in the middle sees the same batches and rates and ends on the same weights', async () => {
  const loader = createLoader(memoryCorpus(Uint16Array.from({ length: 200 }, (_, i) => i)), {
    batch: 2,
    window: 4,
    startId: 0,
    seed: 1,
  });
  const run = async (trainer: Trainer, firstStep: number, until: number, average: WeightAverage): Promise<void> => {
    for await (const progress of trainRun({
      trainer,
      loader,
      recipe: defaultRecipe,
      totalSteps: 40,
      firstStep,
      average,
      now: () => performance.now(),
    })) {
      assert.equal(progress.tokens, progress.step * 8);
      if (progress.step === until) break;
    }
  };
  const straight: { batch: TrainBatch; hyper: StepHyper }[] = [];
  const whole = tinyTrainer(straight);
  const wholeAverage = new WeightAverage(0.9, Float32Array.of(0));
  await run(whole, 0, 40, wholeAverage);
  const split: typeof straight = [];
  const first = tinyTrainer(split);
  const firstAverage = new WeightAverage(0.9, Float32Array.of(0));
  await run(first, 0, 17, firstAverage);
  const second = tinyTrainer(split);
  second.load(first.state());
  const secondAverage = new WeightAverage(0.9, firstAverage.weights, firstAverage.count);
  await run(second, 17, 40, secondAverage);
  assert.deepEqual(split, straight);
  assert.deepEqual(second.state(), whole.state());
  assert.deepEqual(secondAverage.weights, wholeAverage.weights);
});

test('generateText() feeds the prompt, repeats for a seed and makes as many ids as asked', async () => {
  const bytes = await loadTokenizer('bytes');
  const fed: number[] = [];
  const decoder: Decoder = {
    reset: () => {
      fed.length = 0;
    },
    step: (id) => {
      fed.push(id);
      const logits = new Float32Array(256).fill(-1e9);
      for (let letter = 97; letter < 123; letter += 1) logits[letter] = (letter * 31 + id) % 7;
      return logits;
    },
    close: async () => {},
  };
  const options = { prompt: 'hi', tokens: 12, seed: 3, temperature: 1, topK: 0, topP: 1 };
  const text = [...generateText(decoder, bytes, options)].join('');
  assert.equal(text.length, 12);
  assert.deepEqual(fed.slice(0, 3), [0, 104, 105]);
  assert.equal(fed.length, 3 + 11);
  assert.equal([...generateText(decoder, bytes, options)].join(''), text);
  assert.notEqual([...generateText(decoder, bytes, { ...options, seed: 4 })].join(''), text);
});
