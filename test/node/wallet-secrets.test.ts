// Secrets are in the signer and nowhere else: data directory, logs, answers and memory of the node are searched, and as a control the signer's.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { text } from 'node:stream/consumers';
import { utf8 } from '@resonancenet/bytes/utf8';
import { masterKey } from '@resonancenet/keys/slip10';
import { mnemonicPhrase } from '@resonancenet/keys/mnemonic';
import { mnemonicSeed } from '@resonancenet/keys/seed';
import { SignerClient } from '@resonancenet/signer/signer-client';
import { findInMemory } from '../support/process-memory.ts';
import { mainFile, NodeProcess } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait.ts';

const onLinux = process.platform === 'linux' ? false : 'the memory of other processes is read on Linux only';

const PASSPHRASE = 'nobody says this passphrase aloud';
const entropy = Uint8Array.from({ length: 32 }, (_, index) => (index * 37 + 11) & 255);
const phrase = mnemonicPhrase({ language: 'english', entropy });
const words = Buffer.from(phrase).toString();
const seed = mnemonicSeed(phrase, new Uint8Array(0));

/** What must not be found, by name; texts also as the engine may keep them, two bytes a character. */
const needles: ReadonlyMap<string, Uint8Array> = new Map([
  ['words', phrase],
  ['three words', utf8(words.split(' ').slice(4, 7).join(' '))],
  ['words, wide', Buffer.from(words, 'utf16le')],
  ['passphrase', utf8(PASSPHRASE)],
  ['passphrase, wide', Buffer.from(PASSPHRASE, 'utf16le')],
  ['entropy', entropy],
  ['seed', seed],
  ['master key', masterKey(seed).privateKey],
]);

/** Runs `rnt wallet ...` with secrets by its standard input; what it said. */
async function wallet(args: readonly string[], secrets: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [mainFile, 'wallet', ...args, '--secrets-fd', '0'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(secrets.map((line) => `${line}\n`).join(''));
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await once(child, 'close')) as [number | null];
  const output = (await said).join('');
  assert.equal(code, 0, output);
  return output;
}

function findInFiles(folder: string): Set<string> {
  const found = new Set<string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (!statSync(path).isFile()) continue;
    for (const needle of findIn(readFileSync(path))) found.add(`${needle} in ${name}`);
  }
  return found;
}

function findIn(bytes: Buffer): string[] {
  return [...needles].filter(([, needle]) => bytes.includes(needle)).map(([name]) => name);
}

test('no secret is in the data directory, the log, the answers or the memory of a node whose wallet is unlocked; the search finds it in the signer', {
  skip: onLinux,
}, async () => {
  const dataDir = tempFolder('secrets');
  const node = await NodeProcess.start({ dataDir });
  const place = ['--data-dir', dataDir, '--network', 'regtest', '--rpc-port', String(node.rpcPort), '--json'];
  const said = [
    await wallet(
      ['restore', 'main', ...place, '--words', '--policy', 'emissionReturn(200)', '--kdf-passes', '1'],
      [words, PASSPHRASE],
    ),
  ];
  const unlocked = await wallet(['unlock', 'main', ...place], [PASSPHRASE]);
  const { pid } = JSON.parse(unlocked) as { readonly pid: number };
  const client = new SignerClient('main', join(node.folder, 'wallets/main'));
  try {
    said.push(
      unlocked,
      await wallet(['backup', 'main', ...place, '--out', join(dataDir, 'main.backup')], [PASSPHRASE]),
    );
    assert.deepEqual(await node.rpc('listwallets'), ['main']);
    for (const method of ['getwalletinfo', 'getnewaddress', 'getbalances'])
      said.push(JSON.stringify(await node.rpc(method)));
    await node.mine(1);
    const control = findInMemory(pid, needles);
    assert.ok(control.has('master key'), `the search finds nothing where the secret is: ${[...control].join()}`);
    assert.deepEqual([...findInMemory(node.pid, needles)], []);
    assert.deepEqual([...findInFiles(dataDir)], []);
    assert.deepEqual(findIn(Buffer.from(said.join('\n'))), []);
    assert.deepEqual(findIn(Buffer.from(JSON.stringify(node.log) + node.errors)), []);
    for (const file of ['cmdline', 'environ']) assert.deepEqual(findIn(readFileSync(`/proc/${pid}/${file}`)), []);
  } finally {
    assert.equal(await client.lock(), true);
  }
  await waitFor(() => !existsSync(`/proc/${pid}/exe`), { what: () => `process ${pid} ends`, timeoutMs: 5_000 });
  await node.stop();
});
