import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EvalWindow, WindowResult } from '@resonancenet/kernels/backend';
import { createReferenceBackend } from '@resonancenet/kernels/reference/reference-backend';
import type { Checkpoint } from '@resonancenet/model/checkpoint';
import { randomisedWeights } from '@resonancenet/model/testing/randomised-weights';
import { initAmplitudes } from '@resonancenet/params/init-amplitudes';
import { defaultRecipe } from '@resonancenet/training/recipe';
import { type Lie, miscompiled, type MiscompiledBackend, quantumLow } from '../testing/miscompiled-backend.ts';
import { MiningSession } from './mining-session.ts';

const shape = { vocab: 16, width: 4, layers: 1, baseWidth: 4 };
const checkpoint: Checkpoint = { shape, baseLayers: 1, growth: 0, data: randomisedWeights(shape, 5) };
// So many that one of them is always computed twice.
const windows: readonly EvalWindow[] = Array.from({ length: 128 }, (_, w) => ({
  inputs: Uint16Array.from({ length: 4 }, (_, t) => (w * 7 + t * 5) % 16),
  targets: Uint16Array.from({ length: 4 }, (_, t) => (w * 3 + t * 11) % 16),
}));
const reference = createReferenceBackend();

async function look(
  lie: Lie,
): Promise<{ readonly sums: readonly number[] | undefined; readonly backend: MiscompiledBackend }> {
  const backend = miscompiled(reference, lie);
  const session = new MiningSession(
    {
      ...{ backend, recipe: defaultRecipe, batch: 1, window: 4, baseLayers: 1, now: () => 0 },
      amplitudes: initAmplitudes(shape.baseWidth),
      loader: { batchesPerEpoch: 1, batchAt: () => assert.fail('nothing is trained') },
    },
    0,
  );
  const parentSums = windows.map(() => 2 ** 28);
  const target = { id: 1, shape, growth: 0, growthSeed: new Uint8Array(32), windows, parentSums, maxTotal: 2n ** 60n };
  await session.startFrom(checkpoint, target);
  const found = await session.look();
  await session.close();
  return { sums: found.kind === 'candidate' ? found.sums : undefined, backend };
}

test('a candidate carries the sums of the plain code when the sampled window tells that the fast code is wrong', async () => {
  const evaluator = await reference.evaluator(checkpoint);
  const sums = (await evaluator.evaluate(windows)).map((result: WindowResult) => (result.ok ? result.sum : null));
  const honest = await look((_, result) => result);
  assert.deepEqual(honest.sums, sums);
  assert.deepEqual(honest.backend.told, []);
  const wrong = await look((_, result) => quantumLow(result));
  assert.deepEqual(wrong.sums, sums);
  assert.equal(wrong.backend.told.length, 1);
});

test('a NaN that only the fast code finds does not cost the candidate', async () => {
  const { sums, backend } = await look((window, result) =>
    window === windows[100] ? { ok: false, reason: 'non-finite' } : result,
  );
  assert.equal(sums?.length, windows.length);
  assert.match(backend.told[0] ?? '', /computes a NaN or an infinity where the plain code computes the sum \d+\./);
});
