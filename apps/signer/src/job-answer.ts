// A job's answer on its pipe: one line of JSON.

import type { Readable } from 'node:stream';
import type { JobAnswer } from './signer-job.ts';

const MAX_ANSWER = 64 * 1024 * 1024;

/** null: the pipe ended without one. */
export async function readAnswer(pipe: Readable): Promise<JobAnswer | null> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of pipe as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    if (part.includes(10) || length > MAX_ANSWER) break;
  }
  const text = Buffer.concat(parts).toString();
  return text === '' ? null : (JSON.parse(text) as JobAnswer);
}
