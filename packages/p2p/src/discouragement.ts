// Hosts that broke a rule a short while ago (P2P-24). It is forgotten soon: one false positive must not cost a peer for good.

/** How long, milliseconds. */
const DURATION_MS = 600_000;

/** Most hosts that are remembered. */
const CAPACITY = 1024;

export class Discouragement {
  /** Until when, oldest first. */
  readonly #untilMs = new Map<string, number>();

  add(host: string, nowMs: number): void {
    this.#untilMs.delete(host);
    this.#untilMs.set(host, nowMs + DURATION_MS);
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size > CAPACITY && oldest !== undefined) this.#untilMs.delete(oldest);
  }

  has(host: string, nowMs: number): boolean {
    const untilMs = this.#untilMs.get(host);
    if (untilMs === undefined) return false;
    if (nowMs < untilMs) return true;
    this.#untilMs.delete(host);
    return false;
  }
}
