// Why a signer does not do what it was asked to.

/** Closed list. */
export type SignerProblem =
  | 'bad-name'
  | 'exists'
  | 'not-found'
  | 'already-unlocked'
  | 'no-terminal'
  | 'no-secret'
  | 'interrupted'
  | 'bad-words'
  | 'bad-entropy'
  | 'nothing-found'
  | 'bad-passphrase'
  | 'wrong-passphrase'
  | 'not-confirmed'
  | 'corrupt'
  | 'tampered'
  | 'refused-cost'
  | 'other-kind'
  | 'other-network'
  | 'other-wallet'
  | 'bad-policy'
  | 'bad-job'
  | 'too-large'
  | 'path-too-long';

export class SignerError extends Error {
  readonly code: SignerProblem;

  constructor(code: SignerProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SignerError';
    this.code = code;
  }
}
