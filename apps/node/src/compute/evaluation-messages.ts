// What the main thread and the evaluation thread say to each other.

import type { EvaluationTask, TaskOutcome } from './evaluate-checkpoint.ts';

/** More than jobs ever wait at once. */
export const CANCEL_SLOTS = 64;

export interface EvaluationWorkerData {
  readonly backend: string;
  readonly threads: number;
  /** CANCEL_SLOTS x Int32: job n is cancelled when slot n mod CANCEL_SLOTS holds n. Evaluations block their thread, so a message would come too late. */
  readonly cancelled: SharedArrayBuffer;
  /** CodeTrust.shared of the process. */
  readonly trust: SharedArrayBuffer;
}

export interface EvaluationRequest {
  readonly job: number;
  readonly task: EvaluationTask;
}

export type EvaluationReply =
  /** The fast code computes other numbers than the plain one and was given up. */
  | { readonly type: 'distrust'; readonly why: string }
  | { readonly type: 'progress'; readonly job: number; readonly done: number; readonly total: number }
  | { readonly type: 'outcome'; readonly job: number; readonly outcome: TaskOutcome };
