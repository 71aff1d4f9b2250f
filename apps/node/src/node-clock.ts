// The node's clocks: wall time for timestamps, monotonic time for durations. Networks with a test clock may set the wall time.

import type { Now } from '@resonancenet/chain/events';

export class NodeClock {
  #offsetMs = 0;

  now(): Now {
    return { unixMs: this.unixMs(), monotonicMs: performance.now() };
  }

  unixMs(): number {
    return Date.now() + this.#offsetMs;
  }

  /** Sets the wall time; it goes on from there. */
  set(unixMs: number): void {
    this.#offsetMs = unixMs - Date.now();
  }
}
