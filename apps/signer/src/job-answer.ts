// A job's answers on its pipe: each one line of JSON.

import type { Readable } from 'node:stream';
import type { JobAnswer } from './signer-job.ts';

const NEWLINE = 10;
const MAX_ANSWER = 64 * 1024 * 1024;

/** null: the pipe ended without one. */
export async function readAnswer(pipe: Readable): Promise<JobAnswer | null> {
  for await (const answer of answersOf(pipe)) return answer;
  return null;
}

/** One answer after the other. Whoever stops asking closes the pipe. */
export async function* answersOf(pipe: Readable): AsyncGenerator<JobAnswer, void, undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const part of pipe as AsyncIterable<Buffer>) {
    let rest = part;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      const line = Buffer.concat([...parts, rest.subarray(0, end)]);
      [parts, length] = [[], 0];
      rest = rest.subarray(end + 1);
      yield JSON.parse(line.toString()) as JobAnswer;
    }
    parts.push(rest);
    length += rest.length;
    if (length > MAX_ANSWER) return;
  }
}
