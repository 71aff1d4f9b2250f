// The signer's process: reads its job, does it, answers; or stays as long as a wallet is unlocked.

import { readFileSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { FdInput } from './input/fd-input.ts';
import type { SecretInput } from './input/secret-input.ts';
import { TerminalInput } from './input/terminal-input.ts';
import { refusalOf, runJob } from './run-job.ts';
import { runServer } from './serve/run-server.ts';
import { SignerError } from './signer-error.ts';
import { JOB_FD, type JobAnswer, parseJob, RESULT_FD, type SignerJob } from './signer-job.ts';

const NEWLINE = 10;

export async function runSigner(): Promise<void> {
  process.umask(0o077);
  try {
    const { job, rest } = readJob();
    if (job.kind === 'serve') {
      answer({ ok: true, result: await runServer(job, rest) });
      return;
    }
    const value = await runJob(job, openInput(job));
    answer(value);
    process.exit(value.ok ? 0 : 1);
  } catch (error) {
    answer(refusalOf(error));
    process.exit(1);
  }
}

/** The job, and what follows its line: the passphrase, if it is one of our own processes that asks. */
function readJob(): { readonly job: SignerJob; readonly rest: Uint8Array } {
  const bytes = readFileSync(JOB_FD);
  const end = bytes.indexOf(NEWLINE);
  if (end < 0) throw new SignerError('bad-job', 'The signer is started by rnt wallet, not by itself.');
  const job = parseJob(bytes.toString('utf8', 0, end));
  const rest = new Uint8Array(bytes.subarray(end + 1));
  bytes.fill(0);
  return { job, rest };
}

function openInput({ secretsFd }: SignerJob): SecretInput {
  if (secretsFd !== null) return new FdInput(secretsFd);
  if (process.stdin.isTTY && process.stdin instanceof ReadStream)
    return new TerminalInput(process.stdin, process.stderr);
  throw new SignerError(
    'no-terminal',
    'Secrets are typed at a terminal, and there is none. A program gives them line by line with --secrets-fd.',
  );
}

function answer(value: JobAnswer): void {
  const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
  let done = 0;
  while (done < bytes.length) done += writeSync(RESULT_FD, bytes, done);
}
