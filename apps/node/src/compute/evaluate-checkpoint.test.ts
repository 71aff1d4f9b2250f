import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Backend, EvalWindow } from '@resonancenet/kernels/backend';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import { type Checkpoint, encodeCheckpoint } from '@resonancenet/model/checkpoint';
import { randomisedWeights } from '@resonancenet/model/testing/randomised-weights';
import {
  miscompiled as miscompiledOf,
  type Lie,
  type MiscompiledBackend,
  quantumLow,
} from '../testing/miscompiled-backend.ts';
import { evaluateCheckpoint, type EvaluationTask, type TaskOutcome } from './evaluate-checkpoint.ts';

const shape = { vocab: 64, width: 8, layers: 1, baseWidth: 8 };
const checkpoint: Checkpoint = { shape, baseLayers: 1, growth: 0, data: randomisedWeights(shape, 3) };
const folder = mkdtempSync(join(tmpdir(), 'rnt-evaluate-'));
const path = join(folder, 'c.safetensors');
const windows: readonly EvalWindow[] = Array.from({ length: 40 }, (_, w) => ({
  inputs: Uint16Array.from({ length: 12 }, (_, t) => (w * 7 + t * 5) % 64),
  targets: Uint16Array.from({ length: 12 }, (_, t) => (w * 3 + t * 11) % 64),
}));
const order = windows.map((_, i) => (i * 27) % windows.length);

let honest: Backend;
let trueSums: readonly number[];
before(async () => {
  writeFileSync(path, encodeCheckpoint(checkpoint));
  honest = await selectBackend('wasm', { threads: 2 });
  const outcome = await evaluate(honest, null);
  assert.ok(outcome.kind === 'sums');
  trueSums = outcome.sums;
});
after(async () => {
  await honest.close();
  rmSync(folder, { recursive: true, force: true });
});

function evaluate(backend: Backend, claimed: readonly number[] | null): Promise<TaskOutcome> {
  const task: EvaluationTask = { path, expected: checkpoint, windows, claimed, order };
  return evaluateCheckpoint(
    backend,
    task,
    () => false,
    () => {},
  );
}

const miscompiled = (lie: Lie): MiscompiledBackend => miscompiledOf(honest, lie);

for (const [what, lie] of [
  ['gets one window wrong', (window, result) => (window === windows[17] ? quantumLow(result) : result)],
  [
    'finds a NaN that is not there',
    (window, result) => (window === windows[17] ? { ok: false, reason: 'non-finite' } : result),
  ],
  ['gets windows wrong at random', (_, result) => (Math.random() < 0.2 ? quantumLow(result) : result)],
  ['gets all windows wrong', (_, result) => quantumLow(result)],
] satisfies [string, Lie][]) {
  test(`an honest block is valid for a node whose fast code ${what}`, async () => {
    const backend = miscompiled(lie);
    assert.deepEqual(await evaluate(backend, trueSums), { kind: 'sums', sums: trueSums });
    assert.ok(backend.told.length <= 1);
    if (!what.includes('random')) assert.match(backend.told[0]!, /where the plain code computes the sum \d+\./);
  });
}

test('a block whose claims suit the miscompiled code is condemned once a sampled window tells', async () => {
  const backend = miscompiled((_, result) => quantumLow(result));
  const claimed = trueSums.map((sum) => sum - 1);
  let outcome: TaskOutcome = { kind: 'cancelled' };
  // 40 windows: an evaluation is sampled with a chance of 40 in 128.
  for (let tries = 0; tries < 200 && backend.told.length === 0; tries++) outcome = await evaluate(backend, claimed);
  const first = order[0]!;
  assert.deepEqual(outcome, { kind: 'mismatch', window: first, claimed: claimed[first], computed: trueSums[first] });
  assert.equal(backend.told.length, 1);
});

test('sums by which claims are judged are those of the plain code, whatever the fast code computes', async () => {
  const backend = miscompiled(() => assert.fail('the fast code is not asked'));
  assert.deepEqual(await evaluate(backend, null), { kind: 'sums', sums: trueSums });
});

test('an honest fast code finds the false claim as before, and nobody is told', async () => {
  const claimed = trueSums.with(17, trueSums[17]! + 1);
  const expected = { kind: 'mismatch', window: 17, claimed: claimed[17], computed: trueSums[17] };
  assert.deepEqual(await evaluate(honest, claimed), expected);
  const double = miscompiled((_, result) => result);
  assert.deepEqual(await evaluate(double, claimed), expected);
  assert.deepEqual(await evaluate(double, trueSums), { kind: 'sums', sums: trueSums });
  assert.deepEqual(double.told, []);
});
