import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, workspaceFolders } from './workspaces.ts';

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { packages } = read('package-lock.json') as { readonly packages: Readonly<Record<string, LockedPackage>> };

/**
 * Packages whose install script does nothing that we need, because compiled files come as packages of their own; the bootstrap runs no
 * scripts, so every test runs without theirs.
 */
const needless: ReadonlySet<string> = new Set([
  // Its script compiles only where no @lmdb/lmdb-* package fits.
  'node_modules/lmdb',
  // Optional, for lmdb: the same; without it msgpackr decodes in JavaScript.
  'node_modules/msgpackr-extract',
]);

test('no dependency needs an install script', () => {
  const found = Object.keys(packages).filter((path) => packages[path]?.hasInstallScript === true);
  assert.deepEqual(
    found.filter((path) => !needless.has(path)),
    [],
    'find a package that works without, or prove here that the script is not needed',
  );
  assert.deepEqual([...needless].sort(), found.sort(), 'the list above names what is no longer there');
});

test('compiled files of packages with a needless install script come as packages for every platform that has a pinned Node', () => {
  const { optionalDependencies = {} } = read('package.json') as Manifest;
  const platforms = Object.keys(optionalDependencies).map((name) => name.replace(/^node-(bin-)?/, ''));
  assert.ok(platforms.length >= 5);
  for (const platform of platforms) {
    const name = `node_modules/@lmdb/lmdb-${platform.replace(/^win-/, 'win32-')}`;
    assert.equal(packages[name]?.version, packages['node_modules/lmdb']?.version, name);
  }
});

test('every dependency has an exact version, and what is locked has its hash', () => {
  for (const folder of ['.', ...workspaceFolders().filter((name) => /^(packages|apps)\//.test(name))]) {
    const { dependencies, devDependencies, optionalDependencies, scripts } = read(`${folder}/package.json`) as Manifest;
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }))
      assert.match(version, /^(npm:[@\w/-]+@)?\d+\.\d+\.\d+$/, `${folder}: ${name}`);
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
      assert.equal(scripts?.[name], undefined, `${folder}: ${name}`);
  }
  for (const [path, { link, integrity }] of Object.entries(packages))
    if (path.includes('node_modules/') && link !== true) assert.match(integrity ?? '', /^sha512-/, path);
});
