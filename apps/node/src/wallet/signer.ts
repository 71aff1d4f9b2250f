// What holds a wallet's keys, as the node sees it: a process of its own. No secret comes from there, and none is sent there.

export interface SignerStatus {
  /** Whether it can sign: the wallet is unlocked. */
  readonly isUnlocked: boolean;
  /** When it locks by itself, Unix milliseconds; null: it is locked, or stays open. */
  readonly locksAtUnixMs: number | null;
}

/** Keys that are asked for: indexes from `first` on. */
export interface WantedKeys {
  readonly account: number;
  readonly branch: 'receive' | 'change';
  readonly first: number;
  readonly count: number;
}

export interface Signer {
  status(): Promise<SignerStatus>;
  /** An encoded key window. @throws SignerError */
  window(wanted: WantedKeys): Promise<Uint8Array>;
  /** An encoded partially signed transaction, with the signatures of this wallet's keys. @throws SignerError */
  sign(rntp: Uint8Array): Promise<Uint8Array>;
  /** The text form of a signed message (packages/wallet message.ts). @throws SignerError */
  signMessage(
    place: { readonly account: number; readonly branch: 'receive' | 'change'; readonly index: number },
    message: string,
  ): Promise<string>;
  /** Ends it: the keys are gone from memory. */
  lock(): Promise<void>;
}

/** `locked`: nobody has unlocked the wallet; `refused`: it will not sign this; `unreachable`: it does not answer. */
export type SignerErrorCode = 'locked' | 'refused' | 'unreachable';

export class SignerError extends Error {
  readonly code: SignerErrorCode;

  constructor(code: SignerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SignerError';
    this.code = code;
  }
}

/** A wallet that nobody has unlocked. */
export function lockedSigner(name: string): Signer {
  const refuse = (): Promise<never> =>
    Promise.reject(new SignerError('locked', `Wallet '${name}' is locked: unlock it with rnt wallet unlock ${name}.`));
  return {
    status: () => Promise.resolve({ isUnlocked: false, locksAtUnixMs: null }),
    window: refuse,
    sign: refuse,
    signMessage: refuse,
    lock: () => Promise.resolve(),
  };
}
