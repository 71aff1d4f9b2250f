// Memory of training at the genesis shape (issue bar): as anyone runs it, from the text to the checkpoint file.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { spawnRnt } from '../support/node-process.ts';
import { ownMemoryBytes } from '../support/own-memory.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { within } from '../support/wait.ts';

const text = fileURLToPath(new URL('../../spec/*.md', import.meta.url));
const minutes = 60_000;
const gibibyte = 2 ** 30;

test('training at the genesis shape, 8 x 512 tokens, takes less than 4 GiB', {
  skip: process.platform === 'linux' ? false : 'memory is read from /proc',
  timeout: 15 * minutes,
}, async (context) => {
  const folder = tempFolder('genesis');
  const out = join(folder, 'genesis.safetensors');
  const shape = ['--config', 'genesis', '--batch', '8', '--window', '512'];
  const startedMs = performance.now();
  const child = spawnRnt(['model', 'train', '--data', text, ...shape, '--steps', '3', '--out', out, '--json']);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (part: Buffer) => {
      said += part.toString();
    });
  let peak = 0;
  const sampler = setInterval(() => {
    peak = Math.max(peak, ownMemoryBytes(child.pid ?? 0) ?? 0);
  }, 20);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const code = await within(ended, 14 * minutes, 'three updates are done').finally(() => clearInterval(sampler));
  const seconds = (performance.now() - startedMs) / 1000;
  const figures = `peak ${(peak / gibibyte).toFixed(2)} GiB over three updates and the checkpoint, ${seconds.toFixed(0)} s`;
  context.diagnostic(figures);
  assert.equal(code, 0, said);
  assert.match(said, /"step":3/);
  assert.ok(statSync(out).size > 2 * 33_620_736, 'the checkpoint is complete');
  assert.ok(peak > gibibyte / 4 && peak < 4 * gibibyte, figures);
});
