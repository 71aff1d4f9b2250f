// The main thread's handle on the mining thread.

import { Worker } from 'node:worker_threads';
import {
  describeFailure,
  type MiningMessage,
  type MiningReply,
  type MiningRequest,
  type MiningWorkerData,
} from './mining-messages.ts';

/** The miner cannot begin with what it was given, such as a text that is not there. */
export class MiningStartError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface MiningThread {
  send(request: MiningRequest): void;
  close(): Promise<void>;
}

/** Starts the thread; its replies, and its death as `failed`, go to `onReply`. */
export function startMiningThread(
  data: MiningWorkerData,
  onReply: (reply: MiningReply) => void,
  onDistrust: (why: string) => void,
): MiningThread {
  const worker = new Worker(new URL('./mining-worker.ts', import.meta.url), { workerData: data });
  let closing = false;
  const died = (error: unknown): void => {
    if (closing) return;
    closing = true;
    onReply(describeFailure(error));
  };
  worker.on('message', (message: MiningMessage) => {
    if (message.type === 'distrust') onDistrust(message.why);
    else onReply(message);
  });
  worker.on('error', died);
  worker.on('exit', (code) => died(`the mining thread ended with code ${code}`));
  return {
    send: (request) => worker.postMessage(request),
    close: async () => {
      closing = true;
      await worker.terminate();
    },
  };
}
