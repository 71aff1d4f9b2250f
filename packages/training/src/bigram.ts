// A byte-bigram model: the yardstick that any language model must beat. Counts of pairs, smoothed, fitted on the training text.

import type { EvalWindow } from '@resonancenet/kernels/backend';

const ids = 256;
/** Added to every pair's count; the best round number on English text of about a megabyte. */
const smoothing = 0.05;

/** Mean loss, nats per id, of a bigram model of `training` on the windows (their start id is the first context). */
export function bigramLoss(training: Uint16Array | Uint8Array, windows: readonly EvalWindow[]): number {
  const counts = new Float64Array(ids * ids).fill(smoothing);
  for (let i = 1; i < training.length; i += 1) {
    const pair = (training[i - 1] ?? 0) * ids + (training[i] ?? 0);
    counts[pair] = (counts[pair] ?? 0) + 1;
  }
  const totals = new Float64Array(ids);
  for (let context = 0; context < ids; context += 1) {
    for (let id = 0; id < ids; id += 1) totals[context] = (totals[context] ?? 0) + (counts[context * ids + id] ?? 0);
  }
  let loss = 0;
  let targets = 0;
  for (const window of windows) {
    for (let t = 0; t < window.targets.length; t += 1) {
      const context = window.inputs[t] ?? 0;
      loss -= Math.log((counts[context * ids + (window.targets[t] ?? 0)] ?? 0) / (totals[context] ?? 1));
      targets += 1;
    }
  }
  return loss / targets;
}
