import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Decoder, StepHyper, TrainBatch, Trainer, TrainerState } from '@resonancenet/kernels/backend';
import { parameterCount } from '@resonancenet/model/shape';
import { loadTokenizer } from '@resonancenet/tokenizer/tokenizer';
import { memoryCorpus } from './corpus.ts';
import { generateText } from './generate.ts';
import { defaultRecipe } from './recipe.ts';
import {
  loadRunState,
  type RunSettings,
  type RunState,
  RunStateError,
  saveBegunRun,
  saveFinishedRun,
  saveRunState,
} from './run-state-file.ts';
import { TrainingDivergedError, trainRun, WeightAverage } from './train-run.ts';
import { createLoader } from './window-loader.ts';
import { partialPath, replaceFile, WriteFileError } from './write-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'rnt-run-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const settings: RunSettings = {
  vocab: 3,
  width: 2,
  layers: 1,
  baseWidth: 2,
  baseLayers: 1,
  growth: 0,
  batch: 2,
  window: 4,
  seed: 1,
  totalSteps: 9,
  learningRate: 0.02,
  warmup: 20,
  decay: 0.5,
  ema: 0.9,
  corpus: '0123',
};
const values = (factor: number): Float32Array =>
  Float32Array.from({ length: parameterCount(settings) }, (_, i) => (i - 7) * factor);
const state: RunState = {
  settings,
  trainer: { step: 5, param: values(1.1), m: values(1e-30), v: values(1e30) },
  average: { weights: values(1.5), count: 5 },
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
  assert.equal(loadRunState(path), null);
  saveRunState(path, state);
  assert.deepEqual(loadRunState(path), { stage: 'stopped', ...state });
  saveRunState(path, { ...state, average: null });
  assert.deepEqual(loadRunState(path), { stage: 'stopped', ...state, average: null });
  saveFinishedRun(path, settings);
  assert.deepEqual(loadRunState(path), { stage: 'finished', settings });
  saveBegunRun(path, settings);
  assert.deepEqual(loadRunState(path), { stage: 'begun', settings });
});

test('loadRunState() names the file and the fix for a foreign, cut or swollen file', () => {
  const path = join(folder, 'bad.state');
  const refused = (bytes: Uint8Array | string, code: string): void => {
    writeFileSync(path, bytes);
    assert.throws(
      () => loadRunState(path),
      (error: unknown) => {
        assert.ok(error instanceof RunStateError);
        assert.equal(error.code, code);
        assert.ok(error.message.includes(path) && /remove it and start anew/.test(error.message));
        return true;
      },
    );
  };
  refused('', 'state-not-ours');
  refused('hello', 'state-not-ours');
  for (const header of [
    '',
    'null',
    '7',
    '{}',
    '{"settings":{}}',
    '{"settings":null,"stage":"begun"}',
    '{"stage":"lost"}',
  ])
    refused(`rnt-train-state 2\n${header}\n`, 'state-not-ours');
  saveRunState(path, state);
  const whole = readFileSync(path);
  refused(whole.subarray(0, 10), 'state-not-ours');
  refused(whole.subarray(0, 30), 'state-not-ours');
  refused(whole.subarray(0, whole.length - 1), 'state-truncated');
  refused(Buffer.concat([whole, Buffer.of(0)]), 'state-truncated');
});

test('replaceFile() leaves the old file when the new one cannot be written, and says which and why', () => {
  const path = join(folder, 'kept');
  writeFileSync(path, 'old');
  assert.throws(() => replaceFile(join(folder, 'absent', 'file'), []), { code: 'ENOENT' });
  mkdirSync(join(folder, 'is-a-folder', 'with-content'), { recursive: true });
  assert.throws(
    () => replaceFile(join(folder, 'is-a-folder'), [Uint8Array.of(1)]),
    (error: unknown) => error instanceof WriteFileError && error.path === join(folder, 'is-a-folder'),
  );
  if (existsSync('/dev/full')) {
    symlinkSync('/dev/full', partialPath(path));
    assert.throws(
      () => replaceFile(path, [Uint8Array.of(1)]),
      (error: unknown) => error instanceof WriteFileError && error.code === 'ENOSPC' && error.path === path,
    );
  }
  assert.equal(readFileSync(path, 'utf8'), 'old');
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.partial')),
    [],
  );
});

test('trainRun() ends with the update in which loss or gradient are no numbers', async () => {
  const loader = createLoader(memoryCorpus(Uint16Array.from({ length: 200 }, (_, i) => i)), {
    batch: 2,
    window: 4,
    startId: 0,
    seed: 1,
  });
  for (const [bad, name] of [
    [{ loss: Number.NaN, gradNorm: 1 }, /update 4: the loss/],
    [{ loss: 2, gradNorm: Number.POSITIVE_INFINITY }, /update 4: the gradient/],
  ] as const) {
    const trainer = tinyTrainer([]);
    const sound = trainer.step;
    trainer.step = async (batch, hyper) => (trainer.state().step === 3 ? bad : await sound(batch, hyper));
    const seen: number[] = [];
    await assert.rejects(
      async () => {
        for await (const progress of trainRun({
          ...{ trainer, loader, recipe: defaultRecipe, totalSteps: 10, firstStep: 0, average: null },
          now: () => performance.now(),
        }))
          seen.push(progress.step);
      },
      (error: unknown) => error instanceof TrainingDivergedError && error.step === 3 && name.test(error.message),
    );
    assert.deepEqual(seen, [1, 2, 3]);
  }
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
