// Whole-model gradients at widths and on shapes that take the reference long.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mix32 } from '@resonancenet/model/integer-prng';
import { type ModelShape, parameterCount } from '@resonancenet/model/shape';
import { tensorSpecs } from '@resonancenet/model/tensors';
import { randomisedParameters } from '@resonancenet/model/testing/randomised-weights';
import { ReferenceTrainer } from '../reference/reference-trainer.ts';
import { sampleBatch } from '../testing/central-differences.ts';
import { relativeError } from '../testing/op-bench.ts';
import { WasmTrainer } from './train-session.ts';

async function compare(shape: ModelShape, batch: number, window: number, threads: number): Promise<void> {
  const options = { shape, maxBatch: batch, maxWindow: window };
  const count = parameterCount(shape);
  const state = {
    step: 0,
    param: randomisedParameters(shape, 21),
    m: new Float32Array(count),
    v: new Float32Array(count),
  };
  const ours = await WasmTrainer.create({ ...options, threads, aloneBelow: 0 });
  const reference = new ReferenceTrainer(options);
  for (const trainer of [ours, reference]) trainer.load(state);
  const ids = sampleBatch(shape.vocab, batch, window);
  const [a, b] = [await ours.forwardBackward(ids), await reference.forwardBackward(ids)];
  const text = `d ${shape.width}, L ${shape.layers}, V ${shape.vocab}, ${batch} x ${window}, ${threads} threads`;
  assert.ok(Math.abs(a.loss - b.loss) < 1e-5 * Math.max(1, b.loss), `${text}: loss ${a.loss}, reference ${b.loss}`);
  const [gradient, expected] = [ours.gradient(), reference.gradient()];
  for (const { name, offset, size } of tensorSpecs(shape)) {
    const error = relativeError(gradient.subarray(offset, offset + size), expected.subarray(offset, offset + size));
    assert.ok(error < 1e-4, `${text}: ${name} has relative error ${error}`);
  }
  await ours.close();
}

test("the gradient at width 386 is the reference's", async () => {
  await compare({ vocab: 257, width: 386, layers: 1, baseWidth: 384 }, 1, 70, 2);
});

test("the gradient on 30 random odd shapes is the reference's", async () => {
  for (let i = 0; i < 30; i++) {
    const pick = (key: number, from: number, to: number): number => from + (mix32(i * 16 + key) % (to - from + 1));
    const width = 2 * pick(1, 1, 40);
    const baseWidth = 2 * pick(2, 1, width / 2);
    const shape = { vocab: pick(3, 2, 700), width, layers: pick(4, 1, 3), baseWidth };
    await compare(shape, pick(5, 1, 3), pick(6, 1, 150), pick(7, 1, 4));
  }
});
