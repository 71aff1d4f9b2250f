// One clock for everything that is remembered over restarts: it starts at wall time, runs with the monotonic clock, and never goes back,
// whatever is done to the wall clock.

import type { Now } from './events.ts';

export class ChainClock {
  readonly #offset: number;

  /** `last`: the greatest time that was persisted, 0 for a new store. */
  constructor(now: Now, last: number) {
    this.#offset = Math.max(now.unixMs, last) - now.monotonicMs;
  }

  /** Milliseconds, integer. */
  at(now: Now): number {
    return Math.floor(now.monotonicMs + this.#offset);
  }

  /** The monotonic time at which this clock shows at least `time`. */
  toMonotonic(time: number): number {
    return time - this.#offset;
  }
}
