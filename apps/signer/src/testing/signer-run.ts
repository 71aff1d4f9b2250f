// Runs signers as the command line does, with secrets through a pipe.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { after } from 'node:test';
import { utf8 } from '@resonancenet/bytes/utf8';
import { serialiseNetworkParams } from '@resonancenet/params/network-file';
import { regtest } from '@resonancenet/params/regtest';
import type { SecretInput } from '../input/secret-input.ts';
import { readAnswer } from '../job-answer.ts';
import type { JobTalk } from '../job-talk.ts';
import { runJob } from '../run-job.ts';
import { SignerError } from '../signer-error.ts';
import type {
  BackupJob,
  CreateJob,
  JobAnswer,
  JobPlace,
  RestoreBackupJob,
  RestoreJob,
  ServeJob,
  SignerJob,
  UnlockJob,
} from '../signer-job.ts';
import { spawnSigner } from '../signer-process.ts';

const SECRETS_FD = 5;

/** The least that a sealed file may cost. */
export const LEAST_COST = { memoryKib: 65_536, passes: 1 } as const;

/** Words of BIP 39's own vectors (all-zero entropy of 32 bytes). */
export const ZERO_WORDS: string = `${'abandon '.repeat(23)}art`;

const folders: string[] = [];
const unlocked: number[] = [];

after(() => {
  for (const pid of unlocked) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A network's folder, gone after the last test of the file. */
export function networkFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rnt-signer-'));
  folders.push(folder);
  return folder;
}

export function place(folder: string, name: string = 'main'): JobPlace {
  return { folder, name, network: serialiseNetworkParams(regtest), secretsFd: SECRETS_FD };
}

const policy = 'emissionReturn(200)';
const making = {
  birthHeight: 0,
  unencrypted: false,
  cost: LEAST_COST,
  policy,
  accountName: '',
  wordsPassphrase: false,
};

export function createJob(folder: string, change: Partial<CreateJob> = {}): CreateJob {
  return { kind: 'create', ...place(folder), ...making, language: 'english', entropy: 'system', ...change };
}

export function restoreJob(folder: string, change: Partial<RestoreJob> = {}): RestoreJob {
  return { kind: 'restore', ...place(folder), ...making, number: 0, language: null, fingerprint: null, ...change };
}

export function restoreBackupJob(
  folder: string,
  backup: string,
  change: Partial<RestoreBackupJob> = {},
): RestoreBackupJob {
  const { birthHeight, unencrypted, cost } = making;
  return { kind: 'restore-backup', ...place(folder), birthHeight, unencrypted, cost, backup, ...change };
}

export function backupJob(folder: string, out: string, change: Partial<BackupJob> = {}): BackupJob {
  const what = { out, force: false, ownPassphrase: false, notes: null, cost: LEAST_COST };
  return { kind: 'backup', ...place(folder), ...what, ...change };
}

export function unlockJob(folder: string, seconds: number | null = null, name?: string): UnlockJob {
  return { kind: 'unlock', ...place(folder, name), seconds };
}

type OneJob = Exclude<SignerJob, ServeJob>;

/** A signer at work. */
export interface SignerRun {
  readonly child: ChildProcess;
  readonly answer: Promise<JobAnswer | null>;
}

export function startJob(job: SignerJob, secrets: readonly string[]): SignerRun {
  const child = spawnSigner({ stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe', 'pipe'], detached: false });
  const pipes: readonly unknown[] = child.stdio;
  const [given, secret] = [pipes[3] as Writable, pipes[SECRETS_FD] as Writable];
  // Those who are killed read no further.
  for (const pipe of [given, secret]) pipe.on('error', () => undefined);
  given.end(`${JSON.stringify(job)}\n`);
  secret.end(secrets.map((line) => `${line}\n`).join(''));
  const ended = once(child, 'close');
  const answer = readAnswer(child.stdio[4] as Readable).then(async (value) => {
    await ended;
    return value;
  });
  return { child, answer };
}

/** What is told and heard when nothing is. */
const silent: JobTalk = {
  tell: () => undefined,
  hear: () => Promise.reject(new SignerError('interrupted', 'Nobody talks.')),
};

/** What a job gives that must succeed. In this process: starting one takes longer than the job. */
export async function resultOf(job: OneJob, ...secrets: readonly string[]): Promise<Record<string, unknown>> {
  const answer = await runJob(job, new GivenSecrets(secrets), silent);
  if (!answer.ok) throw new Error(`the signer refused: ${JSON.stringify(answer)}`);
  if (job.kind === 'unlock') unlocked.push(answer.result['pid'] as number);
  return { ...answer.result };
}

/** Why a job is refused that must be. In this process. */
export async function refusalOf(
  job: OneJob,
  ...secrets: readonly string[]
): Promise<{ readonly code: string; readonly message: string }> {
  const answer = await runJob(job, new GivenSecrets(secrets), silent);
  if (answer.ok) throw new Error(`the signer did it: ${JSON.stringify(answer)}`);
  return answer;
}

/** One secret after the other. */
export class GivenSecrets implements SecretInput {
  readonly isTerminal: boolean;
  readonly said: string[] = [];
  readonly #secrets: (string | ((prompt: string, said: readonly string[]) => string))[];

  constructor(
    secrets: readonly (string | ((prompt: string, said: readonly string[]) => string))[],
    isTerminal: boolean = false,
  ) {
    this.#secrets = [...secrets];
    this.isTerminal = isTerminal;
  }

  ask(prompt: string): Promise<Uint8Array> {
    const next = this.#secrets.shift();
    if (next === undefined) return Promise.reject(new SignerError('no-secret', `${prompt}: nothing is left.`));
    return Promise.resolve(utf8(typeof next === 'string' ? next : next(prompt, this.said)));
  }

  say(text: string): void {
    this.said.push(text);
  }

  page<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  rest(): void {}

  close(): void {}
}

/** Waits until a process is gone, which is no child of this one. */
export async function goneWithin(pid: number, ms: number): Promise<boolean> {
  const until = performance.now() + ms;
  while (performance.now() < until) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
