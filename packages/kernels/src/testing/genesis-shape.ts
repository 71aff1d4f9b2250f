import assert from 'node:assert/strict';
import { randomisedWeights } from '@resonancenet/model/testing/randomised-weights';
import type { Backend } from '../backend.ts';
import { digestBits } from '../golden-model.ts';
import { randomWindow } from './backend-contract.ts';
import { referenceVerdicts } from './reference-worker.ts';

export const GENESIS_SHAPE = { vocab: 50257, width: 384, layers: 6, baseWidth: 384 } as const;

/** Every backend gives the definition's integers and logits for windows of these many ids at the genesis shape, together and one by one. */
export async function checkGenesisShape(backends: readonly Backend[], lengths: readonly number[]): Promise<void> {
  const shape = GENESIS_SHAPE;
  const random = randomisedWeights(shape, 77);
  const data = new Uint16Array(new SharedArrayBuffer(random.byteLength));
  data.set(random);
  const windows = lengths.map((length, i) => randomWindow(shape.vocab, length, 1 + i));
  const expected = await referenceVerdicts(shape, data, windows);
  const sums = expected.map(({ sum }) => ({ ok: true, sum }));
  for (const [i, backend] of backends.entries()) {
    const evaluator = await backend.evaluator({ shape, data });
    assert.deepEqual(await evaluator.evaluate(windows), sums, `backend ${i}`);
    for (const [place, window] of windows.entries()) {
      assert.deepEqual(await evaluator.evaluate([window]), [sums[place]], `backend ${i}, one window at a time`);
      assert.equal(digestBits(await evaluator.logits(window.inputs)), expected[place]!.logits, `backend ${i}`);
    }
    await evaluator.close();
  }
}
