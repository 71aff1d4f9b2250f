// A thread that checks signatures, task after task.

import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { verify, verifyStrict } from '@resonancenet/crypto/ed25519-node';
import {
  checkAt,
  type SharedRequest,
  type SignatureReply,
  type SignatureRequest,
  type SmallRequest,
  stopTask,
  takeChecks,
} from './signature-messages.ts';

function findFailure(request: SharedRequest): number | null {
  for (const [place, { publicKey, message, signature }] of takeChecks(request)) {
    if (verify(signature, message, publicKey)) continue;
    stopTask(request.progress);
    return place;
  }
  return null;
}

/** Of each part the place of the first check that fails. */
function findFailures({ parts, bytes }: SmallRequest): (number | null)[] {
  let end = 0;
  return parts.map((length) => {
    const start = end;
    end += length;
    for (let place = start; place < end; place += 1) {
      const { publicKey, message, signature } = checkAt(bytes, place);
      if (!verifyStrict(signature, message, publicKey)) return place - start;
    }
    return null;
  });
}

/**
 * The main thread goes first: while a node catches up it has as much to do as one core can, and two threads that check would leave it two thirds of one.
 * Linux means the calling thread by this, other systems the process.
 */
const NICE = 10;
if (process.platform === 'linux') setPriority(NICE);

const port = parentPort;
port?.on('message', (request: SignatureRequest) => {
  const failed = request.mode === 'exact' ? [findFailure(request)] : findFailures(request);
  port.postMessage({ task: request.task, failed } satisfies SignatureReply);
});
