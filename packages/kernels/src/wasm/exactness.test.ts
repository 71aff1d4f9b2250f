// Reference and WebAssembly give the same integers and the same logits, whatever the shape, the threads and the batches (EVAL-14).

import assert from 'node:assert/strict';
import { after, before, describe, it, test } from 'node:test';
import { mix32 } from '@resonancenet/model/integer-prng';
import type { ModelShape } from '@resonancenet/model/shape';
import { tensorSpecs } from '@resonancenet/model/tensors';
import { randomisedWeights } from '@resonancenet/model/testing/randomised-weights';
import type { Backend, EvalWindow, ExactEvaluator, WindowResult } from '../backend.ts';
import { digestBits } from '../golden-model.ts';
import { ReferenceEvaluator } from '../reference/reference-inference.ts';
import { randomWindow } from '../testing/backend-contract.ts';
import { checkGenesisShape } from '../testing/genesis-shape.ts';
import { createWasmBackend } from './wasm-backend.ts';

const THREADS = [1, 2, 4];
const SHAPES = 20;

let backends: Backend[];
before(async () => {
  backends = await Promise.all(THREADS.map((threads) => createWasmBackend({ threads })));
});
after(async () => {
  await Promise.all(backends.map((backend) => backend.close()));
});

/** Use of every backend's evaluator of the same weights. */
async function withEvaluators(
  shape: ModelShape,
  data: Uint16Array,
  use: (evaluator: ExactEvaluator, threads: number) => Promise<void>,
): Promise<void> {
  for (const [i, backend] of backends.entries()) {
    const evaluator = await backend.evaluator({ shape, data });
    await use(evaluator, THREADS[i]!);
    await evaluator.close();
  }
}

/** A small shape that no tile or vector divides evenly but by chance, and windows of uneven lengths for it. */
function randomCase(number: number): { shape: ModelShape; windows: EvalWindow[] } {
  const draw = (key: number, from: number, to: number): number =>
    from + (mix32(mix32(number * 64 + key)) % (to - from + 1));
  const width = 2 * draw(1, 1, 27);
  const baseWidth = Math.min(width, 2 * draw(2, 1, 27));
  const shape = { vocab: draw(3, 2, 400), width, layers: draw(4, 1, 3), baseWidth };
  const windows = Array.from({ length: draw(5, 1, 6) }, (_, i) =>
    randomWindow(shape.vocab, draw(6 + i, 1, 90), number * 8 + i),
  );
  return { shape, windows };
}

async function evaluatePiecewise(
  evaluator: ExactEvaluator,
  windows: readonly EvalWindow[],
  piece: number,
): Promise<WindowResult[]> {
  const results: WindowResult[] = [];
  for (let i = 0; i < windows.length; i += piece)
    results.push(...(await evaluator.evaluate(windows.slice(i, i + piece))));
  return results;
}

describe('exact evaluation of random odd shapes', () => {
  for (let number = 0; number < SHAPES; number++) {
    const { shape, windows } = randomCase(number);
    const { vocab, width, layers, baseWidth } = shape;
    it(`gives the definition's bits with 1, 2 and 4 threads in any batches (V ${vocab}, d ${width}, d0 ${baseWidth}, L ${layers}, ${windows.length} windows)`, async () => {
      const data = randomisedWeights(shape, number);
      const reference = new ReferenceEvaluator({ shape, data });
      const expected = await reference.evaluate(windows);
      const digests = await Promise.all(windows.map(async ({ inputs }) => digestBits(await reference.logits(inputs))));
      await withEvaluators(shape, data, async (evaluator, threads) => {
        for (const piece of new Set([1, 2, 3, windows.length])) {
          const results = await evaluatePiecewise(evaluator, windows, piece);
          assert.deepEqual(results, expected, `${threads} threads, ${piece} windows at a time`);
        }
        for (const [i, window] of windows.entries())
          assert.deepEqual(await evaluator.secondOpinion(window), expected[i], `${threads} threads, plain code`);
        const computed = await Promise.all(
          windows.map(async ({ inputs }) => digestBits(await evaluator.logits(inputs))),
        );
        assert.deepEqual(computed, digests, `${threads} threads`);
      });
    });
  }
});

test("two windows at the genesis shape give the definition's integers and logits with 1, 2 and 4 threads", async () => {
  // Whole ones, of which the definition takes half a minute each, are in genesis-windows.slow.test.ts.
  await checkGenesisShape(backends, [61, 130]);
});

/** `data` with the tensor's elements multiplied by 2^exponent (BF16: added to the exponent), no further than 2^20. */
function scaled(shape: ModelShape, data: Uint16Array, name: string, exponent: number): Uint16Array {
  const { offset, size } = tensorSpecs(shape).find((spec) => spec.name === name)!;
  const copy = data.slice();
  for (let i = offset; i < offset + size; i++) {
    const bits = copy[i]!;
    if (bits !== 0) copy[i] = (bits & 0x807f) | (Math.min(0x93, Math.max(0x57, ((bits >> 7) & 0xff) + exponent)) << 7);
  }
  return copy;
}

describe('weights at the limits of what a checkpoint may hold', () => {
  const shape = { vocab: 33, width: 20, layers: 2, baseWidth: 18 };
  const windows = [7, 66, 1].map((length, seed) => randomWindow(shape.vocab, length, seed));
  const verdicts = new Set<boolean>();
  const names = tensorSpecs(shape)
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('layers.1'));
  it('overflow in the same windows as the definition says, or in none, for each tensor made huge or tiny in turn', async () => {
    for (const name of names) {
      for (const exponent of [22, -30]) {
        // A second huge tensor, so that products overflow in many places.
        const data = scaled(
          shape,
          scaled(shape, randomisedWeights(shape, 3), name, exponent),
          'layers.0.ffn.wup',
          exponent > 0 ? 18 : 0,
        );
        const expected = await new ReferenceEvaluator({ shape, data }).evaluate(windows);
        for (const { ok } of expected) verdicts.add(ok);
        await withEvaluators(shape, data, async (evaluator, threads) => {
          assert.deepEqual(await evaluator.evaluate(windows), expected, `${name} by 2^${exponent}, ${threads} threads`);
          assert.deepEqual(await evaluator.secondOpinion(windows[0]!), expected[0], `${name}, plain code`);
        });
      }
    }
  });

  it('overflow when all tensors are huge at once, in every combination tried', async () => {
    for (let number = 0; number < 40; number++) {
      let data = randomisedWeights(shape, number);
      for (const [i, name] of names.entries()) {
        if (mix32(number * 64 + i) % 3 === 0) data = scaled(shape, data, name, (mix32(number * 64 + i + 32) % 40) - 12);
      }
      const expected = await new ReferenceEvaluator({ shape, data }).evaluate(windows);
      for (const { ok } of expected) verdicts.add(ok);
      await withEvaluators(shape, data, async (evaluator, threads) => {
        assert.deepEqual(await evaluator.evaluate(windows), expected, `combination ${number}, ${threads} threads`);
      });
    }
    assert.deepEqual(verdicts, new Set([true, false]), 'the cases must hold both verdicts');
  });

  it('are noticed when they are infinite themselves, which no checkpoint file may say', async () => {
    for (const bits of [0x7f80, 0xff80, 0x7fc0]) {
      const data = randomisedWeights(shape, 3);
      data[5 * shape.width] = bits;
      const expected = await new ReferenceEvaluator({ shape, data }).evaluate(windows);
      assert.ok(expected.every(({ ok }) => !ok));
      await withEvaluators(shape, data, async (evaluator) => {
        assert.deepEqual(await evaluator.evaluate(windows), expected);
        await assert.rejects(evaluator.logits(windows[0]!.inputs), { code: 'NON_FINITE' });
      });
    }
  });

  it('stop a decoder with an error until it is reset', async () => {
    const data = randomisedWeights(shape, 3);
    data[5 * shape.width] = 0x7fc0;
    const clean = randomisedWeights(shape, 3);
    for (const backend of backends) {
      const decoder = await backend.decoder({ shape, data });
      assert.throws(() => decoder.step(5), { code: 'NON_FINITE' });
      assert.throws(() => decoder.step(1), { code: 'NON_FINITE' });
      await decoder.close();
      const good = await backend.decoder({ shape, data: clean });
      assert.ok(good.step(5).every(Number.isFinite));
      await good.close();
    }
  });
});

test('a window that overflows leaves no trace on the windows after it', async () => {
  // Channel 0 is zero but for id 7, whose embedding makes the hidden units overflow: only windows that read it do.
  const shape = { vocab: 40, width: 16, layers: 1, baseWidth: 16 };
  const data = randomisedWeights(shape, 8);
  const huge = 0x4980;
  const set = (name: string, value: number, from: number, step: number, count: number): void => {
    const { offset } = tensorSpecs(shape).find((spec) => spec.name === name)!;
    for (let i = 0; i < count; i++) data[offset + from + i * step] = value;
  };
  set('embed', 0, 0, 16, 40);
  set('embed', huge, 7 * 16, 1, 1);
  set('layers.0.conv.taps', 0, 0, 16, 119);
  set('layers.0.gru.wo', 0, 0, 16, 16);
  set('layers.0.gru.bo', 0, 0, 1, 1);
  set('layers.0.slot.wo', 0, 0, 16, 16);
  set('layers.0.slot.bo', 0, 0, 1, 1);
  set('layers.0.ffn.norm', huge, 0, 1, 1);
  set('layers.0.ffn.wgate', huge, 0, 1, 56);
  set('layers.0.ffn.wup', huge, 0, 1, 56);
  const withId = Uint16Array.of(1, 7, 2, 3);
  const without = Uint16Array.of(1, 6, 2, 3);
  const windows = [withId, without, withId, without, without].map((inputs) => ({ inputs, targets: without }));
  const expected = await new ReferenceEvaluator({ shape, data }).evaluate(windows);
  assert.deepEqual(
    expected.map(({ ok }) => ok),
    [false, true, false, true, true],
  );
  await withEvaluators(shape, data, async (evaluator, threads) => {
    assert.deepEqual(await evaluator.evaluate(windows), expected, `${threads} threads`);
    assert.deepEqual(await evaluatePiecewise(evaluator, windows, 1), expected, `${threads} threads, one by one`);
  });
  for (const backend of backends) {
    const decoder = await backend.decoder({ shape, data });
    decoder.step(1);
    assert.throws(() => decoder.step(7), { code: 'NON_FINITE' });
    decoder.reset();
    assert.ok(decoder.step(6).every(Number.isFinite));
    await decoder.close();
  }
});
