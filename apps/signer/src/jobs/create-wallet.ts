// New wallets: from new words, from words on paper, from a backup.

import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import type { BackupContent } from '@resonancenet/keys/backup-content';
import type { Mnemonic } from '@resonancenet/keys/mnemonic';
import { QrCollector } from '@resonancenet/keys/qr-parts';
import { MAX_SEALED_LENGTH, USUAL_COST } from '@resonancenet/keys/sealed-file';
import type { KdfCost } from '@resonancenet/keys/sealing-primitives';
import { type WalletSecret, wipeSecret } from '@resonancenet/keys/wallet-secret';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { openContent } from '../files/sealed-content.ts';
import { WalletFolder } from '../files/wallet-folder.ts';
import { askLine, askNewPassphrase, askPassphrase, askWords, askWordsPassphrase } from '../input/ask-secrets.ts';
import { askEntropy } from '../input/own-entropy.ts';
import type { SecretInput } from '../input/secret-input.ts';
import { teachWords } from '../input/teach-words.ts';
import { SignerError } from '../signer-error.ts';
import { type CreateJob, type MakingJob, type RestoreBackupJob, type RestoreJob, networkOf } from '../signer-job.ts';
import { keysOfSecret, newContent, policyOf, writeWallet } from './make-wallet.ts';
import { isCostly, sayCost } from './open-wallet.ts';

/** Of 24 words. */
const ENTROPY_LENGTH = 32;

export const UNENCRYPTED =
  'This wallet has no passphrase: whoever reads its file, or a copy of the disk, has the coins. Make one with a passphrase for more than play money.';

type Result = Readonly<Record<string, unknown>>;

/** New words, or those of paper. */
export async function createWallet(job: CreateJob | RestoreJob, input: SecretInput): Promise<Result> {
  const params = networkOf(job);
  const folder = new WalletFolder(job.folder, job.name);
  folder.requireNew();
  const isNew = job.kind === 'create';
  const number = isNew ? 0 : job.number;
  const account = { number, policy: policyOf(job.policy, params), name: job.accountName };
  const mnemonic = isNew ? await newWords(job, input) : await askWords(input, job.language ?? undefined);
  if (isNew && input.isTerminal) await teachWords(input, mnemonic);
  const passphrase = job.wordsPassphrase ? await askWordsPassphrase(input, isNew) : new Uint8Array(0);
  const secret: WalletSecret = { kind: 'words', mnemonic, passphrase };
  try {
    const content = newContent(secret, params, job.birthHeight, [account]);
    if (isNew) sayNewFingerprint(input, content.fingerprint);
    else await confirmFingerprint(input, content.fingerprint, job.fingerprint);
    return { ...(await seal(job, input, folder, content, params)), wordsShown: isNew && input.isTerminal };
  } finally {
    wipeSecret(secret);
  }
}

async function newWords({ language, entropy }: CreateJob, input: SecretInput): Promise<Mnemonic> {
  const own = entropy === 'system' ? new Uint8Array(randomBytes(ENTROPY_LENGTH)) : await askEntropy(input, entropy);
  return { language, entropy: own };
}

/** From a backup's file, or a text with the parts of its QR codes, a line each. */
export async function restoreBackup(job: RestoreBackupJob, input: SecretInput): Promise<Result> {
  const params = networkOf(job);
  const folder = new WalletFolder(job.folder, job.name);
  folder.requireNew();
  const file = backupBytes(job.backup);
  const content = await askPassphrase(input, `the backup ${job.backup}`, (passphrase) =>
    openContent('backup', job.backup, file, passphrase),
  );
  try {
    checkBackup(content, params, job.backup);
    input.say(`Fingerprint of this wallet: ${toHex(content.fingerprint)}.`);
    return await seal(job, input, folder, content, params);
  } finally {
    wipeSecret(content.secret);
  }
}

async function seal(
  job: MakingJob,
  input: SecretInput,
  folder: WalletFolder,
  content: BackupContent,
  params: NetworkParams,
): Promise<Result> {
  if (job.unencrypted) input.say(UNENCRYPTED);
  const passphrase: Uint8Array = job.unencrypted
    ? new Uint8Array(0)
    : await askNewPassphrase(input, `wallet '${job.name}'`);
  try {
    sayCost(input, costOf(job));
    return writeWallet(folder, content, params, passphrase, costOf(job));
  } finally {
    passphrase.fill(0);
  }
}

/** What protects nothing need not cost. */
export function costOf({ unencrypted, cost }: MakingJob): KdfCost {
  return unencrypted && isCostly(cost) ? USUAL_COST : cost;
}

function backupBytes(path: string): Uint8Array {
  // Parts of codes are text and take less than twice as much.
  const { size } = statSync(path);
  if (size > 2 * MAX_SEALED_LENGTH) throw new SignerError('corrupt', `${path} has ${size} bytes: it is no backup.`);
  const bytes = new Uint8Array(readFileSync(path));
  const start = Buffer.from(bytes.subarray(0, 5)).toString('latin1').toLowerCase();
  return start === 'rntq1' ? joinedParts(path, bytes) : bytes;
}

function joinedParts(path: string, text: Uint8Array): Uint8Array {
  const collector = new QrCollector();
  for (const line of Buffer.from(text).toString('latin1').split(/\s+/)) {
    if (line === '') continue;
    const verdict = collector.add(line);
    if (!verdict.ok) throw new SignerError('corrupt', `${path}: ${verdict.detail}.`);
  }
  if (collector.bytes !== null) return collector.bytes;
  throw new SignerError('corrupt', `${path}: these codes are missing: ${collector.missing.join(', ')}.`);
}

function checkBackup(content: BackupContent, params: NetworkParams, path: string): void {
  if (content.network !== params.name)
    throw new SignerError('other-network', `${path} is of network '${content.network}', not of '${params.name}'.`);
  const keys = keysOfSecret(content.secret, params);
  const fits = equalBytes(keys.fingerprint, content.fingerprint);
  keys.wipe();
  if (!fits) throw new SignerError('other-wallet', `${path}: its secret gives another wallet than it was made of.`);
}

function sayNewFingerprint(input: SecretInput, fingerprint: Uint8Array): void {
  input.say(
    `Fingerprint of this wallet: ${toHex(fingerprint)}. Write it beside the words: a restore that shows another one has gone wrong.`,
  );
}

/** Wrong words can be right in form, and a wrong passphrase of theirs always is: only the fingerprint shows it. @throws SignerError */
export async function confirmFingerprint(
  input: SecretInput,
  fingerprint: Uint8Array,
  expected: string | null,
): Promise<void> {
  const text = toHex(fingerprint);
  const wrong = 'Other words than those of the paper, or another passphrase of theirs, give another wallet';
  if (expected !== null) {
    if (expected === text) return;
    throw new SignerError('other-wallet', `The fingerprint is ${text}, not ${expected}. ${wrong}.`);
  }
  input.say(`Fingerprint of this wallet: ${text}.`);
  if (!input.isTerminal) return;
  const isRight = await askLine(input, 'Is that the one on your paper? (yes, no)', (line) => {
    if (/^y(es)?$/i.test(line)) return { value: true };
    return /^no?$/i.test(line) ? { value: false } : { problem: 'type yes or no' };
  });
  if (isRight !== true) throw new SignerError('other-wallet', `${wrong}. No wallet was made.`);
}
