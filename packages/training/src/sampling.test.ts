import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPrng, type Prng } from './prng.ts';
import { checkSamplingOptions, Sampler, type SamplingOptions, SamplingOptionsError } from './sampling.ts';
import { scheduleFactor } from './schedule.ts';

const logits = Float32Array.from([Math.log(0.1), Math.log(0.4), Math.log(0.2), Math.log(0.3)]);

function frequencies(options: SamplingOptions, draws: number): number[] {
  const sampler = new Sampler(options, createPrng(11));
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < draws; i += 1) {
    const id = sampler.sample(logits);
    counts[id] = (counts[id] ?? 0) + 1 / draws;
  }
  return counts;
}

function assertNear(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((value, i) => {
    assert.ok(Math.abs(value - (expected[i] ?? 0)) < 0.01, `${actual} is not near ${expected}`);
  });
}

test('Sampler follows the distribution, and temperature sharpens it', () => {
  assertNear(frequencies({ temperature: 1, topK: 0, topP: 1 }, 40_000), [0.1, 0.4, 0.2, 0.3]);
  assertNear(frequencies({ temperature: 0.5, topK: 0, topP: 1 }, 40_000), [1 / 30, 16 / 30, 4 / 30, 9 / 30]);
  assertNear(frequencies({ temperature: 0, topK: 0, topP: 1 }, 10), [0, 1, 0, 0]);
});

test('Sampler keeps to the k most likely and to the smallest set that reaches p', () => {
  assertNear(frequencies({ temperature: 1, topK: 2, topP: 1 }, 40_000), [0, 4 / 7, 0, 3 / 7]);
  assertNear(frequencies({ temperature: 1, topK: 0, topP: 0.69 }, 40_000), [0, 4 / 7, 0, 3 / 7]);
  assertNear(frequencies({ temperature: 1, topK: 0, topP: 0.71 }, 40_000), [0, 4 / 9, 2 / 9, 3 / 9]);
});

test('Sampler repeats for the same seed', () => {
  const draw = (seed: number): number[] => {
    const sampler = new Sampler({ temperature: 1, topK: 3, topP: 0.9 }, createPrng(seed));
    return Array.from({ length: 50 }, () => sampler.sample(logits));
  };
  assert.deepEqual(draw(4), draw(4));
  assert.notDeepEqual(draw(4), draw(5));
});

/** The set an id is drawn from and their weights, by sorting everything: what the sampler must agree with. */
function candidates(
  values: Float32Array,
  options: SamplingOptions,
): { readonly ids: number[]; readonly weights: number[] } {
  const order = [...values.keys()].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
  const top = values[order[0] ?? 0] ?? 0;
  const ids = options.topK > 0 ? order.slice(0, options.topK) : order;
  const weights = ids.map((id) => Math.exp(((values[id] ?? 0) - top) / options.temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let count = 0;
  for (let mass = 0; count < ids.length && mass < options.topP * total; count += 1) mass += weights[count] ?? 0;
  return { ids: ids.slice(0, count), weights: weights.slice(0, count) };
}

test('Sampler draws from exactly the ids that sorting all of them gives, in its proportions', () => {
  // Few different values, so that many logits are equal.
  const values = fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 1, maxLength: 40 });
  const options = fc.record({
    temperature: fc.constantFrom(0.3, 1, 2),
    topK: fc.nat(45),
    topP: fc.constantFrom(0.01, 0.5, 0.9, 0.999),
  });
  fc.assert(
    fc.property(values, options, fc.double({ min: 0, max: 1 - 2 ** -20, noNaN: true }), (list, given, point) => {
      const { ids, weights } = candidates(Float32Array.from(list), given);
      const mass = weights.reduce((sum, weight) => sum + weight, 0);
      let left = point * mass;
      const expected = ids.find((_, i) => {
        left -= weights[i] ?? 0;
        return left < 0;
      });
      const prng: Prng = { next: () => 0, uniform: () => point };
      assert.equal(new Sampler(given, prng).sample(Float32Array.from(list)), expected ?? ids.at(-1));
    }),
    { numRuns: 500 },
  );
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
