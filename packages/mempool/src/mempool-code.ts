// The one closed list of reasons for which the pool does not take a transaction that the ledger's rules allow, or cannot judge one. Refusals by
// the ledger's rules keep their own code (consensus/transaction-codes.ts).

/** Facts that go with each code, so that every refusal can be explained with both numbers. Ids are lower-case hex. */
export interface MempoolFacts {
  readonly malformed: { readonly detail: string };
  readonly 'too-many-signatures': { readonly signatures: number; readonly limit: number };
  readonly 'already-in-pool': { readonly txid: string };
  readonly 'same-transaction': { readonly txid: string };
  readonly 'already-confirmed': { readonly txid: string };
  readonly 'recently-refused': { readonly leaf: string };
  readonly 'missing-inputs': { readonly missing: number; readonly inputs: number };
  readonly dust: { readonly output: number; readonly amount: bigint; readonly least: bigint };
  readonly 'dust-fee': { readonly output: number; readonly fee: bigint };
  readonly 'dust-unspent': { readonly parent: string; readonly output: number };
  readonly 'fee-too-low': { readonly fee: bigint; readonly required: bigint; readonly bytes: number };
  readonly 'fee-below-pool': { readonly fee: bigint; readonly required: bigint; readonly bytes: number };
  readonly 'pool-full': { readonly bytes: number; readonly limit: number };
  readonly 'too-many-ancestors': { readonly count: number; readonly limit: number };
  readonly 'too-large-ancestors': { readonly bytes: number; readonly limit: number };
  readonly 'too-many-descendants': { readonly txid: string; readonly count: number; readonly limit: number };
  readonly 'replacement-fee': { readonly fee: bigint; readonly required: bigint; readonly replaced: number };
  readonly 'replacement-rate': { readonly rate: bigint; readonly replaced: bigint; readonly txid: string };
  readonly 'replacement-inputs': { readonly txid: string };
  readonly 'replacement-count': { readonly count: number; readonly limit: number };
  readonly 'replacement-parent': { readonly txid: string };
  readonly 'package-count': { readonly count: number; readonly limit: number };
  readonly 'package-shape': { readonly detail: string };
  readonly 'queue-full': { readonly signatures: number; readonly bytes: number };
  readonly 'signature-refused': { readonly publicKey: string };
  readonly 'signature-lenient': { readonly publicKey: string };
  readonly 'verification-failed': { readonly detail: string };
}

export type MempoolCode = keyof MempoolFacts;

/** Why a transaction left the pool. */
export type RemovalReason =
  /** A block has it. */
  | 'confirmed'
  /** A block spends what it spends, or what one of its ancestors spends. */
  | 'conflict'
  /** Another transaction with a higher fee took its place, or that of an ancestor. */
  | 'replaced'
  | 'expired'
  /** The pool is full, and it paid least. */
  | 'evicted'
  /** The tip has moved, and the ledger's rules do not allow it any more. */
  | 'invalid'
  /** The child that spent its worthless output is gone. */
  | 'dust-unspent';
