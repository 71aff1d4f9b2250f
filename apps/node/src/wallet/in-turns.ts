// Long work of a wallet beside the node's own: in slices, between which the node has its turn.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Work } from '@resonancenet/wallet/work';

/** The node's thread is held no longer than this at a time, milliseconds. */
export const SLICE_MS = 8;

export async function inTurns<T>(work: Work<T>): Promise<T> {
  let sliceEnd = performance.now() + SLICE_MS;
  try {
    for (;;) {
      const { done, value } = work.next();
      if (done === true) return value;
      if (performance.now() < sliceEnd) continue;
      await nextTurn();
      sliceEnd = performance.now() + SLICE_MS;
    }
  } finally {
    // Ends what it reads from, if it was not read to its end.
    work.return(undefined as T);
  }
}
