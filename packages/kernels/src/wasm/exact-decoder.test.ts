import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { referenceForward, referenceModel } from '@resonancenet/model/reference-forward';
import { randomisedWeights } from '@resonancenet/model/testing/randomised-weights';
import { randomWindow } from '../testing/backend-contract.ts';
import { WasmDecoder } from './exact-decoder.ts';
import { loadKernels } from './load-module.ts';
import { ThreadPool } from './thread-pool.ts';

let module: WebAssembly.Module;
before(async () => {
  module = await loadKernels('exact');
});

const SHAPES = [
  { vocab: 37, width: 18, layers: 2, baseWidth: 16 },
  { vocab: 300, width: 98, layers: 1, baseWidth: 64 },
];

for (const shape of SHAPES) {
  for (const threads of [1, 2, 4]) {
    // More steps than the history's buffer holds, and than the trials of one thread and of all (thread-choice.ts) take.
    test(`450 steps on ${threads} threads give the bits of the whole sequence (V ${shape.vocab}, d ${shape.width})`, async () => {
      const data = randomisedWeights(shape, 21);
      const { inputs } = randomWindow(shape.vocab, 450, 3);
      const whole = referenceForward(referenceModel(shape, data), inputs);
      assert.ok(whole.ok);
      const pool = await ThreadPool.create({ module, threads });
      const decoder = new WasmDecoder(pool, { shape, data }, () => pool.close());
      for (const [t, id] of inputs.entries()) {
        assert.deepEqual(decoder.step(id), whole.logits.slice(t * shape.vocab, (t + 1) * shape.vocab), `step ${t}`);
      }
      decoder.reset();
      assert.deepEqual(decoder.step(inputs[0]!), whole.logits.slice(0, shape.vocab));
      await decoder.close();
    });
  }
}
