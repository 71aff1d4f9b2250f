// What holds a wallet's keys, as the node sees it: a process of its own. No secret comes from there, and none is sent there.

import type { SignerClient } from '@resonancenet/signer/signer-client';

/** What of it the node asks; tests have one without a process. */
export interface Signer extends Pick<SignerClient, 'status' | 'window' | 'sign' | 'signMessage' | 'lock'> {
  /** Its keys are on another machine. */
  readonly isWatchOnly?: boolean;
}
