// A wallet comes back from its words alone on a real node: what the chain shows of each policy, and what it cannot show.

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { NodeProcess } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { runWallet as run, walletResult as result } from '../support/wallet-run.ts';

const WORDS = `${'abandon '.repeat(23)}art`;
const secretsByPipe = ['--secrets-fd', '0'];
const open = ['--unencrypted', '--kdf-passes', '1', ...secretsByPipe];

test('words alone bring back what paid, and emission return that was paid; what only received needs its line', async () => {
  const node = await NodeProcess.start({ dataDir: tempFolder('words') });
  await result(node, ['create', 'miner', '--policy', 'emissionReturn(1000)', ...open]);
  const { key } = await result<{ key: string }>(node, ['show-key', 'recovery', 'miner', ...secretsByPipe]);
  const policies = [
    'emissionReturn(400)',
    `heartbeat(60, 50, ${key})`,
    `social(${regtest.recovery.socialWaitMin}, 1, ${key})`,
    `heartbeat(70, 40, ${key})`,
    `heartbeat(80, 30, ${key})`,
    'emissionReturn(500)',
  ];
  await result(node, ['restore', 'lost', '--words', '--policy', policies[0]!, ...open], [WORDS]);
  for (const policy of policies.slice(1))
    await result(node, ['account', 'add', '--wallet', 'lost', '--policy', policy, ...secretsByPipe]);
  await result(node, ['mine', '--wallet', 'miner']);
  await node.mine(regtest.coinbaseMaturity + 1);
  for (const name of ['miner', 'lost']) await result(node, ['unlock', name, '--until-locked', ...secretsByPipe]);
  try {
    const addresses: string[] = [];
    for (const account of policies.keys())
      addresses.push(await result(node, ['address', '--wallet', 'lost', '--account', String(account)]));
    const payments = addresses.map((address, index) => `${address}=${index + 1}`);
    await result(node, ['send-many', ...payments, '--wallet', 'miner']);
    await node.mine(1);
    const back = await result<string>(node, ['address', '--wallet', 'miner']);
    // Accounts 1 and 2 pay with a sign of life, 3 without; 0, 4 and 5 only received.
    for (const [account, ...more] of [['1'], ['2'], ['3', '--no-heartbeat']])
      await result(node, ['send', back, '0.5', '--wallet', 'lost', '--account', account!, ...more]);
    await node.mine(1);
  } finally {
    for (const name of ['miner', 'lost']) await result(node, ['lock', name]);
  }
  interface Balances {
    readonly accounts: readonly { readonly account: number; readonly total: string }[];
  }
  const before = await result<Balances>(node, ['balance', '--wallet', 'lost']);
  await result(node, ['unload', 'lost']);
  rmSync(join(node.folder, 'wallets', 'lost'), { recursive: true });

  const restore = ['restore', 'again', '--words', '--accounts', '7', ...open];
  const made = await result<{ accounts: { number: number }[]; unseen: number[] }>(node, restore, [WORDS]);
  assert.deepEqual(
    made.accounts.map(({ number }) => number),
    [0, 1, 2, 3, 5],
  );
  assert.deepEqual(made.unseen, [4]);
  const line = ['account', 'add', '--wallet', 'again', '--number', '4', '--used', '--policy', policies[4]!];
  await result(node, [...line, ...secretsByPipe]);
  const after = await result<Balances>(node, ['balance', '--wallet', 'again']);
  const totals = ({ accounts }: Balances): unknown => accounts.map(({ account, total }) => [account, total]);
  assert.deepEqual(totals(after), totals(before), 'exact to one resonance');

  const other = ['restore', 'other', '--words', '--words-passphrase', ...open];
  const nothing = await run(node, other, [WORDS, 'TREZOR']);
  assert.equal(nothing.code, 1);
  assert.match(nothing.stderr, /show nothing of these words/);
  await node.stop();
  const withoutNode = await run(node, ['restore', 'third', '--words', ...open], [WORDS]);
  assert.equal(withoutNode.code, 2);
  assert.match(withoutNode.stderr, /no node answers.*--policy/);
});
