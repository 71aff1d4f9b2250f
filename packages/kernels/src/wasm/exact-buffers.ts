// Activations and workspaces of the exact forward pass, as assembly/exact/structs.ts describes them.

import { hiddenWidth, type ModelShape, SLOTS } from '@resonancenet/model/shape';
import { padded } from './exact-model.ts';
import type { ThreadPool } from './thread-pool.ts';

/** Hidden units of about this many steps at a time: what they need stays in the second-level cache at genesis. */
const MAX_FFN_ROWS = 144;
/** Logits of a block of steps take at most about this much, but a block has at least 48 steps: each widens the embedding anew. */
const LOGIT_BYTES = 28 * 2 ** 20;

/** Blocks of nearly equal length, multiples of the register tile's six rows, of at most `most` steps (itself such a multiple). */
function blockRows(steps: number, most: number): number {
  const blocks = Math.ceil(steps / most);
  return Math.min(steps, Math.ceil(steps / blocks / 6) * 6);
}

/** Steps whose logits are computed together. */
export function logitRowsOf(shape: ModelShape, steps: number): number {
  return blockRows(steps, Math.max(48, Math.floor(LOGIT_BYTES / (4 * padded(shape.vocab)) / 6) * 6));
}

/** Byte counts of the arrays of an Activations for windows of up to `steps` steps worked on by `threads` threads. */
function activationSizes(shape: ModelShape, steps: number, threads: number): number[] {
  const stride = padded(shape.width);
  const logitRows = logitRowsOf(shape, steps);
  const ffnRows = blockRows(steps, MAX_FFN_ROWS);
  return [
    4 * steps * stride,
    4 * steps * stride,
    4 * stride * historyRowsOf(steps),
    4 * steps * stride,
    4 * ffnRows * padded(hiddenWidth(shape.width)),
    4 * steps * SLOTS,
    4 * padded(shape.vocab) * logitRows,
    64 * threads * logitRows,
    64 * Math.max(threads, logitRows),
  ];
}

/** 64 rows of time before the window, its steps, and the rest of the last tile of four. */
function historyRowsOf(steps: number): number {
  return 64 + Math.ceil(steps / 4) * 4;
}

/** Bytes of one Activations. */
export function activationBytes(shape: ModelShape, steps: number, threads: number): number {
  return activationSizes(shape, steps, threads).reduce((sum, size) => sum + size + 64, 64);
}

/** Allocates an Activations; returns its address. */
export function allocateActivations(pool: ThreadPool, shape: ModelShape, steps: number, threads: number): number {
  const [x, u, history, mixed, hidden, scores, logits, maxima, sums] = activationSizes(shape, steps, threads).map(
    (bytes) => pool.allocate(bytes),
  );
  const fields = [
    x,
    u,
    history,
    historyRowsOf(steps),
    mixed,
    hidden,
    blockRows(steps, MAX_FFN_ROWS),
    scores,
    logits,
    logitRowsOf(shape, steps),
    maxima,
    sums,
    0,
  ];
  const address = pool.allocate(4 * fields.length);
  pool.u32(address, fields.length).set(fields.map((field) => field!));
  return address;
}

/** Allocates a Workspace; returns its address. */
export function allocateWorkspace(pool: ThreadPool, shape: ModelShape, steps: number): number {
  const panel = pool.allocate(32 * Math.max(hiddenWidth(shape.width), shape.width, SLOTS));
  // The convolution keeps its five sums of a tile here, 640 bytes.
  const outs = [0, 1].map(() => pool.allocate(Math.max(32 * steps, 640)));
  const address = pool.allocate(12);
  pool.u32(address, 3).set([panel, ...outs]);
  return address;
}
