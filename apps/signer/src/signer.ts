// The signer's process: reads its job, does it, answers; or stays as long as a wallet is unlocked.

import { createReadStream, readFileSync, readSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ReadStream } from 'node:tty';
import { FdInput } from './input/fd-input.ts';
import type { SecretInput } from './input/secret-input.ts';
import { TerminalInput } from './input/terminal-input.ts';
import type { JobTalk } from './job-talk.ts';
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
    const value = await runJob(job, openInput(job), jobTalk());
    answer(value);
    process.exit(value.ok ? 0 : 1);
  } catch (error) {
    answer(refusalOf(error));
    process.exit(1);
  }
}

/** The job, and what follows its line. */
function readJob(): { readonly job: SignerJob; readonly rest: Uint8Array } {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const part = Buffer.alloc(65_536);
    const count = readSync(JOB_FD, part);
    const joined = Buffer.concat([bytes, part.subarray(0, count)]);
    bytes.fill(0);
    part.fill(0);
    bytes = joined;
    const end = bytes.indexOf(NEWLINE);
    if (end < 0 && count > 0) continue;
    if (end < 0) throw new SignerError('bad-job', 'The signer is started by rnt wallet, not by itself.');
    const job = parseJob(bytes.toString('utf8', 0, end));
    // The passphrase, if it is one of our own processes that asks.
    const more = job.kind === 'serve' ? readFileSync(JOB_FD) : Buffer.alloc(0);
    const rest = new Uint8Array(Buffer.concat([bytes.subarray(end + 1), more]));
    more.fill(0);
    bytes.fill(0);
    return { job, rest };
  }
}

/** With whoever has started it. */
function jobTalk(): JobTalk {
  return {
    tell: (result) => answer({ ok: true, result, more: true }),
    hear: async () => {
      const lines = createInterface({ input: createReadStream('', { fd: JOB_FD, autoClose: false }) });
      for await (const line of lines) return line;
      throw new SignerError('interrupted', 'Whoever started the signer has gone; nothing was written.');
    },
  };
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
