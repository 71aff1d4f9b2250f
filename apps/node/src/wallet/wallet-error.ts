// Operational trouble with wallets as a whole.

/** Closed list. */
export type WalletErrorCode =
  | 'bad-name'
  | 'not-found'
  | 'corrupt'
  | 'exists'
  | 'other-network'
  | 'already-loaded'
  | 'not-loaded'
  | 'not-chosen'
  | 'closed';

export class WalletError extends Error {
  readonly code: WalletErrorCode;

  constructor(code: WalletErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WalletError';
    this.code = code;
  }
}
