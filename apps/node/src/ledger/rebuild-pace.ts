// How work on many blocks gets on, for whoever waits for it.

/** A step takes up to a second where blocks are full, and something should be told every two. */
const TELL_EVERY_MS = 1_000;

/** Before so much of the work is done, its pace says little about the rest. */
const MEASURED_MS = 500;

/** Blocks that are done, and those that are to be. */
export interface BlocksDone {
  readonly height: number;
  readonly tipHeight: number;
}

export interface RebuildReport extends BlocksDone {
  /** At the pace so far; null until that is known. */
  readonly secondsLeft: number | null;
}

export class RebuildPace {
  readonly #startedMs: number;
  readonly #startHeight: number;
  #toldMs = Number.NEGATIVE_INFINITY;

  /** `progress`: where this run begins. */
  constructor({ height }: BlocksDone, nowMs: number) {
    this.#startedMs = nowMs;
    this.#startHeight = height;
  }

  /** What is to be told now; null if it is too early for more. */
  report({ height, tipHeight }: BlocksDone, nowMs: number): RebuildReport | null {
    if (nowMs - this.#toldMs < TELL_EVERY_MS) return null;
    this.#toldMs = nowMs;
    const [blocks, ms] = [height - this.#startHeight, nowMs - this.#startedMs];
    const isKnown = blocks > 0 && ms >= MEASURED_MS;
    const secondsLeft = isKnown ? Math.ceil(((tipHeight - height) * ms) / blocks / 1000) : null;
    return { height, tipHeight, secondsLeft };
  }
}
