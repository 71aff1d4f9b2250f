// A thread that checks signatures, task after task.

import { parentPort } from 'node:worker_threads';
import { verify, verifyStrict } from '@resonancenet/crypto/ed25519-node';
import { type SignatureReply, type SignatureRequest, stopTask, takeChecks } from './signature-messages.ts';

function findFailure(request: SignatureRequest): number | null {
  const holds = request.mode === 'exact' ? verify : verifyStrict;
  for (const [place, { publicKey, message, signature }] of takeChecks(request)) {
    if (holds(signature, message, publicKey)) continue;
    stopTask(request.progress);
    return place;
  }
  return null;
}

const port = parentPort;
port?.on('message', (request: SignatureRequest) => {
  port.postMessage({ task: request.task, failed: findFailure(request) } satisfies SignatureReply);
});
