// The mining thread: trains without pause, looks now and then whether the exact loss has fallen far enough, and writes candidates.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { CodeTrust } from '@resonancenet/kernels/code-trust';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import { hashCheckpointFile } from '@resonancenet/storage/checkpoint-files';
import { loadTokenizer } from '@resonancenet/tokenizer/tokenizer';
import { readCheckpoint, writeCheckpoint } from '@resonancenet/training/checkpoint-file';
import { defaultRecipe } from '@resonancenet/training/recipe';
import { createLoader } from '@resonancenet/training/window-loader';
import { describeFailure, type MiningMessage, type MiningRequest, type MiningWorkerData } from './mining-messages.ts';
import { MiningSession } from './mining-session.ts';
import { openMiningText } from './mining-text.ts';

/** Looks take at most about a quarter of the time. */
const trainShare = 3;
const shortestTrainingMs = 700;
const progressEveryMs = 500;

/** Runs until the thread is ended. `next` gives the newest request that has not been taken yet. */
async function mine(
  data: MiningWorkerData,
  next: () => MiningRequest | undefined,
  wait: () => Promise<void>,
  send: (message: MiningMessage) => void,
): Promise<never> {
  const tokenizer = await loadTokenizer(data.vocabulary);
  mkdirSync(data.folder, { recursive: true });
  const corpus = await openMiningText(data.text, tokenizer, data.folder);
  const backend = await selectBackend(data.backend, {
    threads: data.threads,
    trust: new CodeTrust(data.trust),
    onDistrust: (why) => send({ type: 'distrust', why }),
  });
  const loader = createLoader(corpus, {
    batch: data.batch,
    window: data.window,
    startId: tokenizer.startId,
    seed: data.seed,
  });
  const { batch, window, baseLayers, amplitudes } = data;
  const session = new MiningSession(
    { backend, loader, recipe: defaultRecipe, batch, window, baseLayers, amplitudes, now: Date.now },
    0,
  );
  send({ type: 'ready', tokensOfText: corpus.length });
  let work: Extract<MiningRequest, { type: 'work' }> | null = null;
  let candidates = 0;
  let steps = 0;
  let lookAt = 0;
  /** When training without a look began, and how long it should go on after a new tip or a look. */
  let trainFrom = performance.now();
  let trainMs = shortestTrainingMs;
  let mark = { at: performance.now(), tokens: 0 };
  for (;;) {
    const request = next();
    if (request?.type === 'pause') work = null;
    if (request?.type === 'work') {
      if (work === null) trainFrom = performance.now();
      work = request;
      if (request.start === null) await session.goOn(request.target);
      else await session.startFrom(readCheckpoint(request.start.path), request.target);
      // From the tip's timestamp on, which all miners have in common: who must fetch and verify it first must not look later than its maker.
      const dueMs = Math.max(request.tipMs + trainMs, request.lookFromMs);
      lookAt = Math.max(trainFrom + shortestTrainingMs, performance.now() + dueMs - Date.now());
    }
    if (work === null) {
      await wait();
      continue;
    }
    const step = await session.train();
    steps += 1;
    mark.tokens += step.tokens;
    const now = performance.now();
    if (now - mark.at >= progressEveryMs) {
      const tokensPerSecond = (mark.tokens * 1000) / (now - mark.at);
      send({ type: 'progress', target: work.target.id, loss: step.loss, tokensPerSecond, steps });
      mark = { at: now, tokens: 0 };
    }
    if (now >= lookAt) {
      const look = await session.look();
      trainFrom = performance.now();
      trainMs = Math.max(shortestTrainingMs, trainShare * (trainFrom - now));
      lookAt = trainFrom + trainMs;
      const target = work.target.id;
      if (look.kind === 'shortfall') send({ type: 'no-improvement', target, rate: session.rate, look });
      else {
        // Four names in turn: the ones before may still be being read.
        candidates += 1;
        const path = join(data.folder, `candidate-${candidates % 4}.safetensors`);
        writeCheckpoint(path, look.checkpoint);
        const { root, leaves } = hashCheckpointFile(path);
        send({ type: 'candidate', target, path, root, leaves, sums: look.sums });
      }
    }
    await setImmediate();
  }
}

const port = parentPort;
if (port !== null) {
  const requests: MiningRequest[] = [];
  let wake: () => void = () => {};
  port.on('message', (request: MiningRequest) => {
    requests.push(request);
    wake();
  });
  const wait = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      if (requests.length > 0) resolve();
    });
  const send = (message: MiningMessage): void => port.postMessage(message);
  try {
    await mine(workerData as MiningWorkerData, () => requests.shift(), wait, send);
  } catch (error) {
    send(describeFailure(error));
  }
}
