// The main thread's handle on the mining thread.

import { Worker } from 'node:worker_threads';
import type { MiningReply, MiningRequest, MiningWorkerData } from './mining-messages.ts';

export interface MiningThread {
  send(request: MiningRequest): void;
  close(): Promise<void>;
}

/** Starts the thread; its replies, and its death as `failed`, go to `onReply`. */
export function startMiningThread(data: MiningWorkerData, onReply: (reply: MiningReply) => void): MiningThread {
  const worker = new Worker(new URL('./mining-worker.ts', import.meta.url), { workerData: data });
  let closing = false;
  const died = (detail: string): void => {
    if (closing) return;
    closing = true;
    onReply({ type: 'failed', detail });
  };
  worker.on('message', (reply: MiningReply) => onReply(reply));
  worker.on('error', (error) => died(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  worker.on('exit', (code) => died(`the mining thread ended with code ${code}`));
  return {
    send: (request) => worker.postMessage(request),
    close: async () => {
      closing = true;
      await worker.terminate();
    },
  };
}
