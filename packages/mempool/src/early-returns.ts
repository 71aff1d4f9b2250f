// Transactions that a reorganisation puts out for being too early. A better branch is followed from its first blocks on, when it may be lower than
// the one that it replaces: what is not right at that height is tried again with every block until the tip is as high as it was.

import type { Hex32 } from '@resonancenet/chain/events';
import type { TransactionCode } from '@resonancenet/consensus/transaction-codes';
import { candidateLeaf, type NewCandidate } from './candidate.ts';
import type { MempoolCode } from './mempool-code.ts';

/** Refusals that more blocks may end, and that of whoever spends what was refused so. */
const EARLY: ReadonlySet<string> = new Set<MempoolCode | TransactionCode>([
  'tx-immature-coinbase',
  'tx-lock-time',
  'tx-sequence',
  'tx-after',
  'tx-older',
  'tx-idle',
  'tx-announced-none',
  'tx-announced-wait',
  'tx-reveal-not-locked-in',
  'missing-inputs',
]);

export class EarlyReturns {
  readonly #maxBytes: number;
  readonly #kept = new Map<Hex32, NewCandidate>();
  #bytes = 0;
  /** Height of the highest block that was taken back. */
  #until = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Blocks up to this height were taken back. */
  expect(height: number): void {
    this.#until = Math.max(this.#until, height);
  }

  /** Keeps what was refused or put out with this code at this tip, if there is hope and room. */
  keep(candidate: NewCandidate, code: string, tipHeight: number): void {
    const bytes = bytesOf(candidate);
    if (tipHeight >= this.#until || !EARLY.has(code) || this.#bytes + bytes > this.#maxBytes) return;
    if (this.#kept.has(candidateLeaf(candidate))) return;
    this.#kept.set(candidateLeaf(candidate), { ...candidate, source: 'early', ticket: null });
    this.#bytes += bytes;
  }

  /** All that are kept, to be tried again on a new tip, in the order in which they came; what fails is kept again. */
  take(): NewCandidate[] {
    const kept = [...this.#kept.values()];
    this.#kept.clear();
    this.#bytes = 0;
    return kept;
  }
}

function bytesOf({ parts }: NewCandidate): number {
  return parts.reduce((sum, { parsed }) => sum + parsed.encoded.length, 0);
}
