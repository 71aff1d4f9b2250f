// Wallets that a node watches: the chain's blocks and the pool's transactions in them, across restarts, kills and reorganisations.

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { recordAccount, walletRecord, writeWallet } from '@resonancenet/node/wallet/testing/wallet-world';
import { encodeAddress } from '@resonancenet/primitives/address';
import { regtest } from '@resonancenet/params/regtest';
import { LmdbWalletStore } from '@resonancenet/storage/lmdb-wallet-store';
import { WalletAccount } from '@resonancenet/wallet/wallet-account';
import { NodeProcess, runRnt } from '../support/node-process.ts';
import { callRpc } from '../support/rpc-client.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface Balances {
  readonly immature: string;
  readonly confirmed: string;
  readonly total: string;
  readonly lastprocessedblock: { readonly height: number; readonly hash: string };
}

/** Writes a wallet's folder and gives its first address. */
function makeWallet(dataDir: string, name: string): string {
  const account = recordAccount(name, 0, 30);
  const record = walletRecord(name, [account]);
  writeWallet(join(dataDir, 'regtest'), record);
  const { terms, siblingHash } = account.policy;
  const ranges = [{ branch: 'receive', first: 0, publicKeys: account.receive }] as const;
  const watched = new WalletAccount({ number: 0, fingerprint: record.fingerprint, terms, siblingHash, ranges });
  return encodeAddress(regtest.addressPrefix, watched.destination('receive', 0)!);
}

test('a wallet has what blocks pay it, after a kill, a reorganisation and a rescan too', async () => {
  const dataDir = tempFolder('wallet');
  const address = makeWallet(dataDir, 'alice');
  const node = await NodeProcess.start({ dataDir, flags: ['--pay-to', address] });
  const ids = await node.mine(4);
  const before = await node.rpc<Balances>('getbalances');
  assert.equal(before.lastprocessedblock.hash, ids.at(-1));
  assert.ok(Number(before.immature) > 0);
  assert.equal(before.total, before.immature);
  await node.kill();
  await node.restart();
  assert.deepEqual(await node.rpc('getbalances'), before);
  const coins = await node.rpc<{ height: number; address: string }[]>('listunspent');
  assert.deepEqual(coins.map(({ height }) => height).sort(), [1, 2, 3, 4]);
  assert.ok(coins.every((coin) => coin.address === address));

  await node.rpc('invalidateblock', [ids[2]!]);
  assert.deepEqual((await node.rpc<unknown[]>('listunspent')).length, 2);
  await node.rpc('reconsiderblock', [ids[2]!]);
  assert.deepEqual(await node.rpc('getbalances'), before);
  assert.deepEqual(await node.rpc('rescanblockchain', [true]), { start_height: 1, stop_height: 4 });
  assert.deepEqual(await node.rpc('getbalances'), before);
  await node.stop();
  // The store is closed in order, and is where the node was.
  const store = LmdbWalletStore.open(join(node.folder, 'wallets', 'alice', 'state'));
  assert.notEqual(store.undoOf(4), null);
  await store.close();
});

test('two wallets of one node are asked by their names', async () => {
  const dataDir = tempFolder('wallets');
  const [alice] = ['alice', 'bob'].map((name) => makeWallet(dataDir, name));
  const node = await NodeProcess.start({ dataDir, flags: ['--pay-to', alice!] });
  await node.mine(1);
  const ask = <T>(wallet: string, method: string, params: unknown[] = []): Promise<T> =>
    callRpc<T>(node.rpcPort, node.cookieFile, method, params, `/wallet/${wallet}`);
  assert.deepEqual(await node.rpc('listwallets'), ['alice', 'bob']);
  assert.equal((await ask<unknown[]>('alice', 'listunspent')).length, 1);
  assert.equal((await ask<unknown[]>('bob', 'listunspent')).length, 0);
  await assert.rejects(ask('carl', 'getwalletinfo'), /not loaded/);
  await assert.rejects(node.rpc('getwalletinfo'), /2 wallets are loaded \(alice, bob\)/);
  assert.deepEqual(await ask('alice', 'unloadwallet'), { name: 'alice' });
  assert.equal(await node.rpc<{ walletname: string }>('getwalletinfo').then(({ walletname }) => walletname), 'bob');
});

/** `rnt wallet ...` on a node's folder; what it prints, or its error. */
async function walletCommand<T>(node: NodeProcess, ...args: string[]): Promise<T> {
  const place = placeOf(node);
  const { code, stdout, stderr } = await runRnt(['wallet', ...args, ...place, '--json'], {}, 60_000);
  assert.equal(code, 0, `rnt wallet ${args.join(' ')}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}

function placeOf(node: NodeProcess): string[] {
  return ['--network', 'regtest', '--data-dir', node.options.dataDir, '--rpc-port', String(node.rpcPort)];
}

test('two wallets with their signers: made, paid, locked, paid back, by commands alone', async () => {
  const node = await NodeProcess.start({ dataDir: tempFolder('pay') });
  const making = ['--policy', 'emissionReturn(1000)', '--unencrypted', '--secrets-fd', '0'];
  for (const name of ['alice', 'bob']) await walletCommand(node, 'create', name, ...making);
  for (const name of ['alice', 'bob'])
    if (!(await node.rpc<string[]>('listwallets')).includes(name)) await walletCommand(node, 'load', name);
  const [alice, bob] = [['--wallet', 'alice'] as const, ['--wallet', 'bob'] as const];
  await node.rpc('setminingwallet', ['alice']);
  await node.mine(regtest.coinbaseMaturity + 1);
  const paid = await walletCommand<string>(node, 'address', 'from alice', ...bob);
  const unlocking = ['--until-locked', '--secrets-fd', '0'];
  await walletCommand(node, 'unlock', 'alice', ...unlocking);
  try {
    const sent = await walletCommand<{ txid: string; fee: string }>(node, 'send', paid, '1.25', ...alice);
    await node.mine(1);
    const balance = await walletCommand<{ confirmed: string }>(node, 'balance', ...bob);
    assert.equal(balance.confirmed, '1.25');
    const [entry] = await walletCommand<Record<string, unknown>[]>(node, 'history', '--count', '1', ...bob);
    assert.deepEqual([entry!['txid'], entry!['amount']], [sent.txid, '1.25']);
    await textsAreSigned(node, await walletCommand<string>(node, 'address', ...alice), paid);
  } finally {
    await walletCommand(node, 'lock', 'alice');
  }
  for (const command of [
    ['send', paid, '1'],
    ['sign-message', await walletCommand<string>(node, 'address', ...alice), 'this is me'],
  ]) {
    const locked = await runRnt(['wallet', ...command, ...alice, ...placeOf(node)], {}, 60_000);
    assert.equal(locked.code, 1);
    assert.match(locked.stderr, /locked: unlock it with rnt wallet unlock alice/);
  }
});

/** By the unlocked wallet alice, for an address of her own, and not for one of another wallet. */
async function textsAreSigned(node: NodeProcess, own: string, foreign: string): Promise<void> {
  const text = 'this is me: ä ☂';
  const signature = await walletCommand<string>(node, 'sign-message', own, text, '--wallet', 'alice');
  assert.equal(await walletCommand(node, 'verify-message', own, signature, text), true);
  const other = ['wallet', 'verify-message', own, signature, 'this is you', ...placeOf(node)];
  const refused = await runRnt(other, {}, 60_000);
  assert.equal(refused.code, 1);
  assert.match(refused.stdout, /NOT signed by the holder/);
  assert.equal(await node.rpc('verifymessage', [foreign, signature, text]), false);
  await assert.rejects(
    node.rpc('verifymessage', [own, signature.slice(2), text]),
    /the signature cannot be read, copy it again/,
  );
  const byAlice = callRpc(node.rpcPort, node.cookieFile, 'signmessage', [foreign, text], '/wallet/alice');
  await assert.rejects(byAlice, /is no address of wallet 'alice': it signs for its own/);
}

test('a lost wallet is taken over by its heir: a block too early is refused with the height, then all arrives but the fee', async () => {
  const node = await NodeProcess.start({ dataDir: tempFolder('heir') });
  const { recovery, coinbaseMaturity } = regtest;
  const blocks = Math.max(recovery.heartbeatIntervalMin, coinbaseMaturity + 3);
  const plain = ['--policy', 'emissionReturn(1000)', '--unencrypted', '--secrets-fd', '0'];
  await walletCommand(node, 'create', 'heir', ...plain);
  const { key } = await walletCommand<{ key: string }>(node, 'show-key', 'recovery', 'heir', '--secrets-fd', '0');
  const policy = `heartbeat(${blocks}, 1, ${key})`;
  await walletCommand(node, 'create', 'lost', '--policy', policy, '--unencrypted', '--secrets-fd', '0');
  const windows = join(tempFolder('windows'), 'lost.window');
  await walletCommand(node, 'kit', 'lost', '--window-out', windows);
  for (const name of ['heir', 'lost'])
    if (!(await node.rpc<string[]>('listwallets')).includes(name)) await walletCommand(node, 'load', name);
  const to = await walletCommand<string>(node, 'address', '--wallet', 'heir');
  await walletCommand(node, 'mine', '--wallet', 'lost');
  await node.mine(1);
  await walletCommand(node, 'mine', '--wallet', 'heir');
  await walletCommand(node, 'unload', 'lost');
  rmSync(join(node.folder, 'wallets', 'lost'), { recursive: true });

  await walletCommand(node, 'recovery', 'watch', 'annas', windows);
  const opens = 1 + blocks + 1;
  await node.mine(opens - 3);
  const claim = ['recovery', 'claim', '--wallet', 'annas', '--to', to];
  const place = placeOf(node);
  const early = await runRnt(['wallet', ...claim, ...place], {}, 60_000);
  assert.equal(early.code, 1);
  assert.match(early.stderr, new RegExp(`too early: opens at height ${opens}, the next block is ${opens - 1}`));
  await node.mine(1);
  const built = await walletCommand<{ rntp: string; amount: string; fee: string }>(node, ...claim);
  await walletCommand(node, 'unlock', 'heir', '--until-locked', '--secrets-fd', '0');
  try {
    const file = join(tempFolder('claim'), 'claim.rntp');
    writeFileSync(file, built.rntp);
    const signed = `${file}.signed`;
    const signing = ['rntp', 'sign', file, '--wallet', 'heir', '--out', signed];
    const unasked = await runRnt(['wallet', ...signing, ...place], {}, 60_000);
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /RECOVERY BY THE HEIR: takes 1 coins, 50 RNT, of account 0 of wallet 'annas'/);
    assert.match(unasked.stderr, /Nothing is signed without --yes/);
    const { review } = await walletCommand<{ review: Record<string, unknown> }>(node, ...signing, '--yes');
    assert.deepEqual([review['leaves'], review['ownSpent']], [`-${built.amount}`, '0']);
    const { txid } = await walletCommand<{ txid: string }>(node, 'rntp', 'send', signed);
    await node.mine(1);
    const got = await walletCommand<{ details: { credit: string }[] }>(node, 'transaction', txid, '--wallet', 'heir');
    assert.equal(got.details[0]!.credit, built.amount);
    assert.equal((await walletCommand<{ total: string }>(node, 'balance', '--wallet', 'annas')).total, '0');
  } finally {
    await walletCommand(node, 'lock', 'heir');
  }
});
