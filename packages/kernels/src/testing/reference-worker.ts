// For tests: windows evaluated by the definition in threads of their own, since it is slow.

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { exp32, reduce16, targetLoss } from '@resonancenet/model/f32-seq';
import { referenceForward, referenceModel } from '@resonancenet/model/reference-forward';
import type { ModelShape } from '@resonancenet/model/shape';
import type { EvalWindow } from '../backend.ts';
import { digestBits } from '../golden-model.ts';

/** What the definition says of a window: the sum of quantised losses and the digest of the logits. */
export interface ReferenceVerdict {
  readonly sum: number;
  readonly logits: number;
}

interface Task {
  readonly shape: ModelShape;
  /** BF16 bits in memory that threads share: a model is large. */
  readonly weights: Uint16Array;
  readonly window: EvalWindow;
}

/** Evaluates each window in a thread of its own. The weights must lie in shared memory. */
export async function referenceVerdicts(
  shape: ModelShape,
  weights: Uint16Array<SharedArrayBuffer>,
  windows: readonly EvalWindow[],
): Promise<ReferenceVerdict[]> {
  return await Promise.all(
    windows.map(
      (window) =>
        new Promise<ReferenceVerdict>((resolve, reject) => {
          const workerData: Task = { shape, weights, window };
          const worker = new Worker(new URL(import.meta.url), { workerData });
          worker.once('message', resolve);
          worker.once('error', reject);
        }),
    ),
  );
}

function evaluate({ shape, weights, window }: Task): ReferenceVerdict {
  const result = referenceForward(referenceModel(shape, weights), window.inputs);
  if (!result.ok) throw new Error('the window is not finite');
  let sum = 0;
  for (const [t, target] of window.targets.entries()) {
    const row = result.logits.subarray(t * shape.vocab, (t + 1) * shape.vocab);
    const max = row.reduce((m, logit) => Math.max(m, logit));
    sum += targetLoss(reduce16(row.map((logit) => exp32(Math.fround(logit - max)))), max, row[target]!);
  }
  return { sum, logits: digestBits(result.logits) };
}

if (!isMainThread && parentPort !== null) parentPort.postMessage(evaluate(workerData as Task));
