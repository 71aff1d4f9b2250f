import assert from 'node:assert/strict';
import { test } from 'node:test';
import { widenBf16 } from '@resonancenet/model/bf16';
import { parameterCount } from '@resonancenet/model/shape';
import { randomisedWeights } from '@resonancenet/model/testing/randomised-weights';
import { backendContract, CONTRACT_HYPER, randomWindow } from '../testing/backend-contract.ts';
import { sampleBatch } from '../testing/central-differences.ts';
import { createReferenceBackend } from './reference-backend.ts';
import { ReferenceEvaluator } from './reference-inference.ts';
import { ReferenceTrainer } from './reference-trainer.ts';

backendContract('reference', async () => createReferenceBackend(), 1e-6);

test('the exact integer loss and the binary64 loss of the same weights agree', async () => {
  const shape = { vocab: 257, width: 20, layers: 2, baseWidth: 16 };
  const data = randomisedWeights(shape, 3);
  const window = randomWindow(257, 120, 1);
  const [result] = await new ReferenceEvaluator({ shape, data }).evaluate([window]);
  assert.ok(result?.ok);
  const trainer = new ReferenceTrainer({ shape, maxBatch: 1, maxWindow: 120 });
  const zero = new Float32Array(parameterCount(shape));
  trainer.load({ step: 0, param: widenBf16(data), m: zero, v: zero });
  const loss = await trainer.loss({ ...window, batch: 1, window: 120 });
  assert.ok(Math.abs(result.sum / 65536 / 120 - loss) < 1e-5, `${result.sum / 65536 / 120} and ${loss}`);
});

test('a gradient that is not finite changes nothing and is reported', async () => {
  const shape = { vocab: 7, width: 4, layers: 1, baseWidth: 4 };
  const trainer = new ReferenceTrainer({ shape, maxBatch: 1, maxWindow: 8 });
  const param = widenBf16(randomisedWeights(shape, 1));
  param[0] = Number.NaN;
  const zero = new Float32Array(param.length);
  trainer.load({ step: 5, param, m: zero, v: zero });
  const report = await trainer.step(sampleBatch(7, 1, 8), CONTRACT_HYPER);
  assert.ok(Number.isNaN(report.gradNorm));
  assert.deepEqual(trainer.state(), { step: 5, param, m: zero, v: zero });
});

test('batches and states that do not fit are refused', async () => {
  const shape = { vocab: 7, width: 4, layers: 1, baseWidth: 4 };
  const trainer = new ReferenceTrainer({ shape, maxBatch: 1, maxWindow: 8 });
  await assert.rejects(trainer.loss(sampleBatch(7, 2, 8)), /does not fit/);
  await assert.rejects(trainer.loss(sampleBatch(7, 1, 9)), /does not fit/);
  const short = { ...sampleBatch(7, 1, 8), targets: new Uint16Array(7) };
  await assert.rejects(trainer.loss(short), /as many targets/);
  await assert.rejects(trainer.loss(sampleBatch(9, 1, 8)), /not below the vocabulary/);
  const array = new Float32Array(3);
  assert.throws(() => trainer.load({ step: 0, param: array, m: array, v: array }), /very shape/);
});
