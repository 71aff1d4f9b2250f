// What becomes of a node's wallets when their disk is full or their folder may not be written: the trouble is named, the node goes on, nothing is lost.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { recordAccount, walletRecord, writeWallet } from '@resonancenet/node/wallet/testing/wallet-world';
import { boundByPermissions, NOT_BOUND } from '@resonancenet/storage/testing/bound-by-permissions';
import { NodeProcess, runRnt } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait.ts';

/** A disk of its own, in the node's memory, which nobody else sees. */
const DISK_MIB = 40;
const MIB = 2 ** 20;

function onSmallDisk(folder: string): string[] {
  const mounting = `mount -t tmpfs -o size=${DISK_MIB}m tmpfs "$0" && exec "$@"`;
  return ['unshare', '--mount', '--', 'sh', '-c', mounting, folder];
}

function noSmallDisk(): false | string {
  const [program, ...args] = [...onSmallDisk(tempFolder('small-disk')), 'true'];
  return spawnSync(program!, args).status === 0 ? false : 'this account may not mount a disk of its own';
}

interface Info {
  readonly warnings: readonly string[];
  readonly lastprocessedblock: { readonly height: number };
}

async function make(dataDir: string): Promise<void> {
  const making = ['--policy', 'emissionReturn(5000)', '--unencrypted', '--secrets-fd', '0'];
  const args = ['wallet', 'create', 'alice', ...making, '--network', 'regtest', '--data-dir', dataDir];
  const { code, stderr } = await runRnt(args, {}, 60_000);
  assert.equal(code, 0, stderr);
}

test('a full disk: payments are refused and not sent, the node goes on, and the wallet follows when there is space again', {
  skip: noSmallDisk(),
}, async () => {
  const dataDir = tempFolder('wallet-full');
  await make(dataDir);
  const folder = join(dataDir, 'regtest/wallets/alice');
  const state = join(folder, 'state');
  mkdirSync(state, { mode: 0o700 });
  const node = await NodeProcess.start({ dataDir, before: onSmallDisk(state) });
  const filler = `/proc/${node.pid}/root${state}/filler`;
  const files = ['public', 'secret'].map((name) => readFileSync(join(folder, name)));
  await node.rpc('setminingwallet', ['alice']);
  await node.mine(9);
  const address = await node.rpc<string>('getnewaddress');
  const before = await node.rpc<Record<string, unknown>>('getbalances');
  const place = ['--network', 'regtest', '--data-dir', dataDir, '--json'];
  const unlocked = await runRnt(['wallet', 'unlock', '--until-locked', '--secrets-fd', '0', ...place], {}, 60_000);
  assert.equal(unlocked.code, 0, unlocked.stderr);
  const { pid } = JSON.parse(unlocked.stdout) as { readonly pid: number };
  try {
    writeFileSync(filler, new Uint8Array((DISK_MIB - 10) * MIB));
    const cause = /Writing .*alice\/state is not begun: \d+ bytes are free on its disk, .*Free some space on that disk/;
    for (const [method, params] of [
      ['setlabel', ['a'.repeat(64), 'rent']],
      ['getnewaddress', []],
      ['sendtoaddress', [address, '1']],
    ] as const)
      await assert.rejects(node.rpc(method, params), cause);
    assert.deepEqual(await node.rpc('getrawmempool'), []);
    assert.deepEqual(await node.rpc('getbalances'), before);
    for (let blocks = 0; blocks < 3; blocks += 1) {
      const [id] = await node.mine(1);
      const { warnings } = await waitFor(
        async () => {
          const found = await node.rpc<Info>('getwalletinfo');
          return found.warnings.length > 0 ? found : null;
        },
        { what: () => `the wallet says that it does not follow\n${node.tail()}` },
      );
      assert.match(warnings.join(), cause);
      assert.equal(await node.rpc('getbestblockhash'), id);
    }
    for (const [at, name] of ['public', 'secret'].entries())
      assert.ok(readFileSync(join(folder, name)).equals(files[at]!));

    rmSync(filler);
    await node.mine(1);
    const after = await node.rpc<Info>('getwalletinfo');
    assert.deepEqual([after.warnings, after.lastprocessedblock.height], [[], 13]);
    const { total } = await node.rpc<{ total: string }>('getbalances');
    assert.equal(Number(total), Number(before['total']) + 4 * 50);
    const { txid } = await node.rpc<{ txid: string }>('sendtoaddress', [address, '1']);
    assert.deepEqual(await node.rpc('getrawmempool'), [txid]);
  } finally {
    process.kill(pid, 'SIGKILL');
  }
  await node.stop();
});

const bound = boundByPermissions();

test('a wallet whose folder may not be written is not loaded, with the reason; the node goes on, and loads it when it may', {
  skip: bound ? false : NOT_BOUND,
}, async () => {
  const dataDir = tempFolder('wallet-read-only');
  for (const name of ['alice', 'bob'])
    writeWallet(join(dataDir, 'regtest'), walletRecord(name, [recordAccount(name, 0, 30)]));
  const node = await NodeProcess.start({ dataDir, before: bound! });
  await node.mine(3);
  await node.stop();
  const folder = join(node.folder, 'wallets/alice');
  const files = [folder, join(folder, 'state'), ...['data.mdb', 'lock.mdb'].map((name) => join(folder, 'state', name))];
  const modes = files.map((file) => statSync(file).mode);
  const content = readFileSync(join(folder, 'public'));
  try {
    for (const file of [...files].reverse()) chmodSync(file, statSync(file).isDirectory() ? 0o500 : 0o400);
    await node.restart();
    assert.deepEqual(await node.rpc('listwallets'), ['bob']);
    await assert.rejects(
      node.rpc('loadwallet', ['alice']),
      /alice\/state failed: .*[Pp]ermission denied.*Give this user the right to write there/,
    );
    await node.mine(1);
    assert.equal((await node.rpc<Info>('getwalletinfo')).lastprocessedblock.height, 4);
    assert.ok(node.log.some(({ msg }) => msg === 'a wallet is not loaded'));
    assert.ok(readFileSync(join(folder, 'public')).equals(content));
  } finally {
    for (const [at, file] of files.entries()) chmodSync(file, modes[at]!);
  }
  await node.rpc('loadwallet', ['alice']);
  assert.deepEqual(await node.rpc('listwallets'), ['alice', 'bob']);
});
