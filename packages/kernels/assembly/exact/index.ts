// The exact evaluator F32-SEQ (spec/evaluation.md): only instructions with one result on every machine.

import { barrier } from '../common/barrier';
import { splitStart } from '../common/split';
import { copyRows } from './logits';
import { Activations, Model, Workspace } from './structs';
import { blockLogits, forward, windowLoss } from './window';

export { decodeStep } from './decode';
export { packMatrix, packTaps, packTransposed, packVector } from './pack';
export { probe, probeLog, probeMultiply, probeNorm } from './probe';

/** One window of a batch. */
// @ts-ignore: decorator
@unmanaged
class Window {
  /** Sum of quantised losses: an integer. */
  sum: f64;
  ids: usize;
  targets: usize;
  steps: i32;
  nonFinite: i32;
}

/** What the ops below work on. */
// @ts-ignore: decorator
@unmanaged
class Batch {
  model: usize;
  /** Addresses of the threads' Activations and Workspaces, u32 each. A team uses the first Activations. */
  activations: usize;
  workspaces: usize;
  windows: usize;
  count: i32;
  /** Index of the next window that no thread has taken yet. */
  next: i32;
  /** Where `logits` puts a block's rows. */
  out: usize;
  /** First step and number of steps of the block that `blockRows` computes. */
  row: i32;
  rows: i32;
}

// @ts-ignore: decorator
@inline
function activationsOf(batch: Batch, thread: i32): Activations {
  return changetype<Activations>(load<usize>(batch.activations + (<usize>thread << 2)));
}

// @ts-ignore: decorator
@inline
function workspaceOf(batch: Batch, thread: i32): Workspace {
  return changetype<Workspace>(load<usize>(batch.workspaces + (<usize>thread << 2)));
}

// @ts-ignore: decorator
@inline
function windowAt(batch: Batch, index: i32): Window {
  return changetype<Window>(batch.windows + <usize>index * offsetof<Window>());
}

/** Evaluates the batch's windows, each by one thread; a thread that is done takes the next. */
export function evaluateEach(thread: i32, threads: i32, args: usize): void {
  const batch = changetype<Batch>(args);
  const model = changetype<Model>(batch.model);
  const act = activationsOf(batch, thread);
  const work = workspaceOf(batch, thread);
  for (;;) {
    const index = atomic.add<i32>(args + offsetof<Batch>('next'), 1);
    if (index >= batch.count) return;
    const window = windowAt(batch, index);
    act.nonFinite = 0;
    window.sum = windowLoss(model, act, work, window.ids, window.targets, window.steps, 0, 1);
    window.nonFinite = act.nonFinite;
  }
}

/** Evaluates the batch's windows one after the other, each by all threads together. */
export function evaluateTogether(thread: i32, threads: i32, args: usize): void {
  const batch = changetype<Batch>(args);
  const model = changetype<Model>(batch.model);
  const act = activationsOf(batch, 0);
  const work = workspaceOf(batch, thread);
  for (let index = 0; index < batch.count; index++) {
    const window = windowAt(batch, index);
    const part = windowLoss(model, act, work, window.ids, window.targets, window.steps, thread, threads);
    // Each thread's part is an integer below 2^53, so their order does not matter; they wait in the sums' first lanes.
    store<f64>(act.sums + (<usize>thread << 6), part);
    barrier(threads);
    if (thread == 0) {
      let sum: f64 = 0;
      for (let other = 0; other < threads; other++) sum += load<f64>(act.sums + (<usize>other << 6));
      window.sum = sum;
      window.nonFinite = act.nonFinite;
      act.nonFinite = 0;
    }
    barrier(threads);
  }
}

/** The forward pass of the batch's first window by all threads together; `blockRows` then gives its logits. */
export function forwardTogether(thread: i32, threads: i32, args: usize): void {
  const batch = changetype<Batch>(args);
  const window = windowAt(batch, 0);
  const model = changetype<Model>(batch.model);
  forward(model, activationsOf(batch, 0), workspaceOf(batch, thread), window.ids, window.steps, thread, threads);
}

/** Logits [rows, V] of a block of steps, after `forwardTogether`, to `out`. */
export function blockRows(thread: i32, threads: i32, args: usize): void {
  const batch = changetype<Batch>(args);
  const model = changetype<Model>(batch.model);
  const act = activationsOf(batch, 0);
  const rows = batch.rows;
  blockLogits(model, act, workspaceOf(batch, thread), batch.row, rows, thread, threads);
  copyRows(model, act, rows, splitStart(rows, 1, thread, threads), splitStart(rows, 1, thread + 1, threads), batch.out);
}
