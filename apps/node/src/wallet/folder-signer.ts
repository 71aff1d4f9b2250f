// The signer that a wallet's owner has unlocked, by the socket in the wallet's folder.

import { SignerClient, SignerClientError } from '@resonancenet/signer/signer-client';
import { type Signer, SignerError } from './signer.ts';

/** `folder`: of the wallet `name`. */
export function folderSigner(name: string, folder: string): Signer {
  const client = new SignerClient(name, folder);
  return {
    status: () => told(client.status()),
    window: (wanted) => told(client.window(wanted)),
    sign: (rntp) => told(client.sign(rntp)),
    signMessage: (place, message) => told(client.signMessage(place, message)),
    lock: async () => {
      await told(client.lock());
    },
  };
}

/** Errors as the node knows them. */
async function told<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof SignerClientError)) throw error;
    throw new SignerError(error.code, error.message, { cause: error });
  }
}
