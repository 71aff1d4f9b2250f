import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decode } from '@resonancenet/bytes/decode';
import { costOfSealedFile } from '@resonancenet/keys/sealed-file';
import type { KdfCost } from '@resonancenet/keys/sealing-primitives';
import { type WalletRecord, walletRecordCodec } from '@resonancenet/keys/wallet-record';
import { runJob } from '../run-job.ts';
import { SignerClient } from '../signer-client.ts';
import type { AddAccountJob } from '../signer-job.ts';
import {
  backupJob,
  createJob,
  GivenSecrets,
  networkFolder,
  place,
  refusalOf,
  restoreBackupJob,
  resultOf,
  unlockJob,
} from '../testing/signer-run.ts';

function addJob(folder: string, change: Partial<AddAccountJob> = {}): AddAccountJob {
  const what = { number: null, accountName: 'daily', policy: 'emissionReturn(300)' };
  return { kind: 'add-account', ...place(folder), ...what, ...change };
}

function recordIn(folder: string): WalletRecord {
  const result = decode(walletRecordCodec, new Uint8Array(readFileSync(join(folder, 'wallets/main/public'))));
  assert.ok(result.ok);
  return result.value;
}

const never = (): Promise<never> => Promise.reject(new Error('nobody talks'));

function costIn(folder: string, name: string): KdfCost {
  const cost = costOfSealedFile(new Uint8Array(readFileSync(join(folder, 'wallets', name, 'secret'))));
  assert.ok(cost !== null);
  return cost;
}

test('a wallet gets further accounts, each with its policy; the signer signs for them and a backup has them', async () => {
  const folder = networkFolder();
  await resultOf(createJob(folder), 'p');
  assert.equal((await refusalOf(addJob(folder), 'wrong')).code, 'wrong-passphrase');
  assert.equal((await resultOf(addJob(folder), 'p'))['account'], 1);
  assert.equal((await resultOf(addJob(folder, { number: 7, accountName: '' }), 'p'))['account'], 7);
  assert.equal((await refusalOf(addJob(folder, { number: 7 }), 'p')).code, 'exists');
  assert.equal((await refusalOf(addJob(folder, { policy: 'emissionReturn(199)' }), 'p')).code, 'bad-policy');
  const { accounts } = recordIn(folder);
  assert.deepEqual(
    accounts.map(({ number, name, receive }) => [number, name, receive.length]),
    [
      [0, '', 1_000],
      [1, 'daily', 1_000],
      [7, '', 1_000],
    ],
  );
  assert.equal((await resultOf(unlockJob(folder), 'p'))['completed'], false);
  const client = new SignerClient('main', join(folder, 'wallets/main'));
  assert.ok((await client.window({ account: 7, branch: 'change', first: 1_000, count: 1 })).length > 0);
  assert.equal((await refusalOf(addJob(folder), 'p')).code, 'already-unlocked');
  await client.lock();
  const out = join(folder, 'main.backup');
  await resultOf(backupJob(folder, out), 'p');
  const other = networkFolder();
  await resultOf(restoreBackupJob(other, out), 'p', 'q');
  assert.deepEqual(recordIn(other).accounts, accounts);
});

test('a record that lacks an account, or is damaged, is mended when the wallet is unlocked', async () => {
  const folder = networkFolder();
  await resultOf(createJob(folder), 'p');
  const path = join(folder, 'wallets/main/public');
  const before = readFileSync(path);
  await resultOf(addJob(folder), 'p');
  const after = readFileSync(path);
  const client = new SignerClient('main', join(folder, 'wallets/main'));
  // As if it had been killed between the two files, and as a disk damages one.
  for (const found of [before, after.subarray(0, 99)]) {
    writeFileSync(path, found);
    assert.equal((await resultOf(unlockJob(folder), 'p'))['completed'], true);
    await client.lock();
    assert.deepEqual(readFileSync(path), after);
  }
});

test('a passphrase that costs more than usual is said to, and a wallet without one is not made to cost it', async () => {
  const folder = networkFolder();
  const cost = { memoryKib: 65_536, passes: 4 };
  await resultOf(createJob(folder, { cost, name: 'dear' }), 'p');
  const input = new GivenSecrets(['p'], true);
  const answer = await runJob({ ...addJob(folder), name: 'dear' }, input, { tell: () => undefined, hear: never });
  assert.ok(answer.ok);
  assert.match(input.said.join('\n'), /64 MiB and 4 passes/);
  assert.deepEqual(costIn(folder, 'dear'), cost, 'as it was');
  await resultOf(createJob(folder, { cost, name: 'open', unencrypted: true }));
  assert.equal(costIn(folder, 'open').passes, 3);
  assert.equal((await resultOf(addJob(folder, { name: 'open' })))['account'], 1);
});
