// The evaluation thread: exact evaluations one after the other, away from the thread that serves peers and RPC.

import { parentPort, workerData } from 'node:worker_threads';
import { CodeTrust } from '@resonancenet/kernels/code-trust';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import { evaluateCheckpoint, type TaskOutcome } from './evaluate-checkpoint.ts';
import {
  CANCEL_SLOTS,
  type EvaluationReply,
  type EvaluationRequest,
  type EvaluationWorkerData,
} from './evaluation-messages.ts';

const port = parentPort;
if (port !== null) {
  const data = workerData as EvaluationWorkerData;
  const cancelled = new Int32Array(data.cancelled);
  const backend = selectBackend(data.backend, {
    threads: data.threads,
    trust: new CodeTrust(data.trust),
    onDistrust: (why) => port.postMessage({ type: 'distrust', why } satisfies EvaluationReply),
  });
  let queue: Promise<void> = Promise.resolve();
  port.on('message', (request: EvaluationRequest) => {
    queue = queue.then(async () => {
      const { job, task } = request;
      let outcome: TaskOutcome;
      try {
        outcome = await evaluateCheckpoint(
          await backend,
          task,
          () => Atomics.load(cancelled, job % CANCEL_SLOTS) === job,
          (done, total) => port.postMessage({ type: 'progress', job, done, total } satisfies EvaluationReply),
        );
      } catch (error) {
        outcome = { kind: 'failed', detail: error instanceof Error ? error.message : String(error) };
      }
      port.postMessage({ type: 'outcome', job, outcome } satisfies EvaluationReply);
    });
  });
}
