// Cuts ids into evaluation windows (EVAL-11).

import type { EvalWindow } from '@resonancenet/kernels/backend';

/**
 * Windows of `length` targets each; a window's input is the start id and its own ids but the last, so that every id is a target
 * once. A shorter last window is kept (outside consensus; D_vals are whole windows).
 */
export function evalWindows(ids: Uint16Array, length: number, startId: number): EvalWindow[] {
  const windows: EvalWindow[] = [];
  for (let at = 0; at < ids.length; at += length) {
    const targets = ids.slice(at, at + length);
    const inputs = new Uint16Array(targets.length);
    inputs[0] = startId;
    inputs.set(targets.subarray(0, -1), 1);
    windows.push({ inputs, targets });
  }
  return windows;
}
