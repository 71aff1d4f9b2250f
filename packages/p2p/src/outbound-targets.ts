// The addresses that this node connects to by itself, and when it tries again (P2P-24). New addresses learnt from peers come with the
// address manager; here are those that the operator gave.

/** First wait after a connection was lost. */
const FIRST_WAIT_MS = 500;

/** Longest wait between attempts: small, because a node that lost its only peer does not mine. */
const LONGEST_WAIT_MS = 10_000;

/** Wait after the peer broke a rule. */
const FAULT_WAIT_MS = 60_000;

interface Target {
  state: 'waiting' | 'connecting' | 'connected';
  failures: number;
  atMs: number;
}

export class OutboundTargets {
  readonly #targets = new Map<string, Target>();

  get size(): number {
    return this.#targets.size;
  }

  add(address: string, nowMs: number): void {
    if (!this.#targets.has(address)) this.#targets.set(address, { state: 'waiting', failures: 0, atMs: nowMs });
  }

  remove(address: string): void {
    this.#targets.delete(address);
  }

  /** Addresses to connect to now; they count as being connected from here on. */
  due(nowMs: number): string[] {
    const addresses: string[] = [];
    for (const [address, target] of this.#targets) {
      if (target.state !== 'waiting' || target.atMs > nowMs) continue;
      target.state = 'connecting';
      addresses.push(address);
    }
    return addresses;
  }

  /** The connection stands and its version exchange is done. */
  ready(address: string): void {
    const target = this.#targets.get(address);
    if (target === undefined) return;
    target.state = 'connected';
    target.failures = 0;
  }

  /** The connection failed or ended. */
  lost(address: string, wasFault: boolean, nowMs: number): void {
    const target = this.#targets.get(address);
    if (target === undefined) return;
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(target.failures, 10));
    target.state = 'waiting';
    target.failures += 1;
    target.atMs = nowMs + (wasFault ? FAULT_WAIT_MS : waitMs);
  }

  /** When the next attempt is due; null if none is. */
  nextMs(): number | null {
    let earliest: number | null = null;
    for (const { state, atMs } of this.#targets.values())
      if (state === 'waiting') earliest = earliest === null ? atMs : Math.min(earliest, atMs);
    return earliest;
  }
}
