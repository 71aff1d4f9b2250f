// One exact evaluation of a checkpoint file: the outcome that the chain machine asked for.

import { readFileSync } from 'node:fs';
import type { EvaluationOutcome } from '@resonancenet/chain/events';
import type { Backend, EvalWindow } from '@resonancenet/kernels/backend';
import { parseCheckpoint } from '@resonancenet/model/checkpoint';
import type { CheckpointDescription } from '@resonancenet/model/checkpoint-header';

export interface EvaluationTask {
  /** Complete checkpoint file. */
  readonly path: string;
  /** What metadata and shape must be at the block's height. */
  readonly expected: CheckpointDescription;
  readonly windows: readonly EvalWindow[];
  /** Window sums that the block claims, or null to compute all. */
  readonly claimed: readonly number[] | null;
  /** Order in which windows are evaluated: a permutation that nobody else can foresee (protocol: node-random). */
  readonly order: readonly number[];
}

/** Windows are handed to the backend in portions, so that a cancellation is seen soon. */
const portion = 16;

/** Whoever sent the checkpoint is to blame for `invalid` and `mismatch`; `cancelled` says that nobody wants the answer any more. */
export type TaskOutcome = EvaluationOutcome | { readonly kind: 'cancelled' };

/** Checks the file's form and values, then evaluates and compares window by window, stopping at the first that differs. */
export async function evaluateCheckpoint(
  backend: Backend,
  task: EvaluationTask,
  isCancelled: () => boolean,
  onProgress: (done: number, total: number) => void,
): Promise<TaskOutcome> {
  const parsed = parseCheckpoint(readFileSync(task.path), task.expected);
  if (!parsed.ok) return { kind: 'invalid', code: parsed.code, detail: parsed.detail };
  const evaluator = await backend.evaluator(parsed.checkpoint);
  try {
    const sums = new Array<number>(task.windows.length);
    for (let at = 0; at < task.order.length; at += portion) {
      if (isCancelled()) return { kind: 'cancelled' };
      const indexes = task.order.slice(at, at + portion);
      const windows = indexes.map((index) => windowAt(task, index));
      const results = await evaluator.evaluate(windows, (place, result) => {
        const index = indexes[place] ?? 0;
        return result.ok && (task.claimed === null || task.claimed[index] === result.sum);
      });
      for (const [place, result] of results.entries()) {
        const index = indexes[place] ?? 0;
        if (!result.ok) {
          return {
            kind: 'invalid',
            code: 'evaluation-non-finite',
            detail: `window ${index} computes a NaN or an infinity: the model has no loss`,
          };
        }
        const claimed = task.claimed?.[index] ?? result.sum;
        if (claimed !== result.sum) return { kind: 'mismatch', window: index, claimed, computed: result.sum };
        sums[index] = result.sum;
      }
      onProgress(Math.min(at + portion, task.order.length), task.order.length);
    }
    return { kind: 'sums', sums };
  } finally {
    await evaluator.close();
  }
}

function windowAt(task: EvaluationTask, index: number): EvalWindow {
  const window = task.windows[index];
  if (window === undefined) throw new RangeError(`There is no window ${index} of ${task.windows.length}.`);
  return window;
}
