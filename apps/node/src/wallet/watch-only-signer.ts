// What stands in the signer's place where a wallet is only watched: its keys are on another machine.

import { SignerClientError } from '@resonancenet/signer/signer-client';
import type { Signer } from './signer.ts';

export function watchOnlySigner(name: string): Signer {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new SignerClientError(
        'refused',
        `Wallet '${name}' only watches, its keys are elsewhere: rnt wallet rntp create builds a payment, rnt wallet rntp sign signs it where the keys are, rnt wallet rntp send sends it here.`,
      ),
    );
  return {
    isWatchOnly: true,
    status: () => Promise.resolve({ isUnlocked: false, locksAtUnixMs: null }),
    window: refuse,
    sign: refuse,
    signMessage: refuse,
    lock: () => Promise.resolve(false),
  };
}
