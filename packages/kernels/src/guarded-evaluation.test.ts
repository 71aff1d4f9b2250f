import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Backend, Bf16Weights, EvalWindow, WindowResult } from './backend.ts';
import { evaluateGuarded, type GuardedEvaluator, sampledWindow } from './guarded-evaluation.ts';
import { KernelError } from './kernel-error.ts';
import { createReferenceBackend } from './reference/reference-backend.ts';

const WEIGHTS: Bf16Weights = { shape: { vocab: 9, width: 2, layers: 1, baseWidth: 2 }, data: new Uint16Array() };
const nonFinite: WindowResult = { ok: false, reason: 'non-finite' };

/** Windows whose true sums are 1000 + their number. */
function windowsOf(count: number): EvalWindow[] {
  return Array.from({ length: count }, (_, i) => ({ inputs: Uint16Array.of(i), targets: Uint16Array.of(i) }));
}

const numberOf = ({ inputs }: EvalWindow): number => inputs[0]!;
const truth = (window: EvalWindow): WindowResult => ({ ok: true, sum: 1000 + numberOf(window) });
const trueSums = (count: number): number[] => windowsOf(count).map((window) => 1000 + numberOf(window));

interface Double extends Backend {
  readonly told: string[];
  readonly counts: { opened: number; closed: number; first: number; second: number };
}

/** A backend whose fast code gives `fast` for a window, and whose plain code gives `plain`. */
function double(fast: (window: EvalWindow) => WindowResult, plain = truth): Double {
  const told: string[] = [];
  const counts = { opened: 0, closed: 0, first: 0, second: 0 };
  return {
    ...createReferenceBackend(),
    name: 'double',
    told,
    counts,
    get usesFastCode(): boolean {
      return told.length === 0;
    },
    distrust: (why) => {
      told.push(why);
    },
    evaluator: async () => {
      counts.opened += 1;
      return {
        evaluate: async (windows, onWindow) => {
          const results: WindowResult[] = [];
          for (const window of windows) {
            counts.first += 1;
            results.push(told.length === 0 ? fast(window) : plain(window));
            if (onWindow?.(results.length - 1, results.at(-1)!) === false) break;
          }
          return results;
        },
        secondOpinion: async (window) => {
          counts.second += 1;
          return plain(window);
        },
        logits: () => Promise.reject(new Error('not asked for')),
        close: async () => {
          counts.closed += 1;
        },
      };
    },
  };
}

/** All windows, a few at a time, against the claims. */
async function inPortions(
  evaluator: GuardedEvaluator,
  count: number,
  claimed: readonly number[] | null,
): Promise<WindowResult[]> {
  const windows = windowsOf(count);
  const results: WindowResult[] = [];
  for (let at = 0; at < count; at += 3) {
    const part = await evaluator.evaluate(windows.slice(at, at + 3), claimed?.slice(at, at + 3) ?? null);
    results.push(...part);
    if (part.length < Math.min(3, count - at)) break;
    const last = part.at(-1)!;
    if (!last.ok || (claimed !== null && claimed[results.length - 1] !== last.sum)) break;
  }
  return results;
}

/** Draws that leave the window with this number to be computed twice, or none. */
function drawing(number: number | null, windows: number): () => number {
  const draws = number === null ? [0.999_999] : [0, (number + 0.5) / windows];
  return () => draws.shift() ?? assert.fail('one draw too many');
}

async function evaluate(
  backend: Backend,
  count: number,
  claimed: readonly number[] | null,
  sampled: number | null,
): Promise<WindowResult[]> {
  const plan = { windows: count, random: drawing(sampled, count) };
  return await evaluateGuarded(backend, WEIGHTS, plan, (evaluator) => inPortions(evaluator, count, claimed));
}

const wrongAt =
  (at: number, result: WindowResult) =>
  (window: EvalWindow): WindowResult =>
    numberOf(window) === at ? result : truth(window);

test('an honest fast code decides alone but for the sampled window', async () => {
  const backend = double(truth);
  const results = await evaluate(backend, 8, trueSums(8), 5);
  assert.deepEqual(results, windowsOf(8).map(truth));
  assert.deepEqual(backend.counts, { opened: 1, closed: 1, first: 8, second: 1 });
  assert.deepEqual(backend.told, []);
  const unsampled = double(truth);
  await evaluate(unsampled, 8, trueSums(8), null);
  assert.deepEqual(unsampled.counts, { opened: 1, closed: 1, first: 8, second: 0 });
});

for (const [what, result, text] of [
  ['a wrong sum', { ok: true, sum: 7 }, 'the sum 7'],
  ['a sum that is one quantum too low', { ok: true, sum: 1003 }, 'the sum 1003'],
  ['a NaN', nonFinite, 'a NaN or an infinity'],
] as const) {
  test(`${what} of the fast code condemns no honest checkpoint: both numbers are told and the plain code decides`, async () => {
    const backend = double(wrongAt(4, result));
    const results = await evaluate(backend, 8, trueSums(8), null);
    assert.deepEqual(results, windowsOf(8).map(truth));
    assert.equal(backend.told.length, 1);
    assert.match(backend.told[0]!, new RegExp(`computes ${text} where the plain code computes the sum 1004\\.`));
    assert.equal(backend.counts.opened, backend.counts.closed);
    assert.equal(backend.counts.first, 5 + 8, 'the evaluation begins anew');
    assert.equal(backend.counts.second, 1);
    // From then on there is nothing to compare.
    await evaluate(backend, 8, trueSums(8), null);
    assert.equal(backend.counts.second, 1);
    assert.equal(backend.told.length, 1);
  });
}

test('what the plain code confirms condemns, on weights that were loaded anew', async () => {
  const claimed = trueSums(8).with(4, 999);
  const mismatch = double(truth);
  assert.deepEqual((await evaluate(mismatch, 8, claimed, null)).at(-1), { ok: true, sum: 1004 });
  assert.deepEqual(mismatch.counts, { opened: 2, closed: 2, first: 5, second: 1 });
  assert.deepEqual(mismatch.told, []);
  const infinite = double(wrongAt(4, nonFinite), wrongAt(4, nonFinite));
  assert.deepEqual((await evaluate(infinite, 8, null, null)).at(-1), nonFinite);
  assert.deepEqual(infinite.counts, { opened: 2, closed: 2, first: 5, second: 1 });
  assert.deepEqual(infinite.told, []);
});

test('a false claim that is not what the fast code computes either is condemned by the plain code alone', async () => {
  const backend = double(wrongAt(4, { ok: true, sum: 7 }));
  const results = await evaluate(backend, 8, trueSums(8).with(4, 999), null);
  assert.deepEqual(results, windowsOf(5).map(truth));
  assert.equal(backend.told.length, 1);
});

test('a fast code that is wrong as claimed is found out when the window is sampled, and the claim is condemned', async () => {
  const claimed = trueSums(8).with(4, 7);
  const passed = double(wrongAt(4, { ok: true, sum: 7 }));
  await evaluate(passed, 8, claimed, 3);
  assert.deepEqual(passed.told, [], 'another window tells nothing');
  const caught = double(wrongAt(4, { ok: true, sum: 7 }));
  const results = await evaluate(caught, 8, claimed, 4);
  assert.equal(caught.told.length, 1);
  assert.deepEqual(results, windowsOf(5).map(truth), 'the plain code stops where the claim is wrong');
});

test("a miner's own sums are those of the plain code when the sample differs", async () => {
  const backend = double(wrongAt(6, { ok: true, sum: 7 }));
  assert.deepEqual(await evaluate(backend, 8, null, 6), windowsOf(8).map(truth));
  assert.equal(backend.told.length, 1);
});

test('whatever windows the fast code gets wrong, an honest checkpoint passes and a dishonest one does not', async () => {
  const cases = fc.record({
    count: fc.integer({ min: 1, max: 30 }),
    wrong: fc.array(fc.tuple(fc.nat(29), fc.oneof(fc.constant(null), fc.nat(2000)))),
    sampled: fc.option(fc.nat(29)),
    falseClaim: fc.option(fc.tuple(fc.nat(29), fc.integer({ min: 2001, max: 3000 }))),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ count, wrong, sampled, falseClaim }) => {
      const lies = new Map(
        wrong.map(([at, sum]): [number, WindowResult] => [at, sum === null ? nonFinite : { ok: true, sum }]),
      );
      const backend = double((window) => lies.get(numberOf(window)) ?? truth(window));
      const lie = falseClaim === null ? null : ([falseClaim[0] % count, falseClaim[1]] as const);
      const claimed = lie === null ? trueSums(count) : trueSums(count).with(...lie);
      const results = await evaluate(backend, count, claimed, sampled === null ? null : sampled % count);
      const expected = lie === null ? count : lie[0] + 1;
      assert.deepEqual(results, windowsOf(expected).map(truth));
    }),
  );
});

test('a fast code that traps is given up; a failure of the plain code is told as it is', async () => {
  const trap = (): never => {
    throw new KernelError('WORKER_FAILED', 'memory access out of bounds');
  };
  const backend = double(trap);
  assert.deepEqual(await evaluate(backend, 4, trueSums(4), null), windowsOf(4).map(truth));
  assert.match(backend.told[0]!, /memory access out of bounds/);
  await assert.rejects(evaluate(double(trap, trap), 4, trueSums(4), null), { code: 'WORKER_FAILED' });
  const other = (): never => {
    throw new KernelError('OUT_OF_MEMORY', 'too large');
  };
  const full = double(other);
  await assert.rejects(evaluate(full, 4, trueSums(4), null), { code: 'OUT_OF_MEMORY' });
  assert.deepEqual(full.told, []);
  assert.equal(full.counts.opened, full.counts.closed);
});

test('what is asked of the plain code alone never meets the fast one, and ends at the first window that is not finite', async () => {
  const never = (): never => assert.fail('the fast code is not asked');
  const plan = { windows: 4 };
  const ask = (backend: Backend): Promise<WindowResult[]> =>
    evaluateGuarded(backend, WEIGHTS, plan, (evaluator) => evaluator.evaluatePlain(windowsOf(4)));
  assert.deepEqual(await ask(double(never)), windowsOf(4).map(truth));
  const infinite = double(never, wrongAt(2, nonFinite));
  assert.deepEqual(await ask(infinite), [...windowsOf(2).map(truth), nonFinite]);
  assert.deepEqual(infinite.told, []);
});

test('an evaluation during which another thread lost its trust begins anew', async () => {
  const backend = double((window) => {
    if (numberOf(window) === 7) backend.told.push('another thread');
    return wrongAt(2, { ok: true, sum: 7 })(window);
  });
  assert.deepEqual(await evaluate(backend, 8, null, null), windowsOf(8).map(truth));
  assert.deepEqual(backend.told, ['another thread']);
});

test('a caller that stops early gets what was computed, and errors of its own', async () => {
  const backend = double(truth);
  const plan = { windows: 4, random: drawing(null, 4) };
  const some = await evaluateGuarded(backend, WEIGHTS, plan, (evaluator) =>
    evaluator.evaluate(windowsOf(4), null, (index) => index < 1),
  );
  assert.deepEqual(some, windowsOf(2).map(truth));
  const failing = evaluateGuarded(backend, WEIGHTS, { windows: 4 }, () => Promise.reject(new Error('mine')));
  await assert.rejects(failing, { message: 'mine' });
});

test('128 windows or more have one computed twice; fewer in proportion, but one evaluation of sixteen', () => {
  const draws = 100_000;
  for (const [windows, share] of [
    [512, 1],
    [128, 1],
    [127, 127 / 128],
    [64, 1 / 2],
    [9, 9 / 128],
    [8, 1 / 16],
    [7, 1 / 16],
    [1, 1 / 16],
  ] as const) {
    const place = (draw: number): number => sampledWindow({ windows, random: sequence(draw / draws, 0.5) });
    let sampled = 0;
    for (let draw = 0; draw < draws; draw++) if (place(draw) >= 0) sampled += 1;
    assert.ok(Math.abs(sampled / draws - share) < 1e-4, `${sampled} of ${draws} for ${windows} windows`);
  }
  const places = new Set(Array.from({ length: 3000 }, () => sampledWindow({ windows: 128 })));
  assert.ok(!places.has(-1) && Math.max(...places) < 128);
  assert.equal(places.size, 128, 'every window has its chance');
  assert.equal(sampledWindow({ windows: 512, random: sequence(0, 1 - 2 ** -32) }), 511);
});

function sequence(...draws: number[]): () => number {
  return () => draws.shift() ?? assert.fail('one draw too many');
}
