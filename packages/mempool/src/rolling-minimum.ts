// The fee rate that a full pool asks for: what was just put out plus a step, falling by half every twelve hours once blocks come again.

import type { FeeRate } from './fee-rate.ts';

/** In this time the minimum falls by half; in a half of it if the pool is less than half full, in a quarter if less than a quarter. */
const HALF_LIFE_MS: number = 12 * 3_600_000;

export class RollingMinimum {
  readonly #step: FeeRate;
  #rate = 0;
  #atMs = 0;
  /** A block has come since something was put out: before, nothing says that the demand has gone down. */
  #isFalling = false;

  /** `step`: how much more than what was put out the next one pays; below half of it the minimum is gone. */
  constructor(step: FeeRate) {
    this.#step = step;
  }

  /** Transactions that paid this much were put out for want of room. */
  raise(rate: FeeRate, nowMs: number): void {
    const raised = Number(rate + this.#step);
    if (raised <= this.#rate) return;
    this.#rate = raised;
    this.#atMs = nowMs;
    this.#isFalling = false;
  }

  /** A block was connected. */
  block(nowMs: number): void {
    if (this.#isFalling) return;
    this.#isFalling = true;
    this.#atMs = nowMs;
  }

  /** The minimum now; `fullness` is the share of the pool's room that is taken. */
  rate(fullness: number, nowMs: number): FeeRate {
    if (this.#isFalling && this.#rate > 0 && nowMs > this.#atMs) {
      const halfLifeMs = fullness < 0.25 ? HALF_LIFE_MS / 4 : fullness < 0.5 ? HALF_LIFE_MS / 2 : HALF_LIFE_MS;
      this.#rate *= 0.5 ** ((nowMs - this.#atMs) / halfLifeMs);
      this.#atMs = nowMs;
      if (this.#rate < Number(this.#step) / 2) this.#rate = 0;
    }
    return BigInt(Math.round(this.#rate));
  }
}
