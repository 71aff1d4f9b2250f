// Operational trouble with what the store holds: thrown, with a code and the fix.

/**
 * `chain-network`: the store belongs to another network. `chain-corrupt`: a record is not what it must be. `chain-reindex`: the state of the ledger
 * has to be rebuilt first.
 */
export type ChainErrorCode = 'chain-network' | 'chain-corrupt' | 'chain-reindex';

export class ChainError extends Error {
  override readonly name: string = 'ChainError';
  readonly code: ChainErrorCode;

  constructor(code: ChainErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
