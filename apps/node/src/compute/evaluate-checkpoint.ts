// One exact evaluation of a checkpoint file: the outcome that the chain machine asked for.

import type { EvaluationOutcome } from '@resonancenet/chain/events';
import type { Backend, EvalWindow } from '@resonancenet/kernels/backend';
import { evaluateGuarded, type GuardedEvaluator } from '@resonancenet/kernels/guarded-evaluation';
import { parseCheckpoint } from '@resonancenet/model/checkpoint';
import type { CheckpointDescription } from '@resonancenet/model/checkpoint-header';
import { readCheckpointBytes } from '@resonancenet/training/checkpoint-file';

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

/** Checks the file's form and values, then evaluates and compares window by window, stopping at the first that differs. What condemns is confirmed by the plain code (guarded-evaluation.ts). */
export async function evaluateCheckpoint(
  backend: Backend,
  task: EvaluationTask,
  isCancelled: () => boolean,
  onProgress: (done: number, total: number) => void,
): Promise<TaskOutcome> {
  const parsed = parseCheckpoint(readCheckpointBytes(task.path), task.expected);
  if (!parsed.ok) return { kind: 'invalid', code: parsed.code, detail: parsed.detail };
  return await evaluateGuarded(backend, parsed.checkpoint, { windows: task.order.length }, (evaluator) =>
    evaluateWindows(evaluator, task, isCancelled, onProgress),
  );
}

async function evaluateWindows(
  evaluator: GuardedEvaluator,
  task: EvaluationTask,
  isCancelled: () => boolean,
  onProgress: (done: number, total: number) => void,
): Promise<TaskOutcome> {
  const sums = new Array<number>(task.windows.length);
  for (let at = 0; at < task.order.length; at += portion) {
    if (isCancelled()) return { kind: 'cancelled' };
    const indexes = task.order.slice(at, at + portion);
    const windows = indexes.map((index) => windowAt(task, index));
    // What is computed without a claim is what the parent_loss of other blocks is compared with (CON-23).
    const results =
      task.claimed === null
        ? await evaluator.evaluatePlain(windows)
        : await evaluator.evaluate(windows, claimsOf(task, task.claimed, indexes));
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
}

function claimsOf(task: EvaluationTask, claimed: readonly number[], indexes: readonly number[]): number[] {
  return indexes.map((index) => {
    const claim = claimed[index];
    if (claim === undefined) throw new RangeError(`There is no claim for window ${index} of ${task.windows.length}.`);
    return claim;
  });
}

function windowAt(task: EvaluationTask, index: number): EvalWindow {
  const window = task.windows[index];
  if (window === undefined) throw new RangeError(`There is no window ${index} of ${task.windows.length}.`);
  return window;
}
