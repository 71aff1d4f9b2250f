import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { qrParts } from '@resonancenet/keys/qr-parts';
import { walletNotesCodec } from '@resonancenet/keys/wallet-notes';
import { type WalletRecord, walletRecordCodec } from '@resonancenet/keys/wallet-record';
import {
  backupJob,
  createJob,
  goneWithin,
  networkFolder,
  place,
  refusalOf,
  restoreBackupJob,
  restoreJob,
  resultOf,
  startJob,
  unlockJob,
  ZERO_WORDS,
} from './testing/signer-run.ts';
import { SignerClient } from './signer-client.ts';

const onPosix = process.platform === 'win32' ? 'file modes are those of POSIX' : false;

function recordIn(folder: string, name = 'main'): WalletRecord {
  const result = decode(walletRecordCodec, new Uint8Array(readFileSync(join(folder, 'wallets', name, 'public'))));
  assert.ok(result.ok);
  return result.value;
}

test('a wallet is made, its files are for its owner alone, and its record begins with a thousand keys of each branch', async () => {
  const folder = networkFolder();
  const result = await resultOf(createJob(folder, { birthHeight: 12, accountName: 'savings' }), 'correct horse');
  assert.equal(result['encrypted'], true);
  assert.equal(result['birthHeight'], 12);
  assert.deepEqual(readdirSync(join(folder, 'wallets')), ['main']);
  const record = recordIn(folder);
  assert.equal(toHex(record.fingerprint), result['fingerprint']);
  assert.deepEqual(
    record.accounts.map(({ number, name, receive, change }) => [number, name, receive.length, change.length]),
    [[0, 'savings', 1_000, 1_000]],
  );
  if (onPosix !== false) return;
  for (const name of ['secret', 'public'])
    assert.equal(statSync(join(folder, 'wallets/main', name)).mode & 0o777, 0o600);
  assert.equal(statSync(join(folder, 'wallets/main')).mode & 0o777, 0o700);
});

test('words of paper make the same wallet again, and a passphrase of theirs another one', async () => {
  const folder = networkFolder();
  const first = await resultOf(restoreJob(folder, { name: 'a' }), ZERO_WORDS, 'p');
  const second = await resultOf(restoreJob(folder, { name: 'b' }), ZERO_WORDS.toUpperCase(), 'q');
  assert.equal(first['fingerprint'], second['fingerprint']);
  assert.deepEqual(recordIn(folder, 'a').accounts, recordIn(folder, 'b').accounts);
  const other = await resultOf(restoreJob(folder, { name: 'c', wordsPassphrase: true }), ZERO_WORDS, 'TREZOR', 'p');
  assert.notEqual(other['fingerprint'], first['fingerprint']);
});

test('wrong words are refused, without repeating them', async () => {
  const folder = networkFolder();
  const swapped = await refusalOf(restoreJob(folder), `art ${'abandon '.repeat(23)}`, 'p');
  assert.equal(swapped.code, 'bad-words');
  const unknown = await refusalOf(restoreJob(folder), ZERO_WORDS.replace('art', 'artt'), 'p');
  assert.equal(unknown.code, 'bad-words');
  assert.match(unknown.message, /word 24 /);
  assert.doesNotMatch(unknown.message, /artt|abandon/);
  assert.equal(existsSync(join(folder, 'wallets')), false);
});

test('an empty passphrase is refused, and a wallet without one has to be asked for', async () => {
  const folder = networkFolder();
  assert.equal((await refusalOf(createJob(folder), '')).code, 'bad-passphrase');
  assert.equal((await refusalOf(createJob(folder))).code, 'no-secret');
  assert.equal((await resultOf(createJob(folder, { unencrypted: true })))['encrypted'], false);
  await resultOf(unlockJob(folder));
  await new SignerClient('main', join(folder, 'wallets/main')).lock();
});

test('a wallet is never made over another', async () => {
  const folder = networkFolder();
  await resultOf(createJob(folder), 'p');
  const before = readFileSync(join(folder, 'wallets/main/secret'));
  assert.equal((await refusalOf(createJob(folder), 'p')).code, 'exists');
  assert.deepEqual(readFileSync(join(folder, 'wallets/main/secret')), before);
});

test('names that are paths, and policies that the network does not allow, are refused', async () => {
  const folder = networkFolder();
  assert.equal((await refusalOf(createJob(folder, { name: '../x' }), 'p')).code, 'bad-name');
  assert.equal((await refusalOf(createJob(folder, { policy: 'emissionReturn(199)' }), 'p')).code, 'bad-policy');
});

test('a wrong passphrase, a damaged file and a file that was changed on purpose are told apart', async () => {
  const folder = networkFolder();
  await resultOf(createJob(folder), 'p');
  assert.equal((await refusalOf(unlockJob(folder), 'q')).code, 'wrong-passphrase');
  const path = join(folder, 'wallets/main/secret');
  const bytes = readFileSync(path);
  for (const at of [0, 20, bytes.length >> 1, bytes.length - 1]) {
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 1;
    writeFileSync(path, damaged);
    const { code } = await refusalOf(unlockJob(folder), 'p');
    assert.equal(code, at === 0 ? 'other-kind' : 'corrupt', `byte ${at}`);
  }
  writeFileSync(path, bytes.subarray(0, -1));
  assert.equal((await refusalOf(unlockJob(folder), 'p')).code, 'corrupt');
});

test('an unlocked wallet answers until it is locked, and then its process is gone', async () => {
  const folder = networkFolder();
  const { fingerprint } = await resultOf(createJob(folder), 'p');
  const client = new SignerClient('main', join(folder, 'wallets/main'));
  assert.deepEqual(await client.status(), { isUnlocked: false, locksAtUnixMs: null });
  const before = Date.now();
  const { pid, locksAtUnixMs, coreDumps } = await resultOf(unlockJob(folder, 600), 'p');
  assert.ok((locksAtUnixMs as number) >= before + 600_000 && (locksAtUnixMs as number) <= Date.now() + 600_000);
  if (process.platform === 'linux') assert.equal(coreDumps, 'off');
  assert.deepEqual(await client.status(), { isUnlocked: true, locksAtUnixMs });
  const again = await refusalOf(unlockJob(folder), 'p');
  assert.equal(again.code, 'already-unlocked');
  assert.match(again.message, new RegExp(`process ${String(pid)}`));
  if (onPosix === false) assert.equal(statSync(join(folder, 'wallets/main/signer.sock')).mode & 0o777, 0o600);
  const window = await client.window({ account: 0, branch: 'receive', first: 0, count: 3 });
  assert.equal(toHex(window.subarray(5, 9)), fingerprint);
  await assert.rejects(client.window({ account: 1, branch: 'receive', first: 0, count: 3 }), { code: 'refused' });
  await assert.rejects(client.sign(new Uint8Array(9)), { code: 'refused' });
  assert.equal(await client.lock(), true);
  assert.ok(await goneWithin(pid as number, 2_000));
  assert.equal(await client.lock(), false);
  await assert.rejects(client.sign(new Uint8Array(9)), { code: 'locked' });
});

test('a wallet locks by itself', async () => {
  const folder = networkFolder();
  await resultOf(createJob(folder), 'p');
  const { pid } = await resultOf(unlockJob(folder, 1), 'p');
  assert.ok(await goneWithin(pid as number, 5_000));
  assert.equal(existsSync(join(folder, 'wallets/main/signer.sock')), false);
});

test('after a signer was killed its wallet is unlocked again', { skip: onPosix }, async () => {
  const folder = networkFolder();
  await resultOf(createJob(folder), 'p');
  const { pid } = await resultOf(unlockJob(folder), 'p');
  process.kill(pid as number, 'SIGKILL');
  assert.ok(await goneWithin(pid as number, 2_000));
  const client = new SignerClient('main', join(folder, 'wallets/main'));
  assert.equal((await client.status()).isUnlocked, false);
  await resultOf(unlockJob(folder), 'p');
  assert.equal((await client.status()).isUnlocked, true);
  await client.lock();
});

test('a backup restores the wallet on another machine, from its file and from the parts of its codes', async () => {
  const [folder, other] = [networkFolder(), networkFolder()];
  const { fingerprint } = await resultOf(createJob(folder, { birthHeight: 7 }), 'p');
  const out = join(folder, 'main.backup');
  const notes = {
    fingerprint: fromHex(String(fingerprint)),
    given: [{ account: 0, nextReceive: 3, nextChange: 1_200 }],
    labels: [{ subject: 'rrnt1a', text: 'wages' }],
    contacts: [{ name: 'Anna', text: 'rrnt1b' }],
  };
  const encoded = Buffer.from(encode(walletNotesCodec, notes)).toString('base64');
  const job = backupJob(folder, out, { notes: encoded, ownPassphrase: true });
  const made = await resultOf(job, 'p', 'of the backup');
  assert.deepEqual([made['labels'], made['contacts']], [1, 1]);
  const foreign = encode(walletNotesCodec, { ...notes, fingerprint: fromHex('00000000') });
  const wrong = backupJob(folder, `${out}.2`, { notes: Buffer.from(foreign).toString('base64') });
  assert.equal((await refusalOf(wrong, 'p')).code, 'other-wallet');
  assert.equal((await refusalOf(restoreBackupJob(other, out), 'p', 'n')).code, 'wrong-passphrase');
  const restored = await resultOf(restoreBackupJob(other, out), 'of the backup', 'n');
  assert.equal(restored['fingerprint'], fingerprint);
  assert.equal(restored['birthHeight'], 7);
  const brought = decode(walletNotesCodec, new Uint8Array(readFileSync(join(other, 'wallets/main/notes'))));
  assert.deepEqual(brought, { ok: true, value: notes });
  const [account] = recordIn(other).accounts;
  assert.deepEqual([account!.receive.length, account!.change.length], [1_003, 2_200]);
  assert.deepEqual(account!.receive.slice(0, 1_000), recordIn(folder).accounts[0]!.receive);
  const codes = join(other, 'codes.txt');
  writeFileSync(codes, [...qrParts(new Uint8Array(readFileSync(out)))].reverse().join('\n'));
  const fromCodes = await resultOf(restoreBackupJob(other, codes, { name: 'codes' }), 'of the backup', 'n');
  assert.equal(fromCodes['fingerprint'], fingerprint);
});

test('a backup is no secret of a wallet, and one is not taken for the other', async () => {
  const folder = networkFolder();
  await resultOf(createJob(folder), 'p');
  const secret = join(folder, 'wallets/main/secret');
  assert.equal((await refusalOf(restoreBackupJob(folder, secret, { name: 'b' }), 'p', 'n')).code, 'other-kind');
});

test('a backup replaces a file only when that was asked for, and what cannot be written says so', async () => {
  const folder = networkFolder();
  await resultOf(createJob(folder), 'p');
  const out = join(folder, 'main.backup');
  writeFileSync(out, 'old');
  assert.equal((await refusalOf(backupJob(folder, out), 'p')).code, 'exists');
  assert.equal((await refusalOf(backupJob(folder, join(folder, 'none/main.backup')), 'p')).code, 'ENOENT');
  assert.equal(readFileSync(out, 'utf8'), 'old');
  await resultOf(backupJob(folder, out, { force: true }), 'p');
  assert.equal(readFileSync(out, 'latin1').slice(0, 4), 'rnts');
  assert.equal(existsSync(`${out}.partial`), false);
});

test('keys by which the wallet is an heir or a guardian differ, and are the same each time', async () => {
  const folder = networkFolder();
  await resultOf(restoreJob(folder), ZERO_WORDS, 'p');
  const key = async (branch: 'recovery' | 'guardian', index: number): Promise<unknown> =>
    (await resultOf({ kind: 'show-key', ...place(folder), branch, account: 0, index }, 'p'))['key'];
  const heir = await key('recovery', 0);
  assert.match(String(heir), /^rrntk1q/);
  assert.equal(await key('recovery', 0), heir);
  assert.notEqual(await key('guardian', 0), heir);
});

test('words are shown at a terminal only', async () => {
  const folder = networkFolder();
  await resultOf(createJob(folder), 'p');
  assert.equal((await refusalOf({ kind: 'show-words', ...place(folder) }, 'p')).code, 'no-terminal');
});

test('a signer that gets no job ends with an answer', async () => {
  const { child, answer } = startJob({ kind: 'nothing' } as never, []);
  const value = await answer;
  assert.equal(value?.ok, false);
  assert.equal(child.exitCode, 1);
});
