// Checkpoints that say their own loss, and an oracle that reads it: a pure function of the bytes, as exact evaluation is.

import { checkpointFileLength, type CheckpointDescription } from '@resonancenet/model/checkpoint-header';
import type { EvaluationOutcome } from '@resonancenet/chain/events';
import { sumsFor } from '@resonancenet/consensus/testing/sample-chain';
import type { NetworkParams } from '@resonancenet/params/network-params';

const MARK = 0x4d4d4953;

/** A file of the length that the description asks for. Different seeds give different files of the same loss. */
export function simCheckpoint(description: CheckpointDescription, valLoss: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(checkpointFileLength(description));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MARK, true);
  view.setUint32(4, valLoss, true);
  view.setUint32(8, seed, true);
  // Something of its own in every chunk, so that no chunk stands for another.
  let state = seed;
  for (let offset = 12; offset + 4 <= bytes.length; offset += 4096) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    view.setUint32(offset, state, true);
  }
  return bytes;
}

/** The loss that a file says; null for a file that is none of the simulation's. */
export function lossOfCheckpoint(file: Uint8Array): number | null {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return file.length >= 12 && view.getUint32(0, true) === MARK ? view.getUint32(4, true) : null;
}

/** What an evaluator answers: the sums, or the first window that differs from the claim. */
export function evaluate(
  file: Uint8Array,
  claimed: readonly number[] | null,
  params: NetworkParams,
): EvaluationOutcome {
  const loss = lossOfCheckpoint(file);
  if (loss === null) return { kind: 'invalid', code: 'ckpt-nan', detail: 'no model of the simulation' };
  const sums = sumsFor(loss, params);
  const window = claimed === null ? -1 : sums.findIndex((sum, index) => sum !== claimed[index]);
  if (claimed === null || window < 0) return { kind: 'sums', sums };
  return { kind: 'mismatch', window, claimed: claimed[window] ?? 0, computed: sums[window] ?? 0 };
}
