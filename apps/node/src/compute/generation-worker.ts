// The generation thread: text from one checkpoint after the other, away from the thread that serves peers.

import { parentPort, workerData } from 'node:worker_threads';
import { CodeTrust } from '@resonancenet/kernels/code-trust';
import type { Backend, Decoder } from '@resonancenet/kernels/backend';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import { loadTokenizer } from '@resonancenet/tokenizer/tokenizer';
import { readCheckpoint } from '@resonancenet/training/checkpoint-file';
import { type GenerateOptions, generateText } from '@resonancenet/training/generate';

export interface GenerationWorkerData {
  readonly backend: string;
  readonly threads: number;
  /** CodeTrust.shared of the process. */
  readonly trust: SharedArrayBuffer;
}

export interface GenerationRequest {
  readonly job: number;
  readonly path: string;
  readonly options: GenerateOptions;
}

export type GenerationReply =
  | { readonly job: number; readonly ok: true; readonly text: string; readonly tokensPerSecond: number }
  | { readonly job: number; readonly ok: false; readonly detail: string };

/** What the thread says: answers, and why it gave up the fast code. */
export type GenerationMessage = GenerationReply | { readonly distrust: string };

const port = parentPort;
if (port !== null) {
  const { backend: name, threads, trust } = workerData as GenerationWorkerData;
  const onDistrust = (why: string): void => port.postMessage({ distrust: why } satisfies GenerationMessage);
  let backend: Promise<Backend> | null = null;
  let held: { readonly path: string; readonly vocabulary: string; readonly decoder: Decoder } | null = null;
  const answer = async ({ job, path, options }: GenerationRequest): Promise<GenerationReply> => {
    if (held?.path !== path) {
      const checkpoint = readCheckpoint(path);
      await held?.decoder.close();
      backend ??= selectBackend(name, { threads, trust: new CodeTrust(trust), onDistrust });
      held = { path, vocabulary: checkpoint.vocabulary, decoder: await (await backend).decoder(checkpoint) };
    }
    const tokenizer = await loadTokenizer(held.vocabulary);
    const started = performance.now();
    const text = [...generateText(held.decoder, tokenizer, options)].join('');
    const fed = options.tokens + tokenizer.encode(options.prompt).length;
    return { job, ok: true, text, tokensPerSecond: Math.round((fed * 1000) / (performance.now() - started)) };
  };
  let queue: Promise<void> = Promise.resolve();
  port.on('message', (request: GenerationRequest) => {
    queue = queue.then(async () => {
      try {
        port.postMessage(await answer(request));
      } catch (error) {
        held = null;
        const detail = error instanceof Error ? error.message : String(error);
        port.postMessage({ job: request.job, ok: false, detail } satisfies GenerationReply);
      }
    });
  });
}
