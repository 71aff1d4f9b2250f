// Starts a signer for one job, in the terminal of whoever starts it, and gives its answer.

import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { readAnswer } from './job-answer.ts';
import { JOB_FD, RESULT_FD, type SignerJob } from './signer-job.ts';
import { type SignerStdio, spawnSigner } from './signer-process.ts';

/** Descriptor of the signer for secrets that do not come from the terminal. */
const SECRETS_FD = 5;

/** The signer did not do what it was asked to. */
export class SignerFailure extends Error {
  readonly code: string;
  /** Of a file that could not be read or written. */
  readonly path: string | undefined;

  constructor(code: string, message: string, path?: string) {
    super(message);
    this.name = 'SignerFailure';
    this.code = code;
    this.path = path;
  }
}

type WithoutInput<T> = T extends unknown ? Omit<T, 'secretsFd'> : never;

export interface SignerStart {
  readonly job: WithoutInput<SignerJob>;
  /** Descriptor of this process from which secrets are read, a line each; null: the terminal. */
  readonly secretsFd: number | null;
}

/** What the job gives. @throws SignerFailure */
export async function runSignerJob({ job, secretsFd }: SignerStart): Promise<Readonly<Record<string, unknown>>> {
  const secrets: SignerStdio = secretsFd ?? 'ignore';
  const child = spawnSigner({
    stdio: [secretsFd === null ? 'inherit' : 'ignore', 'ignore', 'inherit', 'pipe', 'pipe', secrets],
    detached: false,
  });
  const ended = once(child, 'close');
  const given = child.stdio[JOB_FD] as Writable;
  // If it does not come up, its answer is missing.
  given.on('error', () => undefined);
  given.end(`${JSON.stringify({ ...job, secretsFd: secretsFd === null ? null : SECRETS_FD })}\n`);
  const answer = await readAnswer(child.stdio[RESULT_FD] as Readable);
  const [code, signal] = (await ended) as [number | null, string | null];
  if (answer === null)
    throw new SignerFailure('signer-ended', `The signer ended without an answer (${signal ?? code}).`);
  if (answer.ok) return answer.result;
  throw new SignerFailure(answer.code, answer.message, answer.path);
}
