// Social recovery on a real node, by commands alone: the owner's folder is gone, two guardians announce, wait and take the coins.

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { NodeProcess, runRnt } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const secrets = ['--secrets-fd', '0'];

async function run<T>(node: NodeProcess, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await runRnt(['wallet', ...args, ...placeOf(node), '--json'], {}, 60_000);
  assert.equal(code, 0, `rnt wallet ${args.join(' ')}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}

function placeOf(node: NodeProcess): string[] {
  return ['--network', 'regtest', '--data-dir', node.options.dataDir, '--rpc-port', String(node.rpcPort)];
}

/** Signs with both guardians, one after the other, and sends. */
async function signAndSend(node: NodeProcess, rntp: string, ...wallets: string[]): Promise<string> {
  let file = join(tempFolder('rntp'), 'transaction.rntp');
  writeFileSync(file, rntp);
  for (const name of wallets) {
    const signed = `${file}.${name}`;
    await run(node, 'rntp', 'sign', file, '--wallet', name, '--out', signed);
    file = signed;
  }
  return (await run<{ txid: string }>(node, 'rntp', 'send', file)).txid;
}

test('two guardians recover a lost account: too early is refused with the height, then all arrives but the fee', async () => {
  const node = await NodeProcess.start({ dataDir: tempFolder('guardians') });
  const names = ['anna', 'boris'];
  const signers: string[] = [];
  for (const name of names) {
    const making = ['--policy', 'emissionReturn(1000)', '--unencrypted', ...secrets];
    const { fingerprint } = await run<{ fingerprint: string }>(node, 'create', name, ...making);
    const { key } = await run<{ key: string }>(node, 'show-key', 'guardian', name, ...secrets);
    signers.push(`${key}@${fingerprint}`);
  }
  const wait = regtest.recovery.socialWaitMin;
  const policy = `social(${wait}, 2, ${signers.map((text) => text.split('@')[0]).join(', ')})`;
  await run(node, 'create', 'lost', '--policy', policy, '--unencrypted', ...secrets);
  const windows = join(tempFolder('windows'), 'lost.window');
  await run(node, 'kit', 'lost', '--window-out', windows);
  for (const name of [...names, 'lost'])
    if (!(await node.rpc<string[]>('listwallets')).includes(name)) await run(node, 'load', name);
  await run(node, 'mine', '--wallet', 'lost');
  await node.mine(1);
  await run(node, 'mine', '--wallet', 'anna');
  await node.mine(regtest.coinbaseMaturity + 1);
  await run(node, 'unload', 'lost');
  rmSync(join(node.folder, 'wallets', 'lost'), { recursive: true });
  await run(node, 'recovery', 'watch', 'ours', windows);
  const to = await run<string>(node, 'address', '--wallet', 'boris');
  const of = ['--wallet', 'ours', '--signer', ...signers];
  const claim = ['recovery', 'claim', ...of];
  const none = await runRnt(['wallet', ...claim, ...placeOf(node)], {}, 60_000);
  assert.match(none.stderr, /no announcement stands/);
  try {
    for (const name of names) await run(node, 'unlock', name, '--until-locked', ...secrets);
    const announced = await run<{ rntp: string }>(node, 'recovery', 'announce', to, '--payer', 'anna', ...of);
    await signAndSend(node, announced.rntp, ...names);
    await node.mine(1);
    const opens = (await node.rpc<number>('getblockcount')) + wait;
    const [status] = await run<[{ announcement: { opens: number; destination: string } }]>(
      node,
      'recovery',
      'status',
      '--wallet',
      'ours',
    );
    assert.deepEqual([status.announcement.opens, status.announcement.destination], [opens, to]);
    await node.mine(wait - 2);
    const early = await runRnt(['wallet', ...claim, ...placeOf(node)], {}, 60_000);
    assert.equal(early.code, 1);
    assert.match(early.stderr, new RegExp(`too early: opens at height ${opens}, the next block is ${opens - 1}`));
    await node.mine(1);
    const built = await run<{ rntp: string; amount: string; fee: string }>(node, ...claim);
    const txid = await signAndSend(node, built.rntp, ...names);
    await node.mine(1);
    const got = await run<{ details: { credit: string }[] }>(node, 'transaction', txid, '--wallet', 'boris');
    assert.equal(got.details[0]!.credit, built.amount);
    assert.equal((await run<{ total: string }>(node, 'balance', '--wallet', 'ours')).total, '0');
  } finally {
    for (const name of names) await run(node, 'lock', name);
  }
});
