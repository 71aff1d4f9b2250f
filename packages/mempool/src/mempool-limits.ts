// Bounds of the pool of unconfirmed transactions. They are the node's policy, not consensus.

/** What a node keeps and relays. */
export interface MempoolLimits {
  /** Encoded transactions in all, bytes. */
  readonly maxBytes: number;
  /** Hours after which a transaction that no block took is dropped. */
  readonly expiryHours: number;
  /** Unconfirmed ancestors of a transaction, itself included. */
  readonly maxAncestors: number;
  /** Unconfirmed descendants of a transaction, itself included. */
  readonly maxDescendants: number;
  /** Transactions that one replacement may evict. */
  readonly maxReplaced: number;
}

export const mempoolLimits: MempoolLimits = {
  maxBytes: 50_000_000,
  // Blocks take minutes to hours: two weeks.
  expiryHours: 336,
  maxAncestors: 25,
  maxDescendants: 25,
  maxReplaced: 100,
};
