// Transactions on their way into the pool: judged once to know their signatures, and again when these are checked.

import type { Hex32, PeerId } from '@resonancenet/chain/events';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import type { ParsedTransaction } from './parsed-transaction.ts';
import type { Waiting } from './verification-queue.ts';

/** Where they come from decides what they may cost and how they are answered. */
export type Source =
  /** A peer or the operator. */
  | 'handed-in'
  /** A block that is none any more. */
  | 'block'
  /** The same, or the pool, from which a reorganisation put it out for being too early. */
  | 'early'
  /** The file of an earlier run. */
  | 'file';

export interface CandidatePart {
  readonly parsed: ParsedTransaction;
  /** Who sent it; null: this node. */
  readonly peer: PeerId;
}

export interface Candidate extends Waiting {
  /** One, or parents and their child last. */
  readonly parts: readonly CandidatePart[];
  readonly source: Source;
  readonly ticket: number | null;
  readonly isLocal: boolean;
  readonly enteredUnixMs: number;
  /** Signatures that are not known to hold, and of which part each is. */
  readonly checks: readonly { readonly check: SignatureCheck; readonly part: number }[];
}

/** What is not known before it is judged. */
export type NewCandidate = Omit<Candidate, 'checks' | 'signatures' | 'bytes' | 'peer'>;

/** The name of a candidate among those that wait: its child's. */
export function candidateLeaf({ parts }: Pick<Candidate, 'parts'>): Hex32 {
  return parts.at(-1)!.parsed.leaf;
}

/** Who pays for its place: who sent the child. */
export function candidatePeer({ parts }: Pick<Candidate, 'parts'>): PeerId {
  return parts.at(-1)!.peer;
}

/** Whether a block or the pool had it before a reorganisation: it comes back whatever it pays. */
export function isReturning({ source }: Pick<Candidate, 'source'>): boolean {
  return source === 'block' || source === 'early';
}
