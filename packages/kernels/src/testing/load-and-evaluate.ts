// A process for load-module.test.ts: V8 tells of every function that it compiles. Arguments: threads, then what each loads and works with: 'plain' or 'fast'.

import { once } from 'node:events';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { GOLDEN_MODELS, goldenWeights, goldenWindows } from '../golden-model.ts';
import { WasmEvaluator } from '../wasm/exact-evaluator.ts';
import { type KernelCode, loadKernels } from '../wasm/load-module.ts';
import { ThreadPool } from '../wasm/thread-pool.ts';

/** Far more than functions run before V8 compiles them for speed, where it does. */
const ROUNDS = 20;

async function evaluateWith(codes: readonly KernelCode[]): Promise<void> {
  const modules = await Promise.all(codes.map((code) => loadKernels('exact', { code })));
  const [model] = GOLDEN_MODELS;
  for (const module of modules) {
    const pool = await ThreadPool.create({ module, threads: 1 });
    const evaluator = new WasmEvaluator(pool, goldenWeights(model!), () => pool.close());
    for (let round = 0; round < ROUNDS; round++) await evaluator.evaluate(goldenWindows(model!));
    await evaluator.close();
  }
}

if (isMainThread) {
  const [threads, ...codes] = process.argv.slice(2);
  const others = Array.from({ length: Number(threads) - 1 }, (_, i) => {
    // Each in another order, so that both kinds are loaded at the same time.
    const workerData = i % 2 === 0 ? codes.toReversed() : codes;
    return once(new Worker(new URL(import.meta.url), { workerData }), 'exit');
  });
  await evaluateWith(codes as KernelCode[]);
  await Promise.all(others);
} else await evaluateWith(workerData as readonly KernelCode[]);
