// The exact loss of weights on some ids: windows, evaluation, integers (EVAL-11 to EVAL-13).

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import { valLossOf } from '@resonancenet/consensus/loss';
import { lossRoot } from '@resonancenet/consensus/loss-root';
import type { Backend, Bf16Weights } from '@resonancenet/kernels/backend';
import { evaluateGuarded } from '@resonancenet/kernels/guarded-evaluation';
import { evalWindows } from './eval-windows.ts';

export interface ExactLoss {
  /** Micro-nats per token. */
  readonly valLoss: number;
  /** Quanta of 2^-16 nats over all tokens. */
  readonly sum: bigint;
  readonly windowSums: readonly number[];
  readonly lossRoot: string;
}

export class NonFiniteModelError extends Error {
  readonly code = 'non-finite';
}

/**
 * Evaluates exactly. `signal` ends it between two windows.
 * @throws NonFiniteModelError if the weights give a NaN or an infinity on a window, which is named; the signal's reason
 */
export async function evaluateIds(
  backend: Backend,
  weights: Bf16Weights,
  ids: Uint16Array,
  window: number,
  startId: number,
  onProgress?: (windowsDone: number, windows: number) => void,
  signal?: AbortSignal,
): Promise<ExactLoss> {
  assert(ids.length > 0, 'there are ids to evaluate on');
  const windows = evalWindows(ids, window, startId);
  return await evaluateGuarded(backend, weights, { windows: windows.length }, async (evaluator) => {
    let done = 0;
    const results = await evaluator.evaluate(windows, null, () => {
      done += 1;
      onProgress?.(done, windows.length);
      return signal?.aborted !== true;
    });
    signal?.throwIfAborted();
    const windowSums = results.map((result, i) => {
      if (!result.ok)
        throw new NonFiniteModelError(
          `The model computes a NaN or an infinity on window ${i}: it has no loss. Training has diverged; go back to an earlier checkpoint.`,
        );
      return result.sum;
    });
    const sum = windowSums.reduce((total, value) => total + BigInt(value), 0n);
    return { valLoss: valLossOf(sum, ids.length), sum, windowSums, lossRoot: toHex(lossRoot(windowSums).hash) };
  });
}
