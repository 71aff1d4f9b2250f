// Bounds of the pool of unconfirmed transactions. They are the node's policy, not consensus.

import type { OrphanLimits } from './orphanage.ts';
import type { VerificationLimits } from './verification-queue.ts';

/** What a node keeps and relays. */
export interface MempoolLimits {
  /** Encoded transactions in all, each with `entryBytes` for what is kept about it. */
  readonly maxBytes: number;
  /** Bytes that a transaction takes beside its encoding. */
  readonly entryBytes: number;
  /** Hours after which a transaction that no block took is dropped. */
  readonly expiryHours: number;
  /** Unconfirmed ancestors of a transaction, itself included. */
  readonly maxAncestors: number;
  /** Encoded bytes of these: all of them are looked at when one more comes. */
  readonly maxAncestorBytes: number;
  /** Unconfirmed descendants of a transaction, itself included. */
  readonly maxDescendants: number;
  /** Transactions that one replacement may evict. */
  readonly maxReplaced: number;
  /** Signatures of one transaction. */
  readonly maxSignatures: number;
  /** Transactions of a package, the child included. */
  readonly maxPackage: number;
  /** Encoded bytes of disconnected blocks' transactions that are brought back. */
  readonly maxReturningBytes: number;
  /** Transactions that one step brings back or judges anew; the next step goes on. */
  readonly stepTransactions: number;
  /** Transactions without a child that pays for them, kept in case it comes. */
  readonly waitingParents: { readonly count: number; readonly bytes: number };
  readonly orphans: OrphanLimits;
  readonly verification: VerificationLimits;
}

export const mempoolLimits: MempoolLimits = {
  maxBytes: 50_000_000,
  entryBytes: 1_000,
  // Blocks take minutes to hours: two weeks.
  expiryHours: 336,
  maxAncestors: 25,
  // One transaction of the greatest length, and what pays for it.
  maxAncestorBytes: 404_000,
  maxDescendants: 25,
  maxReplaced: 100,
  // A fifth of a block's.
  maxSignatures: 4_000,
  maxPackage: 25,
  maxReturningBytes: 20_000_000,
  stepTransactions: 100,
  waitingParents: { count: 100, bytes: 1_000_000 },
  orphans: { count: 200, countPerPeer: 50, bytesPerPeer: 404_000, ageMs: 1_200_000 },
  verification: {
    // What comes within some milliseconds is checked together.
    jobs: 64,
    runningSignatures: 512,
    bytesPerPeer: 1_000_000,
    signaturesPerPeer: 8_000,
    bytes: 16_000_000,
    signatures: 100_000,
  },
};
