import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packages = resolve(here, '../../..');

/** Files that `file` imports, by the rules of this project: relative paths with their ending, and packages by file. Platform modules are left out. */
function importsOf(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].flatMap(([, name]) => {
    if (name!.startsWith('.')) return [resolve(dirname(file), name!)];
    const own = /^@resonancenet\/([^/]+)\/(.+)$/.exec(name!);
    return own === null ? [] : [resolve(packages, own[1]!, 'src', `${own[2]}.ts`)];
  });
}

/** All files reachable from these. */
function closure(files: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const left = [...files];
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    left.push(...importsOf(file));
  }
  return seen;
}

const wasmFiles = (files: Iterable<string>): string[] =>
  [...files].map((file) => relative(packages, file)).filter((file) => file.startsWith('kernels/src/wasm/'));

test('the reference imports nothing of the WebAssembly host', () => {
  const sources = readdirSync(here).filter((name) => name.endsWith('.ts') && !name.includes('.test.'));
  const files = closure([
    ...sources.map((name) => resolve(here, name)),
    resolve(packages, 'model/src/reference-forward.ts'),
  ]);
  assert.ok(files.size > 8);
  assert.deepEqual(wasmFiles(files), []);
});

test('the search that says so finds the host where it is imported', () => {
  assert.ok(wasmFiles(closure([resolve(here, '../select-backend.ts')])).includes('kernels/src/wasm/thread-pool.ts'));
});
