import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng } from './prng.ts';
import { checkSamplingOptions, type SamplingOptions, SamplingOptionsError, sampleId } from './sampling.ts';
import { scheduleFactor } from './schedule.ts';

const logits = Float32Array.from([Math.log(0.1), Math.log(0.4), Math.log(0.2), Math.log(0.3)]);

function frequencies(options: SamplingOptions, draws: number): number[] {
  const prng = createPrng(11);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < draws; i += 1) {
    const id = sampleId(logits, options, prng);
    counts[id] = (counts[id] ?? 0) + 1 / draws;
  }
  return counts;
}

function assertNear(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((value, i) => {
    assert.ok(Math.abs(value - (expected[i] ?? 0)) < 0.01, `${actual} is not near ${expected}`);
  });
}

test('sampleId() follows the distribution, and temperature sharpens it', () => {
  assertNear(frequencies({ temperature: 1, topK: 0, topP: 1 }, 40_000), [0.1, 0.4, 0.2, 0.3]);
  assertNear(frequencies({ temperature: 0.5, topK: 0, topP: 1 }, 40_000), [1 / 30, 16 / 30, 4 / 30, 9 / 30]);
  assertNear(frequencies({ temperature: 0, topK: 0, topP: 1 }, 10), [0, 1, 0, 0]);
});

test('sampleId() keeps to the k most likely and to the smallest set that reaches p', () => {
  assertNear(frequencies({ temperature: 1, topK: 2, topP: 1 }, 40_000), [0, 4 / 7, 0, 3 / 7]);
  assertNear(frequencies({ temperature: 1, topK: 0, topP: 0.69 }, 40_000), [0, 4 / 7, 0, 3 / 7]);
  assertNear(frequencies({ temperature: 1, topK: 0, topP: 0.71 }, 40_000), [0, 4 / 9, 2 / 9, 3 / 9]);
});

test('sampleId() repeats for the same seed', () => {
  const draw = (seed: number): number[] => {
    const prng = createPrng(seed);
    return Array.from({ length: 50 }, () => sampleId(logits, { temperature: 1, topK: 3, topP: 0.9 }, prng));
  };
  assert.deepEqual(draw(4), draw(4));
  assert.notDeepEqual(draw(4), draw(5));
});

test('checkSamplingOptions() names the option that is out of range', () => {
  const good = { temperature: 1, topK: 0, topP: 1 };
  checkSamplingOptions(good);
  for (const bad of [
    { temperature: -1 },
    { temperature: Number.NaN },
    { topK: 1.5 },
    { topK: -1 },
    { topP: 0 },
    { topP: 1.1 },
  ]) {
    assert.throws(() => checkSamplingOptions({ ...good, ...bad }), SamplingOptionsError);
  }
});

test('scheduleFactor() rises, stays and falls to zero', () => {
  const schedule = { warmup: 10, total: 100, decay: 0.4 };
  assert.equal(scheduleFactor(schedule, 0), 0.1);
  assert.equal(scheduleFactor(schedule, 9), 1);
  assert.equal(scheduleFactor(schedule, 59), 1);
  assert.equal(scheduleFactor(schedule, 80), 0.5);
  assert.equal(scheduleFactor(schedule, 100), 0);
  assert.equal(scheduleFactor({ warmup: 0, total: Number.POSITIVE_INFINITY, decay: 0.4 }, 1e9), 1);
});
