// Checkpoints that say their own loss, and an oracle that reads it: a pure function of the bytes and the D_val, as exact evaluation is.

import { fromHex } from '@resonancenet/bytes/hex';
import { isReserve } from '@resonancenet/consensus/dval-rotation';
import type { Hex32 } from '@resonancenet/chain/events';
import { checkpointFileLength, type CheckpointDescription } from '@resonancenet/model/checkpoint-header';
import type { EvaluationOutcome } from '@resonancenet/chain/events';
import { sumsFor } from '@resonancenet/consensus/testing/sample-chain';
import type { NetworkParams } from '@resonancenet/params/network-params';

const MARK = 0x4d4d4953;

/** A file of the length that the description asks for. Different seeds give different files of the same loss (`loss`: on the network's own sets). */
export function simCheckpoint(description: CheckpointDescription, loss: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(checkpointFileLength(description));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MARK, true);
  view.setUint32(4, loss, true);
  view.setUint32(8, seed, true);
  // Something of its own in every chunk, so that no chunk stands for another.
  let state = seed;
  for (let offset = 12; offset + 4 <= bytes.length; offset += 4096) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    view.setUint32(offset, state, true);
  }
  return bytes;
}

/** How much higher all losses are on a D_val than on the network's own; null on a hard one, where they are three times as high. */
export function lossOffset(dvalId: Hex32, params: NetworkParams): number | null {
  const [first = 0] = fromHex(dvalId);
  if (isReserve(fromHex(dvalId), params)) return 0;
  return first < 64 ? null : first;
}

/** The loss of a file on a D_val; null for a file that is none of the simulation's. */
export function lossOfCheckpoint(file: Uint8Array, dvalId: Hex32, params: NetworkParams): number | null {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 12 || view.getUint32(0, true) !== MARK) return null;
  const loss = view.getUint32(4, true);
  const offset = lossOffset(dvalId, params);
  return offset === null ? 3 * loss : loss + offset;
}

/** What an evaluator answers: the sums, or the first window that differs from the claim. */
export function evaluate(
  file: Uint8Array,
  dvalId: Hex32,
  claimed: readonly number[] | null,
  params: NetworkParams,
): EvaluationOutcome {
  const loss = lossOfCheckpoint(file, dvalId, params);
  if (loss === null) return { kind: 'invalid', code: 'ckpt-nan', detail: 'no model of the simulation' };
  const sums = sumsFor(loss, params);
  const window = claimed === null ? -1 : sums.findIndex((sum, index) => sum !== claimed[index]);
  if (claimed === null || window < 0) return { kind: 'sums', sums };
  return { kind: 'mismatch', window, claimed: claimed[window] ?? 0, computed: sums[window] ?? 0 };
}
