// Starts a signer for one job, in the terminal of whoever starts it, and gives its answer.

import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { answersOf } from './job-answer.ts';
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

type Result = Readonly<Record<string, unknown>>;

/** What the job gives. @throws SignerFailure */
export async function runSignerJob(start: SignerStart): Promise<Result> {
  const signer = startSigner(start);
  signer.given.end();
  return await signer.answer();
}

/** A job in two steps. */
export interface SignerTalk {
  /** What the signer told first. */
  readonly first: Result;
  /** Gives it what it waits for; what the job gives. @throws SignerFailure */
  finish(line: object): Promise<Result>;
  /** Ends it; it writes nothing. */
  giveUp(): void;
}

/** @throws SignerFailure */
export async function talkWithSigner(start: SignerStart): Promise<SignerTalk> {
  const signer = startSigner(start);
  const first = await signer.answer();
  return {
    first,
    finish: async (line) => {
      signer.given.end(`${JSON.stringify(line)}\n`);
      return await signer.answer();
    },
    giveUp: () => void signer.given.end(),
  };
}

interface StartedSigner {
  readonly given: Writable;
  answer(): Promise<Result>;
}

function startSigner({ job, secretsFd }: SignerStart): StartedSigner {
  const secrets: SignerStdio = secretsFd ?? 'ignore';
  const child = spawnSigner({
    stdio: [secretsFd === null ? 'inherit' : 'ignore', 'ignore', 'inherit', 'pipe', 'pipe', secrets],
    detached: false,
  });
  const ended = once(child, 'close');
  const given = child.stdio[JOB_FD] as Writable;
  // If it does not come up, its answer is missing.
  given.on('error', () => undefined);
  given.write(`${JSON.stringify({ ...job, secretsFd: secretsFd === null ? null : SECRETS_FD })}\n`);
  const answers = answersOf(child.stdio[RESULT_FD] as Readable);
  return {
    given,
    answer: async () => {
      const { value: answer } = await answers.next();
      if (answer?.ok === true && answer.more === true) return answer.result;
      const [code, signal] = (await ended) as [number | null, string | null];
      if (answer === undefined)
        throw new SignerFailure('signer-ended', `The signer ended without an answer (${signal ?? code}).`);
      if (answer.ok) return answer.result;
      throw new SignerFailure(answer.code, answer.message, answer.path);
    },
  };
}
