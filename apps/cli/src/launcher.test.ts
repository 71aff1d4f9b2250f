import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readWeights } from '@resonancenet/training/checkpoint-file';
import { sampleText } from './testing/sample-text.ts';

const launcher = fileURLToPath(new URL('../bin/rnt.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rnt-launcher-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('rnt passes output and exit codes through', async () => {
  const child = spawn(process.execPath, [launcher, 'model', 'inspect', '--config', 'devnet', '--json']);
  let text = '';
  child.stdout.on('data', (part: Buffer) => {
    text += part.toString();
  });
  assert.deepEqual(await once(child, 'close'), [0, null]);
  assert.equal((JSON.parse(text) as { dModel: number }).dModel, 64);
  const wrong = spawn(process.execPath, [launcher, 'model', 'inspect'], { stdio: 'ignore' });
  assert.deepEqual(await once(wrong, 'exit'), [2, null]);
});

test('rnt passes a signal on, so that training ends in order', async () => {
  const [text, out] = [join(folder, 'text.txt'), join(folder, 'm.safetensors')];
  writeFileSync(text, sampleText(5000, 1));
  const args = ['model', 'train', '--data', text, '--config', 'd=16,layers=1', '--steps', '1000000', '--window', '16'];
  const child = spawn(process.execPath, [launcher, ...args, '--threads', '1', '--out', out, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.once('data', () => child.kill('SIGINT'));
  child.stdout.resume();
  assert.deepEqual(await once(child, 'exit'), [130, null]);
  assert.equal(readWeights(out).shape.width, 16);
});
