import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { runNpm } from './npm.ts';
import { packAll } from './pack.ts';
import type { Manifest } from './packed-manifest.ts';
import { root } from './workspaces.ts';

// What a stranger does with the tarballs: an empty folder, npm, and nothing of this project beside it.
const folder = mkdtempSync(join(tmpdir(), 'packages é-'));
const project = join(folder, 'project');
const scope = join(project, 'node_modules', '@resonancenet');
const rntPath = join(project, 'node_modules/.bin/rnt');
const onWindows = process.platform === 'win32';
after(() => rmSync(folder, { recursive: true, force: true }));

before(() => {
  mkdirSync(project);
  const tarballs = packAll(join(folder, 'tarballs'));
  writeFileSync(join(project, 'package.json'), '{"type":"module","private":true}');
  runNpm(['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', ...tarballs], project);
});

function rnt(...args: string[]): Record<string, unknown> {
  const printed = execFileSync(rntPath, [...args, '--json'], { cwd: project, encoding: 'utf8', shell: onWindows });
  return JSON.parse(printed.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

test('every module of every package is found by its public name and loads', () => {
  const workers = /(^main|-worker)\.js$/;
  const names = readdirSync(scope).flatMap((name) =>
    readdirSync(join(scope, name, 'dist'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.js') && !workers.test(basename(path)))
      .map((path) => `@resonancenet/${name}/${path.replaceAll('\\', '/').slice(0, -3)}`),
  );
  assert.ok(names.length > 150, `${names.length} modules`);
  writeFileSync(
    join(project, 'load.js'),
    `for (const name of ${JSON.stringify(names)})
       try { await import(name); } catch (error) { console.log(name, error); }`,
  );
  assert.equal(execFileSync(process.execPath, ['load.js'], { cwd: project, encoding: 'utf8' }), '');
});

test('every exported declaration is whole, for pure packages and for those of Node', () => {
  const dependencies = readdirSync(scope).flatMap((name) =>
    readdirSync(join(scope, name, 'dist'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.d.ts'))
      .map((path) => `@resonancenet/${name}/${path.replaceAll('\\', '/').slice(0, -5)}`),
  );
  writeFileSync(
    join(project, 'all.ts'),
    dependencies.map((name, i) => `import type * as m${i} from '${name}';\nexport type { m${i} };\n`).join(''),
  );
  const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
  const options = ['--strict', '--noEmit', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024', ...types];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...options, 'all.ts'], {
    cwd: project,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
});

test('no package of ours has an install script', () => {
  for (const name of readdirSync(scope)) {
    const manifest = JSON.parse(readFileSync(join(scope, name, 'package.json'), 'utf8')) as Manifest & {
      scripts?: unknown;
    };
    assert.equal(manifest.scripts, undefined);
  }
});

test('rnt inspects, trains, evaluates and writes text', () => {
  assert.equal(rnt('model', 'inspect', '--config', 'genesis')['parameters'], 33_620_736);
  writeFileSync(join(project, 'text.txt'), 'To be trained on, again and again. '.repeat(400));
  writeFileSync(join(project, 'val.txt'), 'To be trained on no more. '.repeat(20));
  const run = ['--config', 'd=32,layers=1', '--steps', '60', '--batch', '4', '--window', '32', '--threads', '2'];
  const trained = rnt('model', 'train', '--data', 'text.txt', '--val', 'val.txt', ...run, '--out', 'm.safetensors');
  assert.ok(Number(trained['valLossNats']) < 4, JSON.stringify(trained));
  const of = ['--checkpoint', 'm.safetensors'];
  const evaluated = rnt('model', 'eval', ...of, '--data', 'val.txt', '--window', '32');
  assert.equal(evaluated['valLoss'], trained['valLoss']);
  assert.equal(typeof rnt('model', 'generate', ...of, '--prompt', 'To', '--tokens', '8')['text'], 'string');
});

/** The first log record that passes; the node must not end before. */
function record(child: ChildProcess, passes: (line: { msg?: string; height?: number }) => boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    assert.ok(child.stdout !== null);
    createInterface(child.stdout).on('line', (line) => {
      const value = JSON.parse(line) as { msg?: string; height?: number };
      if (passes(value)) resolve(value);
    });
    child.once('exit', (code) => reject(new Error(`the node ended with ${code}`)));
  });
}

test('rnt node mines and verifies on regtest, answers, and stops when told', { timeout: 120_000 }, async () => {
  const data = join(folder, 'data');
  const args = ['node', '--network', 'regtest', '--data-dir', data, '--port', '0', '--rpc-port', '0', '--mine'];
  const child = spawn(rntPath, args, { cwd: project, stdio: ['ignore', 'pipe', 'inherit'], shell: onWindows });
  const ended = once(child, 'exit');
  try {
    const ready = record(child, ({ msg }) => msg === 'ready');
    const mined = record(child, ({ msg, height }) => msg === 'tip' && (height ?? 0) >= 2);
    const { rpc } = (await ready) as { rpc: number };
    await mined;
    const info = rnt('rpc', 'getblockchaininfo', '--network', 'regtest', '--data-dir', data, '--rpc-port', String(rpc));
    assert.ok(Number(info['blocks']) >= 2, JSON.stringify(info));
  } finally {
    child.kill('SIGINT');
    await ended;
  }
  assert.deepEqual(await ended, [0, null]);
});
