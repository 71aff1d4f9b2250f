// One job of a signer, with whoever gives the secrets.

import { StorageError } from '@resonancenet/storage/storage-error';
import { isSystemError, WriteFileError } from '@resonancenet/training/write-file';
import type { SecretInput } from './input/secret-input.ts';
import { addAccount } from './jobs/add-account.ts';
import { backUp } from './jobs/back-up.ts';
import { createWallet, restoreBackup } from './jobs/create-wallet.ts';
import { restoreFromWords } from './jobs/restore-from-words.ts';
import { exportKeys, showKey, showWords } from './jobs/show-secrets.ts';
import { unlockWallet } from './jobs/unlock-wallet.ts';
import type { JobTalk } from './job-talk.ts';
import { SignerError } from './signer-error.ts';
import type { JobAnswer, ServeJob, SignerJob } from './signer-job.ts';

/** What is told of it holds no secret. */
export async function runJob(job: Exclude<SignerJob, ServeJob>, input: SecretInput, talk: JobTalk): Promise<JobAnswer> {
  try {
    return { ok: true, result: await doneJob(job, input, talk) };
  } catch (error) {
    return refusalOf(error);
  } finally {
    input.close();
  }
}

async function doneJob(
  job: Exclude<SignerJob, ServeJob>,
  input: SecretInput,
  talk: JobTalk,
): Promise<Readonly<Record<string, unknown>>> {
  switch (job.kind) {
    case 'create':
    case 'restore':
      return await createWallet(job, input);
    case 'restore-search':
      return await restoreFromWords(job, input, talk);
    case 'restore-backup':
      return await restoreBackup(job, input);
    case 'unlock':
      return await unlockWallet(job, input);
    case 'backup':
      return await backUp(job, input);
    case 'add-account':
      return await addAccount(job, input);
    case 'show-words':
      return await showWords(job, input);
    case 'show-key':
      return await showKey(job, input);
    case 'export-keys':
      return await exportKeys(job, input);
  }
}

/** Of what is known to happen. A bug is told by its name and stack alone: a message of the engine could hold what must not be told. */
export function refusalOf(error: unknown): JobAnswer {
  if (error instanceof SignerError || error instanceof StorageError)
    return { ok: false, code: error.code, message: error.message };
  if (error instanceof WriteFileError || isSystemError(error)) {
    const { code = 'EIO', message, path } = error;
    return path === undefined ? { ok: false, code, message } : { ok: false, code, message, path };
  }
  const stack = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  const name = error instanceof Error ? error.name : 'unknown';
  return { ok: false, code: 'internal', message: `A bug in the signer (${name}):\n${stack.join('\n')}` };
}
