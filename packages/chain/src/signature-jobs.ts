// Signatures that blocks wait for (LED-6). Whoever has threads checks them; an answer that says nothing about them is asked for again.

import { reject } from '@resonancenet/consensus/verdict';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import type { Hex32, SignatureOutcome } from './events.ts';
import type { MachineContext } from './machine-context.ts';

interface Job {
  readonly blockId: Hex32;
  readonly unknown: UnknownSignatures;
  /** Number of the action that is being carried out; null while it waits to be repeated. */
  job: number | null;
  retryAt: number;
}

/** Signatures that are not known to be valid, and what the cache knows each of them by. */
export interface UnknownSignatures {
  readonly checks: readonly SignatureCheck[];
  readonly digests: readonly string[];
}

export interface BadSignature {
  readonly blockId: Hex32;
  readonly check: SignatureCheck;
}

export class SignatureJobs {
  readonly #context: MachineContext;
  readonly #jobs = new Map<Hex32, Job>();
  #next = 1;
  #inFlight = 0;

  constructor(context: MachineContext) {
    this.#context = context;
  }

  /** Signatures that are waited for. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether the block waits for signatures. */
  has(blockId: Hex32): boolean {
    return this.#jobs.has(blockId);
  }

  /** Those of the checks that are not known to be valid. */
  unknown(checks: readonly SignatureCheck[]): UnknownSignatures {
    const { signatures } = this.#context;
    const unknown: SignatureCheck[] = [];
    const digests: string[] = [];
    for (const check of checks) {
      const digest = signatures.digestOf(check);
      if (signatures.hasDigest(digest)) continue;
      unknown.push(check);
      digests.push(digest);
    }
    return { checks: unknown, digests };
  }

  /** Has the signatures of a block checked. */
  request(blockId: Hex32, unknown: UnknownSignatures): void {
    const job: Job = { blockId, unknown, job: null, retryAt: 0 };
    this.#jobs.set(blockId, job);
    this.#inFlight += unknown.checks.length;
    this.#start(job);
  }

  /** The block is not to be connected any more. */
  release(blockId: Hex32): void {
    const job = this.#jobs.get(blockId);
    if (job === undefined) return;
    this.#jobs.delete(blockId);
    this.#inFlight -= job.unknown.checks.length;
  }

  /** Takes an answer; the block and its bad signature if there is one. */
  outcome(id: number, outcome: SignatureOutcome): BadSignature | null {
    const job = [...this.#jobs.values()].find((each) => each.job === id);
    if (job === undefined) return null;
    const { blockId, unknown } = job;
    if (outcome.kind === 'failed') {
      this.#context.refuse(reject('evaluation-unavailable', { detail: outcome.detail }), blockId, null);
      job.job = null;
      job.retryAt = this.#context.time + this.#context.limits.evaluationRetryMs;
      return null;
    }
    this.release(blockId);
    if (outcome.kind === 'valid') {
      for (const digest of unknown.digests) this.#context.signatures.addDigest(digest);
      return null;
    }
    return { blockId, check: unknown.checks[outcome.index]! };
  }

  /** Repeats what is due. */
  tick(): void {
    for (const job of this.#jobs.values()) if (job.job === null && job.retryAt <= this.#context.time) this.#start(job);
  }

  nextTickAt(): number | null {
    let earliest: number | null = null;
    for (const { job, retryAt } of this.#jobs.values())
      if (job === null) earliest = Math.min(earliest ?? retryAt, retryAt);
    return earliest;
  }

  #start(job: Job): void {
    job.job = this.#next++;
    this.#context.emit({ type: 'verify-signatures', job: job.job, checks: job.unknown.checks });
  }
}
