// What one host may cost, however often it connects (P2P-22, P2P-24): connections, and headers to be checked. Headers cost nothing to make.

import type { Rate } from './peer-limits.ts';
import { TokenBucket } from './token-bucket.ts';

export interface HostRates {
  /** Connections that it may open. */
  readonly connections: Rate;
  /** Announced headers that are looked at. */
  readonly announced: Rate;
  /** Headers that it may be asked for: enough at once for a long chain, slow for one who makes up chains without end. */
  readonly answered: Rate;
}

export const hostRates: HostRates = {
  connections: { capacity: 32, perSecond: 1 },
  announced: { capacity: 256, perSecond: 16 },
  answered: { capacity: 20_000, perSecond: 200 },
};

/** Hosts that are remembered. */
const CAPACITY = 1024;

export interface HostBudget {
  readonly connections: TokenBucket;
  readonly announced: TokenBucket;
  readonly answered: TokenBucket;
}

export function hostBudget(rates: HostRates, nowMs: number): HostBudget {
  const bucket = ({ capacity, perSecond }: Rate): TokenBucket => new TokenBucket(capacity, perSecond, nowMs);
  return {
    connections: bucket(rates.connections),
    announced: bucket(rates.announced),
    answered: bucket(rates.answered),
  };
}

export class HostLimits {
  readonly #rates: HostRates;
  /** Least recently used first. */
  readonly #budgets = new Map<string, HostBudget>();

  constructor(rates: HostRates = hostRates) {
    this.#rates = rates;
  }

  budget(host: string, nowMs: number): HostBudget {
    const budget = this.#budgets.get(host) ?? hostBudget(this.#rates, nowMs);
    this.#budgets.delete(host);
    this.#budgets.set(host, budget);
    const [oldest] = this.#budgets.keys();
    if (this.#budgets.size > CAPACITY && oldest !== undefined) this.#budgets.delete(oldest);
    return budget;
  }
}
