// Whole windows at the genesis shape: two of them beside the definition, and all 512 of a mainnet D_val: the same integers with 1, 2 and 4 threads (some five
// minutes on two cores).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomisedWeights } from '@resonancenet/model/testing/randomised-weights';
import type { WindowResult } from '../backend.ts';
import { randomWindow } from '../testing/backend-contract.ts';
import { checkGenesisShape, GENESIS_SHAPE } from '../testing/genesis-shape.ts';
import { createWasmBackend } from './wasm-backend.ts';

test("two whole windows at the genesis shape give the definition's integers and logits with 1, 2 and 4 threads", async () => {
  const backends = await Promise.all([1, 2, 4].map((threads) => createWasmBackend({ threads })));
  await checkGenesisShape(backends, [256, 256]);
  await Promise.all(backends.map((backend) => backend.close()));
});

test('512 windows of the genesis shape give the same sums with 1, 2 and 4 threads', async () => {
  const shape = GENESIS_SHAPE;
  const data = randomisedWeights(shape, 512);
  const windows = Array.from({ length: 512 }, (_, i) => randomWindow(shape.vocab, 256, i));
  const results: WindowResult[][] = [];
  for (const threads of [1, 2, 4]) {
    const backend = await createWasmBackend({ threads });
    const evaluator = await backend.evaluator({ shape, data });
    results.push(await evaluator.evaluate(windows));
    await backend.close();
  }
  assert.equal(results[0]!.length, 512);
  assert.ok(results[0]!.every(({ ok }) => ok));
  assert.deepEqual(results[1], results[0]);
  assert.deepEqual(results[2], results[0]);
});
