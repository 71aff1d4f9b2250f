import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomisedWeights } from '@resonancenet/model/testing/randomised-weights';
import type { Backend } from '../backend.ts';
import { CodeTrust } from '../code-trust.ts';
import { createReferenceBackend } from '../reference/reference-backend.ts';
import { selectBackend } from '../select-backend.ts';
import { verifyExactness } from '../self-test.ts';
import { backendContract, randomWindow } from '../testing/backend-contract.ts';
import { WasmDecoder } from './exact-decoder.ts';
import { WasmEvaluator } from './exact-evaluator.ts';
import { loadKernels } from './load-module.ts';
import { ThreadPool } from './thread-pool.ts';
import { createWasmBackend } from './wasm-backend.ts';

const SHAPE = { vocab: 300, width: 26, layers: 2, baseWidth: 24 };

backendContract('wasm', () => createWasmBackend({ threads: 2 }), 1e-4);

test('auto is the WebAssembly backend where its self-test passes', async () => {
  const backend = await selectBackend('auto', { threads: 1 });
  assert.equal(backend.name, 'wasm');
  assert.ok(backend.exact);
  await backend.close();
});

test('a backend that does not exist is refused by name', async () => {
  await assert.rejects(selectBackend('abacus', { threads: 1 }), { code: 'BACKEND_UNAVAILABLE', message: /abacus/ });
});

test('code that is distrusted is given up by every backend that shares the trust, in the middle of its work', async () => {
  const trust = new CodeTrust();
  const told: string[] = [];
  const open = (): Promise<Backend> => createWasmBackend({ threads: 2, trust, onDistrust: (why) => told.push(why) });
  const [a, b] = [await open(), await open()];
  assert.deepEqual([a.usesFastCode, b.usesFastCode], [true, true]);
  const evaluator = await b.evaluator({ shape: SHAPE, data: randomisedWeights(SHAPE, 6) });
  const windows = [20, 3].map((length, seed) => randomWindow(SHAPE.vocab, length, seed));
  const before = await evaluator.evaluate(windows);
  a.distrust('other numbers');
  assert.deepEqual([a.usesFastCode, b.usesFastCode], [false, false]);
  assert.deepEqual(await evaluator.evaluate(windows), before);
  assert.deepEqual(told, ['other numbers']);
  const late = await open();
  assert.equal(late.usesFastCode, false);
  await Promise.all([a, b, late].map((backend) => backend.close()));
});

test('the self-test passes on plain code, and on fast code with 256-bit instructions and without', async () => {
  for (const options of [{ code: 'plain' }, { wide: true }, { wide: false }] as const) {
    const module = await loadKernels('exact', options);
    const open = async (): Promise<ThreadPool> => await ThreadPool.create({ module, threads: 1 });
    const backend: Backend = {
      ...createReferenceBackend(),
      name: JSON.stringify(options),
      evaluator: async (weights) => {
        const pool = await open();
        return new WasmEvaluator(pool, weights, () => pool.close());
      },
      decoder: async (weights) => {
        const pool = await open();
        return new WasmDecoder(pool, weights, () => pool.close());
      },
    };
    await verifyExactness(backend, 10);
  }
});

test('one pool serves evaluator after evaluator, and what it computed before leaves no trace', async () => {
  const backend = await createWasmBackend({ threads: 2 });
  const windows = [20, 3, 33].map((length, seed) => randomWindow(SHAPE.vocab, length, seed));
  const seen = new Map<number, string>();
  for (const seed of [1, 2, 1, 2]) {
    const evaluator = await backend.evaluator({ shape: SHAPE, data: randomisedWeights(SHAPE, seed) });
    const results = JSON.stringify(await evaluator.evaluate(windows));
    await evaluator.close();
    await evaluator.close();
    // Its pool may be another's by now.
    await assert.rejects(evaluator.evaluate(windows), { code: 'POOL_CLOSED' });
    await assert.rejects(evaluator.logits(windows[0]!.inputs), { code: 'POOL_CLOSED' });
    assert.equal(seen.get(seed) ?? results, results);
    seen.set(seed, results);
  }
  assert.notEqual(seen.get(1), seen.get(2));
  await backend.close();
});

test('evaluators and decoders of one backend live side by side', async () => {
  const backend = await createWasmBackend({ threads: 2 });
  const weights = { shape: SHAPE, data: randomisedWeights(SHAPE, 5) };
  const [a, b, decoder] = await Promise.all([
    backend.evaluator(weights),
    backend.evaluator(weights),
    backend.decoder(weights),
  ]);
  const { inputs } = randomWindow(SHAPE.vocab, 12, 9);
  const [left, right] = await Promise.all([a.logits(inputs), b.logits(inputs)]);
  assert.deepEqual(left, right);
  for (const [t, id] of inputs.entries()) {
    assert.deepEqual(decoder.step(id).slice(), left.slice(t * SHAPE.vocab, (t + 1) * SHAPE.vocab));
  }
  await decoder.close();
  assert.throws(() => decoder.step(1), { code: 'POOL_CLOSED' });
  await backend.close();
});

test('closed models leave their memory to others', async () => {
  // 15 MB of weights and 36 MB of activations each: ten of them would show.
  const shape = { vocab: 30000, width: 128, layers: 2, baseWidth: 128 };
  const weights = { shape, data: randomisedWeights(shape, 5) };
  const windows = [randomWindow(shape.vocab, 300, 1), randomWindow(shape.vocab, 300, 2)];
  const backend = await createWasmBackend({ threads: 2 });
  const resident: number[] = [];
  for (let i = 0; i < 10; i++) {
    const [evaluator, decoder] = [await backend.evaluator(weights), await backend.decoder(weights)];
    await evaluator.evaluate(windows);
    decoder.step(1);
    await Promise.all([evaluator.close(), decoder.close()]);
    resident.push(process.memoryUsage().rss / 2 ** 20);
  }
  await backend.close();
  assert.ok(resident[9]! < resident[2]! + 200, `resident MiB after each: ${resident.map(Math.round).join(', ')}`);
});

test('ids beyond the vocabulary, windows whose halves differ in length and weights of another shape are refused', async () => {
  const backend = await createWasmBackend({ threads: 1 });
  const data = randomisedWeights(SHAPE, 5);
  const evaluator = await backend.evaluator({ shape: SHAPE, data });
  const bad = Uint16Array.of(1, 300);
  const good = Uint16Array.of(1, 2);
  await assert.rejects(evaluator.evaluate([{ inputs: bad, targets: good }]), /300 is not below the vocabulary/);
  await assert.rejects(evaluator.evaluate([{ inputs: good, targets: bad }]), /300 is not below the vocabulary/);
  await assert.rejects(evaluator.evaluate([{ inputs: good, targets: good.subarray(1) }]), /one target per input/);
  await assert.rejects(evaluator.logits(bad), RangeError);
  await assert.rejects(backend.evaluator({ shape: SHAPE, data: data.subarray(1) }), /very shape/);
  const decoder = await backend.decoder({ shape: SHAPE, data });
  for (const id of [300, -1, 0.5]) assert.throws(() => decoder.step(id), RangeError);
  assert.deepEqual(await evaluator.evaluate([]), []);
  const none = new Uint16Array();
  assert.deepEqual(await evaluator.evaluate([{ inputs: none, targets: none }]), [{ ok: true, sum: 0 }]);
  assert.deepEqual(await evaluator.logits(new Uint16Array()), new Float32Array());
  await backend.close();
});

test('a closed backend refuses work and leaves no thread behind, whatever was still open', async () => {
  const backend = await createWasmBackend({ threads: 3 });
  const weights = { shape: SHAPE, data: randomisedWeights(SHAPE, 5) };
  const evaluator = await backend.evaluator(weights);
  await backend.trainer({ shape: SHAPE, maxBatch: 1, maxWindow: 8 });
  await backend.close();
  await assert.rejects(evaluator.evaluate([randomWindow(SHAPE.vocab, 4, 1)]), { code: 'POOL_CLOSED' });
  await assert.rejects(backend.evaluator(weights), { code: 'POOL_CLOSED' });
  await assert.rejects(backend.trainer({ shape: SHAPE, maxBatch: 1, maxWindow: 8 }), { code: 'POOL_CLOSED' });
  const left = process.getActiveResourcesInfo().filter((kind) => /Worker|MessagePort/.test(kind));
  assert.deepEqual(left, []);
});
