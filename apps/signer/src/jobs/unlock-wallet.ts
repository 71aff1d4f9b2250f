// Unlocking: the passphrase is asked for here and goes through a pipe to a process of its own, which holds the keys and stays when this one ends.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { costOfSealedFile, MAX_SEALED_LENGTH } from '@resonancenet/keys/sealed-file';
import { WalletFolder } from '../files/wallet-folder.ts';
import { askPassphrase } from '../input/ask-secrets.ts';
import type { SecretInput } from '../input/secret-input.ts';
import { readAnswer } from '../job-answer.ts';
import { SignerError, type SignerProblem } from '../signer-error.ts';
import { JOB_FD, type UnlockJob, networkOf, RESULT_FD } from '../signer-job.ts';
import { spawnSigner } from '../signer-process.ts';
import { isUnencrypted, sayCost, unencryptedWarning } from './open-wallet.ts';

export async function unlockWallet(job: UnlockJob, input: SecretInput): Promise<Readonly<Record<string, unknown>>> {
  const folder = new WalletFolder(job.folder, job.name);
  if (isUnencrypted(folder, networkOf(job))) {
    input.say(unencryptedWarning(folder));
    return await startServer(job, new Uint8Array(0));
  }
  // Whether the passphrase is right, the process that stays finds out.
  return await askPassphrase(input, `wallet '${job.name}'`, (passphrase) => {
    sayCost(input, costOfSealedFile(folder.readSecret(MAX_SEALED_LENGTH)));
    return startServer(job, passphrase);
  });
}

async function startServer(job: UnlockJob, passphrase: Uint8Array): Promise<Readonly<Record<string, unknown>>> {
  const child = spawnSigner({ stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true });
  const given = child.stdio[JOB_FD] as Writable;
  // If it does not come up, its answer says so.
  given.on('error', () => undefined);
  given.write(`${JSON.stringify({ ...job, kind: 'serve', secretsFd: null })}\n`);
  // A copy, because the pipe may still hold it when the caller overwrites its own.
  const copy = Buffer.from(passphrase);
  given.end(copy, () => copy.fill(0));
  const answer = await readAnswer(child.stdio[RESULT_FD] as Readable);
  if (answer?.ok === true) {
    release(child);
    return answer.result;
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (answer === null) throw new Error('the process that holds the keys ended without an answer');
  throw new SignerError(answer.code as SignerProblem, answer.message);
}

/** It lives on. */
function release(child: ChildProcess): void {
  for (const stream of child.stdio) stream?.destroy();
  child.unref();
}
