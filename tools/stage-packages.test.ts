import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Manifest } from './packed-manifest.ts';
import { type StagedPackage, stagePackages, withCompiledSuffixes } from './stage-packages.ts';
import { root } from './workspaces.ts';

// As npm lays them out, but for copying the packages of others; `npm run test:slow -- pack` installs real tarballs.
const folder = mkdtempSync(join(tmpdir(), 'stage packages é-'));
const modules = join(folder, 'node_modules');
let packages: StagedPackage[] = [];
after(() => rmSync(folder, { recursive: true, force: true }));

function readManifest({ folder: path }: StagedPackage): Manifest {
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest;
}

before(() => {
  packages = stagePackages(modules);
  const wanted = packages.flatMap((staged) => {
    const { dependencies = {}, optionalDependencies = {} } = readManifest(staged);
    return [...Object.keys(dependencies), ...Object.keys(optionalDependencies)];
  });
  for (const name of new Set(wanted)) {
    const installed = join(root, 'node_modules', name);
    if (name.startsWith('@resonancenet/') || !existsSync(installed)) continue;
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(installed, join(modules, name), 'junction');
  }
});

const launcher = join(modules, '@resonancenet/cli/bin/rnt.mjs');
const rnt = (...args: string[]): Record<string, unknown> => {
  const printed = execFileSync(process.execPath, [launcher, ...args, '--json'], { cwd: folder, encoding: 'utf8' });
  return JSON.parse(printed.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
};

test('withCompiledSuffixes() turns what tsc leaves, and refuses sources that it cannot turn', () => {
  assert.equal(
    withCompiledSuffixes('a.d.ts', `import { type A } from './a.ts';\nexport declare const b: import("../b.ts").B;\n`),
    `import { type A } from './a.js';\nexport declare const b: import("../b.js").B;\n`,
  );
  assert.equal(
    withCompiledSuffixes('a.js', "new Worker(new URL('./w.ts', import.meta.url)); x.endsWith('.d.ts');"),
    "new Worker(new URL('./w.js', import.meta.url)); x.endsWith('.d.ts');",
  );
  assert.throws(() => withCompiledSuffixes('a.js', "spawn(join(here, './main.ts'));"), /main\.ts/);
  assert.throws(() => withCompiledSuffixes('a.js', "import { a } from './a.ts';"), /a\.ts/);
});

test('a package holds no source, no test and no script, and every workspace is one', () => {
  assert.ok(packages.length >= 15);
  for (const staged of packages) {
    const manifest = readManifest(staged);
    assert.ok(!('scripts' in manifest) && !('private' in manifest));
    const files = readdirSync(staged.folder, { recursive: true, encoding: 'utf8' });
    assert.ok(
      files.some((file) => file.endsWith('.js')),
      staged.name,
    );
    assert.deepEqual(
      files.filter((file) => /(?<!\.d)\.ts$|\.test\.|testing|fixture/.test(file)),
      [],
    );
  }
});

test('packages are imported as JavaScript, natively where Node has it', () => {
  writeFileSync(
    join(folder, 'imports.js'),
    `import { toHex } from '@resonancenet/bytes/hex';
     import { keccak256 } from '@resonancenet/crypto/keccak';
     import { networkByName } from '@resonancenet/params/networks';
     import { loadDevnetCorpus } from '@resonancenet/corpus/devnet-corpus';
     console.log(JSON.stringify([
       import.meta.resolve('@resonancenet/crypto/keccak').split('/').at(-1),
       networkByName('regtest').name, loadDevnetCorpus().validation.length > 100000, toHex(keccak256(new Uint8Array())).slice(0, 8),
     ]));`,
  );
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const printed = execFileSync(process.execPath, [join(folder, 'imports.js')], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(printed), ['keccak-node.js', 'regtest', true, 'c5d24601']);
});

test('declarations of pure packages need no types of Node', () => {
  writeFileSync(
    join(folder, 'consumer.ts'),
    `import { networkByName } from '@resonancenet/params/networks';
     import { createKeccak256 } from '@resonancenet/crypto/keccak';
     export const name: string | undefined = networkByName('regtest')?.name;
     // @ts-expect-error a name is text
     networkByName(1);
     createKeccak256();`,
  );
  const options = [
    '--strict',
    '--noEmit',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--lib',
    'es2024',
    '--types',
    '',
  ];
  const tsc = [join(root, 'node_modules/typescript/bin/tsc'), ...options, 'consumer.ts'];
  const { status, stdout } = spawnSync(process.execPath, tsc, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});

test('the command of the package inspects, trains in two threads and evaluates', () => {
  assert.equal(rnt('model', 'inspect', '--config', 'genesis')['parameters'], 33_620_736);
  writeFileSync(join(folder, 'text.txt.val'), 'To be trained on no more. '.repeat(9));
  writeFileSync(join(folder, 'text.txt'), 'To be trained on, again and again. '.repeat(200));
  const trained = rnt(
    ...['model', 'train', '--data', 'text.txt', '--val', 'text.txt.val', '--config', 'd=16,layers=1'],
    ...['--steps', '5', '--batch', '2', '--window', '16', '--threads', '2', '--out', 'm.safetensors'],
  );
  const evaluated = rnt('model', 'eval', '--checkpoint', 'm.safetensors', '--data', 'text.txt.val', '--window', '16');
  assert.equal(typeof evaluated['valLoss'], 'number');
  assert.equal(trained['valLoss'], evaluated['valLoss']);
});

test('the command says what is missing if the pinned Node is, and does not take another version', () => {
  const link = readdirSync(modules).find((name) => /^node-.*(linux|darwin|win)/.test(name));
  assert.ok(link !== undefined);
  rmSync(join(modules, link));
  for (const version of [null, '26.9.0']) {
    if (version !== null) {
      mkdirSync(join(modules, link, 'bin'), { recursive: true });
      for (const name of ['node', 'node.exe']) writeFileSync(join(modules, link, 'bin', name), '');
      writeFileSync(join(modules, link, 'package.json'), JSON.stringify({ version }));
    }
    const { status, stderr } = spawnSync(process.execPath, [launcher, '--version'], { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /^Node 26\.\d+\.\d+, which this program runs on, is not installed for .*--include=optional/);
  }
});
