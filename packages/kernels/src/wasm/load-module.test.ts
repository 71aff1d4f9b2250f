import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readModule } from './inspect-module.ts';
import { loadKernels } from './load-module.ts';

const folder = mkdtempSync(join(tmpdir(), 'rnt-kernels-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const script = fileURLToPath(new URL('../testing/load-and-evaluate.ts', import.meta.url));
const functions = readModule(readFileSync(new URL('../../build/exact.wasm', import.meta.url))).functions;

/**
 * Functions compiled for speed in each copy of the exact module, in a process whose threads all load `codes` at once and evaluate with each of them for a while.
 * Other modules of the process (Node has some) have other numbers of functions.
 */
async function compiledForSpeed(threads: number, codes: readonly string[]): Promise<number[]> {
  const told = join(folder, `${threads}-${codes.join('-')}`);
  const file = await open(told, 'w');
  // To a file: V8 loses what a pipe does not take at once.
  const args = ['--trace-wasm-compilation-times', script, `${threads}`, ...codes];
  const child = spawn(process.execPath, args, { stdio: ['ignore', file.fd, 'inherit'] });
  const [code] = await once(child, 'exit');
  await file.close();
  assert.equal(code, 0);
  const copies = new Map<string, { baseline: number; speed: number }>();
  for (const [, copy, compiler] of readFileSync(told, 'utf8').matchAll(/(0x[0-9a-f]+)#\d+ using (Liftoff|TurboFan)/g)) {
    const counts = copies.get(copy!) ?? { baseline: 0, speed: 0 };
    if (compiler === 'Liftoff') counts.baseline += 1;
    else counts.speed += 1;
    copies.set(copy!, counts);
  }
  return [...copies.values()]
    .filter(({ baseline }) => baseline === functions)
    .map(({ speed }) => speed)
    .sort((a, b) => a - b);
}

test('plain code stays plain, whatever is loaded and run beside it, and fast code becomes fast', async () => {
  const [plain, fast, both] = await Promise.all([
    compiledForSpeed(1, ['plain']),
    compiledForSpeed(1, ['fast']),
    compiledForSpeed(3, ['plain', 'fast']),
  ]);
  assert.deepEqual(plain, [0]);
  assert.ok(fast.length === 1 && fast[0]! > 0, `${fast} functions`);
  // Each is compiled once for all threads of a process.
  assert.ok(both.length === 2 && both[0] === 0 && both[1]! > 0, `${both} functions`);
});

test('kernels that are not built are named, with the command that builds them', async () => {
  await assert.rejects(loadKernels('no-such-kernels'), { code: 'KERNELS_NOT_BUILT', message: /npm run build/ });
});
