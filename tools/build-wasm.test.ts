import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { moduleFaults, readModule } from '../packages/kernels/src/wasm/inspect-module.ts';
import { compileKernels } from './build-wasm.ts';

/** Compiles one source as an entry of this name, in a folder of its own. */
async function compileSource(name: string, source: string): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'build-wasm-'));
  try {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'index.ts'), source);
    return await compileKernels(name, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const MADD = 'v128.store(a, f32x4.relaxed_madd(v128.load(a), v128.load(a), v128.load(a)));';

test('compileKernels() gives the same bytes every time, fit to be shared by threads', async () => {
  const first = await compileKernels('fixture');
  assert.deepEqual(await compileKernels('fixture'), first);
  assert.deepEqual(moduleFaults(readModule(first), { relaxed: false }), []);
});

test('compileKernels() names file and line of what does not compile', async () => {
  await assert.rejects(compileSource('broken', 'export function f(): i32 { return nothing; }'), /broken\/index.ts/);
});

test('compileKernels() refuses state in a module: strings, mutable globals', async () => {
  await assert.rejects(
    compileSource('text', 'export function f(): usize { return changetype<usize>("text"); }'),
    /data segments/,
  );
  await assert.rejects(compileSource('state', 'let n = 0; export function f(): i32 { return ++n; }'), /mutable/);
});

test('relaxed instructions compile for training and nothing else', async () => {
  const source = `export function f(a: usize): void { ${MADD} }`;
  const contents = readModule(await compileSource('train', source));
  assert.ok(contents.simd.has(0x105));
  await assert.rejects(compileSource('exact', source), /relaxed/);
});
