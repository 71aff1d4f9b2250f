// Signatures of unconfirmed transactions: checked in the strict sense. What that refuses costs ten times as much to decide, so that only a few a second
// are looked at again, to tell whose fault it is.

import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import type { StrictOutcome } from '@resonancenet/mempool/mempool-events';
import { TokenBucket } from '@resonancenet/p2p/token-bucket';
import type { SignatureService } from '../compute/signature-service.ts';

/** Refused signatures that are decided, at once and per second: at most some 3 % of a core. */
const DECIDED = { capacity: 20, perSecond: 20 } as const;

export class RelayedSignatures {
  readonly #service: Pick<SignatureService, 'check'>;
  readonly #decisions: TokenBucket;

  constructor(service: Pick<SignatureService, 'check'>, nowMs: number) {
    this.#service = service;
    this.#decisions = new TokenBucket(DECIDED.capacity, DECIDED.perSecond, nowMs);
  }

  /** `lenient` is also what nobody had the time to decide: its sender is not blamed. */
  async check(checks: readonly SignatureCheck[], nowMs: number): Promise<StrictOutcome> {
    const strict = await this.#service.check(checks, 'strict');
    if (strict.kind !== 'invalid') return strict;
    const { index } = strict;
    if (!this.#decisions.take(1, nowMs)) return { kind: 'lenient', index };
    const exact = await this.#service.check(checks.slice(index, index + 1), 'exact');
    return exact.kind === 'invalid' ? strict : { kind: 'lenient', index };
  }
}
