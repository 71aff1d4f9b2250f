// A wallet whose keys are on a machine without a node: watched, paid, and signed for there.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { NodeProcess } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { runWallet, walletResult, withoutNode } from '../support/wallet-run.ts';

const open = ['--policy', 'emissionReturn(1000)', '--unencrypted', '--kdf-passes', '1', '--secrets-fd', '0'];
const secretsByPipe = ['--secrets-fd', '0'];

test('the watching node never has a key: it builds, the other machine signs without a node, the first one sends', async () => {
  const folder = tempFolder('cold');
  const cold = withoutNode(join(folder, 'data'));
  const node = await NodeProcess.start({ dataDir: tempFolder('hot') });
  await walletResult(node, ['create', 'miner', ...open]);
  await walletResult(cold, ['create', 'cold', ...open]);
  const [keys, more, payment, signed] = ['keys', 'more', 'payment', 'signed'].map((name) => join(folder, name));
  await walletResult(cold, ['export-keys', 'cold', '--out', keys!, '--count', '25']);
  await walletResult(cold, ['export-keys', '--out', more!, '--first', '25', '--count', '1000', ...secretsByPipe]);
  await walletResult(node, ['watch', 'cold', keys!]);
  await walletResult(node, ['mine', '--wallet', 'miner']);
  await node.mine(regtest.coinbaseMaturity + 1);
  const back = await walletResult<string>(node, ['address', '--wallet', 'miner']);
  const addresses: string[] = [];
  for (let given = 0; given < 6; given++)
    addresses.push(await walletResult<string>(node, ['address', '--wallet', 'cold']));
  await walletResult(node, ['unlock', 'miner', '--until-locked', ...secretsByPipe]);
  try {
    await walletResult(node, ['send', addresses[5]!, '3', '--wallet', 'miner']);
  } finally {
    await walletResult(node, ['lock', 'miner']);
  }
  await node.mine(1);
  const info = await walletResult<{ watchonly: boolean; warnings: string[] }>(node, ['info', '--wallet', 'cold']);
  assert.equal(info.watchonly, true);
  assert.match(info.warnings.join(), /export-keys --account 0 --first 25.*rnt wallet watch/);
  await walletResult(node, ['watch', 'cold', more!]);
  const again = await walletResult<typeof info>(node, ['info', '--wallet', 'cold']);
  assert.deepEqual(again.warnings, []);

  const refused = await runWallet(node, ['send', back, '1', '--wallet', 'cold']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /only watches, its keys are elsewhere: rnt wallet rntp create/);
  await walletResult(node, ['rntp', 'create', `${back}=1.25`, '--wallet', 'cold', '--out', payment!]);
  const locked = await runWallet(cold, ['rntp', 'sign', payment!, '--yes']);
  assert.match(locked.stderr, /locked: unlock it with rnt wallet unlock cold/);
  await walletResult(cold, ['unlock', '--until-locked', ...secretsByPipe]);
  try {
    const sign = ['rntp', 'sign', payment!, '--yes', '--out', signed!];
    const { review } = await walletResult<{ review: { leaves: string; complete: boolean } }>(cold, sign);
    assert.match(review.leaves, /^1\.25/);
    const proof = await walletResult<string>(cold, ['sign-message', addresses[0]!, 'this is me']);
    const check = ['verify-message', addresses[0]!, proof, 'this is me', '--wallet', 'cold'];
    assert.equal(await walletResult(node, check), true);
  } finally {
    await walletResult(cold, ['lock']);
  }
  const { txid } = await walletResult<{ txid: string }>(node, ['rntp', 'send', signed!]);
  await node.mine(1);
  const [entry] = await walletResult<{ txid: string; amount: string; fee: string }[]>(node, [
    'history',
    '--wallet',
    'cold',
  ]);
  assert.equal(entry!.txid, txid);
  const { total } = await walletResult<{ total: string }>(node, ['balance', '--wallet', 'cold']);
  const left = 3 - 1.25 - Number(entry!.fee);
  assert.ok(Math.abs(Number(total) - left) < 1e-9, total);
});
