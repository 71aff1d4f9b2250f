// Kills signers at random instants while they make wallets and backups: what is there afterwards is whole, and the same command then succeeds.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { decode } from '@resonancenet/bytes/decode';
import { equalBytes } from '@resonancenet/bytes/compare';
import { utf8 } from '@resonancenet/bytes/utf8';
import { type BackupContent, backupContentCodec } from '@resonancenet/keys/backup-content';
import { openSealedFile, type SealedKind } from '@resonancenet/keys/sealed-file';
import { walletRecordCodec } from '@resonancenet/keys/wallet-record';
import { SignerClient } from '../signer-client.ts';
import type { AddAccountJob, SignerJob } from '../signer-job.ts';
import { backupJob, createJob, networkFolder, place, resultOf, startJob, unlockJob } from './signer-run.ts';

/** Writing takes some milliseconds. */
const WRITING_MS = 6;

export interface KillCounts {
  /** Killed before there was an answer, and after it. */
  before: number;
  after: number;
  /** Of those before: the file was there already, whole. */
  whole: number;
  /** Left something unfinished, which the next run took away. */
  leftOver: number;
}

/** Longest that a job takes on this machine, so that kills fall everywhere in it. */
async function usualMs(job: SignerJob, secrets: readonly string[]): Promise<number> {
  const started = performance.now();
  const answer = await startJob(job, secrets).answer;
  assert.equal(answer?.ok, true);
  return performance.now() - started;
}

/** When a signer is killed: so long after its start, or after the first change in a folder. */
interface Moment {
  readonly afterMs: number;
  readonly change: string | null;
  /** Of this file alone. */
  readonly file?: string;
}

/** Half of them anywhere in the job, half while it writes. */
function momentOf(trial: number, random: () => number, longest: number, folder: string): Moment {
  return trial % 2 === 0
    ? { afterMs: random() * longest, change: null }
    : { afterMs: random() * WRITING_MS, change: folder };
}

/** Starts the job, kills it and tells whether it had answered. */
async function killed(job: SignerJob, secrets: readonly string[], { afterMs, change, file }: Moment): Promise<boolean> {
  const changed = change === null ? null : firstChange(change, file);
  const { child, answer } = startJob(job, secrets);
  const end = once(child, 'exit');
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  if (changed !== null) await Promise.race([end, changed.seen]);
  if (afterMs >= 1 && !isOver()) await Promise.race([end, setTimeout(afterMs)]);
  if (!isOver()) child.kill('SIGKILL');
  changed?.close();
  const [value] = await Promise.all([answer, end]);
  assert.notEqual(value?.ok, false, JSON.stringify(value));
  return value !== null;
}

function firstChange(folder: string, file?: string): { readonly seen: Promise<void>; close(): void } {
  const watcher = watch(folder);
  const seen = new Promise<void>((resolve) => {
    watcher.on('change', (_, name) => {
      if (file === undefined || name === file) resolve();
    });
  });
  return { seen, close: () => watcher.close() };
}

function fingerprintOf(path: string, kind: SealedKind, passphrase: string): Uint8Array {
  return contentOf(path, kind, passphrase).fingerprint;
}

function contentOf(path: string, kind: SealedKind, passphrase: string): BackupContent {
  const opened = openSealedFile(new Uint8Array(readFileSync(path)), kind, utf8(passphrase));
  assert.ok(opened.ok, `${path} does not open`);
  const content = decode(backupContentCodec, opened.content);
  assert.ok(content.ok);
  return content.value;
}

/** Wallets: after a kill there is a whole one, or none and it can be made. */
export async function killWhileCreating(trials: number, random: () => number): Promise<KillCounts> {
  const counts: KillCounts = { before: 0, after: 0, whole: 0, leftOver: 0 };
  const folder = networkFolder();
  const longest = 1.1 * (await usualMs(createJob(folder, { name: 'first' }), ['p']));
  for (let trial = 0; trial < trials; trial++) {
    const job = createJob(folder, { name: `w${trial}` });
    const moment = momentOf(trial, random, longest, join(folder, 'wallets'));
    const hasAnswered = await killed(job, ['p'], moment);
    const isThere = existsSync(join(folder, 'wallets', job.name));
    counts[hasAnswered ? 'after' : 'before']++;
    if (hasAnswered) assert.ok(isThere, `trial ${trial}: a wallet that was promised is not there`);
    else if (isThere) counts.whole++;
    if (readdirSync(join(folder, 'wallets')).some((name) => name.startsWith('.new-'))) counts.leftOver++;
    if (!isThere) await resultOf(job, 'p');
    const path = join(folder, 'wallets', job.name);
    const record = decode(walletRecordCodec, new Uint8Array(readFileSync(join(path, 'public'))));
    assert.ok(record.ok, `trial ${trial}: half a record`);
    assert.ok(equalBytes(record.value.fingerprint, fingerprintOf(join(path, 'secret'), 'secret', 'p')));
  }
  await resultOf(createJob(folder, { name: 'last' }), 'p');
  const names = readdirSync(join(folder, 'wallets')).filter((name) => /^\.new-/.test(name));
  assert.deepEqual(names, [], 'something unfinished was left');
  return counts;
}

/** Backups that replace others: after a kill the old or the new one is there, whole, and the wallet is as it was. */
export async function killWhileBackingUp(trials: number, random: () => number): Promise<KillCounts> {
  const counts: KillCounts = { before: 0, after: 0, whole: 0, leftOver: 0 };
  const folder = networkFolder();
  await resultOf(createJob(folder), 'p');
  const secret = join(folder, 'wallets/main/secret');
  const secretBefore = readFileSync(secret);
  const out = join(folder, 'main.backup');
  const job = backupJob(folder, out, { force: true });
  const longest = 1.1 * (await usualMs(job, ['p']));
  let before = readFileSync(out);
  for (let trial = 0; trial < trials; trial++) {
    const moment = momentOf(trial, random, longest, folder);
    const hasAnswered = await killed(job, ['p'], moment);
    const now = readFileSync(out);
    const isNew = !now.equals(before);
    counts[hasAnswered ? 'after' : 'before']++;
    if (hasAnswered) assert.ok(isNew, `trial ${trial}: a backup that was promised is not there`);
    else if (isNew) counts.whole++;
    fingerprintOf(out, 'backup', 'p');
    if (existsSync(`${out}.partial`)) counts.leftOver++;
    assert.deepEqual(readFileSync(secret), secretBefore);
    before = now;
  }
  await resultOf(job, 'p');
  assert.equal(existsSync(`${out}.partial`), false);
  return counts;
}

/** Accounts that are added: after a kill the secret has them or not, opens and has lost none, and unlocking mends the record. */
export async function killWhileAddingAccounts(trials: number, random: () => number): Promise<KillCounts> {
  const counts: KillCounts = { before: 0, after: 0, whole: 0, leftOver: 0 };
  const folder = networkFolder();
  await resultOf(createJob(folder), 'p');
  const path = join(folder, 'wallets/main');
  const what = { number: null, accountName: '', policy: 'emissionReturn(200)' };
  const job: AddAccountJob = { kind: 'add-account', ...place(folder), ...what };
  const longest = 1.1 * (await usualMs(job, ['p']));
  let before = 2;
  for (let trial = 0; trial < trials; trial++) {
    // Its lock comes long before it writes.
    const moment = { ...momentOf(trial, random, longest, path), file: 'secret.partial' };
    const hasAnswered = await killed(job, ['p'], moment);
    const { accounts } = contentOf(join(path, 'secret'), 'secret', 'p');
    const record = decode(walletRecordCodec, new Uint8Array(readFileSync(join(path, 'public'))));
    assert.ok(record.ok, `trial ${trial}: half a record`);
    counts[hasAnswered ? 'after' : 'before']++;
    assert.ok(accounts.length === before || accounts.length === before + 1, `trial ${trial}: ${accounts.length}`);
    assert.deepEqual(
      record.value.accounts.map(({ number }) => number),
      accounts.slice(0, record.value.accounts.length).map(({ number }) => number),
    );
    if (hasAnswered) assert.equal(record.value.accounts.length, before + 1, `trial ${trial}: a promise is not kept`);
    else if (accounts.length > before) counts.whole++;
    if (record.value.accounts.length < accounts.length) {
      counts.leftOver++;
      assert.equal((await resultOf(unlockJob(folder), 'p'))['completed'], true);
      await new SignerClient('main', path).lock();
    }
    before = accounts.length;
  }
  const after = await resultOf(job, 'p');
  assert.equal(after['accounts'], before + 1);
  return counts;
}

/** The same numbers from the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}
