// The addresses that this node connects to by itself, and when it tries again (P2P-24). New addresses learnt from peers come with the
// address manager; here are those that the operator gave.

/** First wait after a connection was lost. */
const FIRST_WAIT_MS = 500;

/** Longest wait between attempts: small, because a node that lost its only peer does not mine. */
const LONGEST_WAIT_MS = 10_000;

/** Wait after the peer broke a rule. */
const FAULT_WAIT_MS = 60_000;

/** A given address as contact sees it (contact.ts). */
export interface TargetContact {
  /** The connection to it, null if there is none now. */
  readonly peer: string | null;
  /** When the last connection to it was heard from; null if there was none yet. */
  readonly heardMs: number | null;
}

interface Target {
  state: 'waiting' | 'connecting' | 'connected';
  peer: string | null;
  heardMs: number | null;
  failures: number;
  atMs: number;
}

export class OutboundTargets {
  readonly #targets = new Map<string, Target>();

  get size(): number {
    return this.#targets.size;
  }

  add(address: string, nowMs: number): void {
    if (!this.#targets.has(address))
      this.#targets.set(address, { state: 'waiting', peer: null, heardMs: null, failures: 0, atMs: nowMs });
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

  /** A connection to the address stands and its version exchange is done, or the other side had opened one before. */
  ready(address: string, peer: string): void {
    const target = this.#targets.get(address);
    if (target === undefined) return;
    target.state = 'connected';
    target.peer = peer;
    target.failures = 0;
  }

  /** An attempt failed. */
  failed(address: string, wasFault: boolean, nowMs: number): void {
    const target = this.#targets.get(address);
    if (target === undefined) return;
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(target.failures, 10));
    target.state = 'waiting';
    target.peer = null;
    target.failures += 1;
    target.atMs = nowMs + (wasFault ? FAULT_WAIT_MS : waitMs);
  }

  /** A connection ended; all addresses that it served are tried again. */
  lost(peer: string, wasFault: boolean, heardMs: number, nowMs: number): void {
    for (const [address, target] of this.#targets) {
      if (target.peer !== peer) continue;
      target.heardMs = heardMs;
      this.failed(address, wasFault, nowMs);
    }
  }

  contacts(): TargetContact[] {
    return [...this.#targets.values()].map(({ peer, heardMs }) => ({ peer, heardMs }));
  }

  /** When the next attempt is due; null if none is. */
  nextMs(): number | null {
    let earliest: number | null = null;
    for (const { state, atMs } of this.#targets.values())
      if (state === 'waiting') earliest = earliest === null ? atMs : Math.min(earliest, atMs);
    return earliest;
  }
}
