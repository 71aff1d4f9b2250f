// Long work of a wallet beside the node's own: in slices, between which the node has its turn.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Work } from '@resonancenet/wallet/work';

/** The node's thread is held no longer than this at a time, milliseconds. */
const SLICE_MS = 8;

/** Tells long work when its slice is over; the first one begins at once. */
export class Slices {
  #end: number = performance.now() + SLICE_MS;

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Gives way to the node; then the next one begins. */
  async next(): Promise<void> {
    await nextTurn();
    this.#end = performance.now() + SLICE_MS;
  }
}

export async function inTurns<T>(work: Work<T>): Promise<T> {
  const slices = new Slices();
  try {
    for (;;) {
      const { done, value } = work.next();
      if (done === true) return value;
      if (slices.isOver) await slices.next();
    }
  } finally {
    // Ends what it reads from, if it was not read to its end.
    work.return(undefined as T);
  }
}
