// The long form of wallet-secrets.test.ts: after a wallet was restored, unlocked and used, its words, entropy, seed, passphrases and private keys are
// searched in all memory of the node that can be read, which is what a core file of it would hold, in every form that something could print them in.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { utf8 } from '@resonancenet/bytes/utf8';
import { mnemonicPhrase } from '@resonancenet/keys/mnemonic';
import { mnemonicSeed } from '@resonancenet/keys/seed';
import { childKey, masterKey } from '@resonancenet/keys/slip10';
import { SignerClient } from '@resonancenet/signer/signer-client';
import { mainFile, NodeProcess } from '../support/node-process.ts';
import { findInMemory } from '../support/process-memory.ts';
import { findInBytes, findInFile, findInFolder, type Needles, needlesOf } from '../support/secret-needles.ts';
import { tempFolder } from '../support/temp-folder.ts';

const onLinux = process.platform === 'linux' ? false : 'core files of running processes are written on Linux only';
const GIB = 2 ** 30;
/** gdb writes out what WebAssembly only reserves: 10 GB of a signer, 50 GB of a node, whose memory is therefore read where it is. */
const CORE_ROOM = 24 * GIB;

function noCore(): false | string {
  if (onLinux !== false) return onLinux;
  if (['gdb', 'gcore'].some((program) => spawnSync(program, ['--version']).error !== undefined))
    return 'there is no gdb with gcore';
  const { bavail, bsize } = statfsSync(tmpdir());
  return bavail * bsize > CORE_ROOM ? false : 'a core file needs 24 GiB of disk';
}

const PASSPHRASE = 'nobody writes this passphrase down';
const WORDS_PASSPHRASE = 'the words have one of their own';
const entropy = Uint8Array.from({ length: 32 }, (_, index) => (index * 53 + 29) & 255);
const phrase = mnemonicPhrase({ language: 'english', entropy });
const words = Buffer.from(phrase).toString();
const seed = mnemonicSeed(phrase, utf8(WORDS_PASSPHRASE));

/** Of a path below m/44'/9555'. */
function keyAt(...indexes: readonly number[]): Uint8Array {
  let node = masterKey(seed);
  for (const index of [44, 9_555, ...indexes]) node = childKey(node, index);
  return node.privateKey;
}

const secrets = {
  words,
  'three words': words.split(' ').slice(9, 12).join(' '),
  passphrase: PASSPHRASE,
  'passphrase of the words': WORDS_PASSPHRASE,
  entropy,
  seed,
  'master key': masterKey(seed).privateKey,
  'account key': keyAt(0),
  'key of address 0': keyAt(0, 0, 0),
  'key of address 1': keyAt(0, 0, 1),
  'key of change 0': keyAt(0, 1, 0),
  'liveness key': keyAt(0, 2, 0),
};
const needles = needlesOf(secrets);

async function wallet(args: readonly string[], lines: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [mainFile, 'wallet', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await once(child, 'close')) as [number | null];
  const output = (await said).join('');
  assert.equal(code, 0, output);
  return output;
}

/** What a core file of a process holds, as gdb writes it. */
function findInCore(pid: number, wanted: Needles): { readonly found: Set<string>; readonly mib: number } {
  const folder = tempFolder('core');
  const { status, stderr } = spawnSync('gcore', ['-o', join(folder, 'core'), String(pid)], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const path = join(folder, `core.${pid}`);
  try {
    return { found: findInFile(path, wanted), mib: Math.round(statSync(path).size / 2 ** 20) };
  } finally {
    rmSync(path);
  }
}

test('all that a core of the node would hold has no secret of a wallet that it has paid from, nor have its files, log and answers; the signer has', {
  skip: onLinux,
}, async (context) => {
  const dataDir = tempFolder('secrets');
  const node = await NodeProcess.start({ dataDir });
  const place = ['--data-dir', dataDir, '--network', 'regtest', '--rpc-port', String(node.rpcPort), '--json'];
  const fd = ['--secrets-fd', '0'];
  const restoring = ['--words', '--policy', 'emissionReturn(200)', '--words-passphrase', '--kdf-passes', '1'];
  const said = [
    await wallet(['restore', 'main', ...place, ...fd, ...restoring], [words, WORDS_PASSPHRASE, PASSPHRASE]),
  ];
  const unlocked = await wallet(['unlock', 'main', ...place, ...fd], [PASSPHRASE]);
  const { pid } = JSON.parse(unlocked) as { readonly pid: number };
  const client = new SignerClient('main', join(node.folder, 'wallets/main'));
  try {
    await node.rpc('setminingwallet', ['main']);
    await node.mine(8);
    const address = await node.rpc<string>('getnewaddress');
    for (const [method, params] of [
      ['getwalletinfo', []],
      ['sendtoaddress', [address, '1.5']],
      ['signmessage', [address, 'this is me']],
      ['createfundedrntp', [{ [address]: '2' }]],
      ['heartbeat', []],
      ['listtransactions', []],
      ['getbackupinfo', []],
      ['getaddressinfo', [address]],
    ] as const)
      said.push(
        await node.rpc(method, params as never).then(
          (result) => JSON.stringify(result),
          (error: unknown) => String(error),
        ),
      );
    await node.mine(1);
    const backup = ['backup', 'main', ...place, ...fd, '--out', join(dataDir, 'main.backup')];
    said.push(unlocked, await wallet(backup, [PASSPHRASE]));
    const control = findInMemory(pid, needles, 'all');
    context.diagnostic(`${needles.size} forms of ${Object.keys(secrets).length} secrets are searched`);
    context.diagnostic(`in the signer: ${[...control].join('; ')}`);
    assert.ok(control.has('master key'), 'the search finds nothing where the secret is');
    assert.deepEqual([...findInMemory(node.pid, needles, 'all')], []);
    assert.deepEqual(findInFolder(dataDir, needles), []);
    assert.deepEqual(findInBytes(Buffer.from(said.join('\n')), needles), []);
    assert.deepEqual(findInBytes(Buffer.from(JSON.stringify(node.log) + node.errors), needles), []);
  } finally {
    assert.equal(await client.lock(), true);
  }
  await node.stop();
});

test('a core file of the signer holds what the search finds in its memory: to read memory is to read the core', {
  skip: noCore(),
}, async (context) => {
  const place = ['--data-dir', tempFolder('core'), '--network', 'regtest', '--json', '--secrets-fd', '0'];
  const restoring = ['--words', '--policy', 'emissionReturn(200)', '--words-passphrase', '--kdf-passes', '1'];
  await wallet(['restore', 'main', ...place, ...restoring], [words, WORDS_PASSPHRASE, PASSPHRASE]);
  const { pid } = JSON.parse(await wallet(['unlock', 'main', ...place], [PASSPHRASE])) as { readonly pid: number };
  try {
    const core = findInCore(pid, needles);
    context.diagnostic(`${core.mib} MiB: ${[...core.found].join('; ')}`);
    assert.ok(core.found.has('master key'));
    assert.deepEqual([...core.found].sort(), [...findInMemory(pid, needles, 'all')].sort());
  } finally {
    process.kill(pid, 'SIGKILL');
  }
});

test('the search finds each form of a secret', () => {
  const sample = needlesOf({ key: entropy, text: PASSPHRASE });
  for (const [name, secret] of [
    ['key', Buffer.from(entropy)],
    ['text', Buffer.from(PASSPHRASE)],
  ] as const) {
    const around = (middle: Buffer): Buffer => Buffer.concat([Buffer.from([1, 2, 3]), middle, Buffer.from([4, 5])]);
    assert.ok(findInBytes(around(secret), sample).includes(name));
    assert.ok(findInBytes(Buffer.from(around(secret).toString('hex')), sample).includes(`${name}, hex`));
    for (const shift of [0, 1, 2]) {
      const text64 = Buffer.concat([Buffer.alloc(shift, 7), secret, Buffer.alloc(5, 9)]).toString('base64');
      assert.ok(findInBytes(Buffer.from(text64), sample).includes(`${name}, base64 ${shift}`), `${name} ${shift}`);
    }
  }
});
