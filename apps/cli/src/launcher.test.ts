import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readWeights } from '@resonancenet/training/checkpoint-file';
import { sampleText } from './testing/sample-text.ts';

const launcher = fileURLToPath(new URL('../bin/rnt.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rnt-launcher-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('rnt passes output and exit codes through', async () => {
  const child = spawn(process.execPath, [launcher, 'model', 'inspect', '--config', 'devnet', '--json']);
  let shown = '';
  child.stdout.on('data', (part: Buffer) => {
    shown += part.toString();
  });
  assert.deepEqual(await once(child, 'close'), [0, null]);
  assert.equal((JSON.parse(shown) as { dModel: number }).dModel, 64);
  const wrong = spawn(process.execPath, [launcher, 'model', 'inspect'], { stdio: 'ignore' });
  assert.deepEqual(await once(wrong, 'exit'), [2, null]);
});

test('rnt hands on the descriptor of secrets, under its number, to the signer alone', async () => {
  const wallets = ['--data-dir', join(folder, 'data'), '--network', 'regtest', '--rpc-port', '1'];
  const policy = ['--policy', 'emissionReturn(200)', '--kdf-passes', '1', '--json'];
  const args = [launcher, 'wallet', 'create', ...wallets, ...policy, '--secrets-fd', '5'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ignore', 'ignore', 'pipe'] });
  const pipes: readonly unknown[] = child.stdio;
  (pipes[5] as Writable).end('correct horse\n');
  const [said] = await Promise.all([text(child.stdout!), once(child, 'close')]);
  assert.equal((JSON.parse(said) as { encrypted: boolean }).encrypted, true);
});

/** Training without end. */
const training = (out: string): string[] => [
  ...[launcher, 'model', 'train', '--data', join(folder, 'text.txt'), '--config', 'd=16,layers=1', '--window', '16'],
  ...['--steps', '1000000', '--threads', '1', '--out', out, '--json'],
];
writeFileSync(join(folder, 'text.txt'), sampleText(5000, 1));

test('rnt passes a signal on, so that training ends in order', async () => {
  const out = join(folder, 'm.safetensors');
  const child = spawn(process.execPath, training(out), { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.once('data', () => child.kill('SIGINT'));
  child.stdout.resume();
  assert.deepEqual(await once(child, 'exit'), [130, null]);
  assert.equal(readWeights(out).shape.width, 16);
});

test('rnt under npm ends when npm does, though only the shell between is told', {
  skip: process.platform === 'win32' ? 'there is no shell to kill' : false,
}, async () => {
  const out = join(folder, 'orphan.safetensors');
  const shell = spawn('sh', ['-c', '"$@"; exit $?', 'sh', process.execPath, ...training(out)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, npm_command: 'exec' },
  });
  let shown = '';
  shell.stdout.on('data', (part: Buffer) => {
    if (shown === '') shell.kill('SIGTERM');
    shown = (shown + part.toString()).slice(-200);
  });
  // The stream closes when the last process that writes to it has ended.
  await once(shell.stdout, 'end');
  assert.match(shown, /"interrupted":true}\n$/);
  assert.equal(readWeights(out).shape.width, 16);
});
