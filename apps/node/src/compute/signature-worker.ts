// A thread that checks signatures, batch after batch.

import { parentPort } from 'node:worker_threads';
import { verify, verifyStrict } from '@resonancenet/crypto/ed25519-node';
import { type SignatureReply, type SignatureRequest, unpackChecks } from './signature-messages.ts';

function firstFailure({ mode, bytes }: SignatureRequest): number | null {
  const holds = mode === 'exact' ? verify : verifyStrict;
  let index = 0;
  for (const { publicKey, message, signature } of unpackChecks(bytes)) {
    if (!holds(signature, message, publicKey)) return index;
    index += 1;
  }
  return null;
}

const port = parentPort;
port?.on('message', (request: SignatureRequest) => {
  port.postMessage({ batch: request.batch, failed: firstFailure(request) } satisfies SignatureReply);
});
