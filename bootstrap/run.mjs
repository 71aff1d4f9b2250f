// `npm start`, `npm test` and the other scripts: installs and builds what is missing, then hands over to the pinned Node.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { findPinnedNode, nodeFlags, pinnedVersion, root } from './pinned-node.mjs';
import { runInstead } from './run-child.mjs';

const cache = join(root, '.cache');

const entries = {
  start: ['apps/cli/src/main.ts', 'start'],
  demo: ['apps/cli/src/main.ts', 'demo'],
  test: ['tools/test.ts'],
  'test:slow': ['tools/test-slow.ts'],
  'test:crash': ['tools/test-crash.ts'],
  'test:mutants': ['tools/mutants.ts'],
  check: ['tools/check.ts'],
  format: ['tools/format.ts'],
  bench: ['bench/main.ts'],
  pack: ['tools/pack.ts'],
};

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    hash.update(path);
    hash.update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

function filesUnder(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesUnder(path) : [path];
    });
}

function readStamp(name) {
  const file = join(cache, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function writeStamp(name, value) {
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, name), value);
}

/** One installer at a time: `npm start` and `npm test` may be typed together. The lock of a dead process is taken over. */
function withLock(work) {
  mkdirSync(cache, { recursive: true });
  const lock = join(cache, 'bootstrap.lock');
  const until = Date.now() + 15 * 60_000;
  let told = false;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!holderIsAlive(lock)) {
        rmSync(lock, { force: true });
        continue;
      }
      if (Date.now() > until)
        fail(`Another install holds ${lock}. If none is running, delete that file and try again.`);
      if (!told) console.error('Another process is installing here; waiting for it ...');
      told = true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
    }
  }
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  work();
  release();
}

function holderIsAlive(lock) {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    // An empty file is one that its writer has just made: give it the time to write its id.
    if (!(pid > 0)) return Date.now() - statSync(lock).mtimeMs < 2000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

function manifests() {
  const workspaces = ['packages', 'apps'].flatMap((folder) =>
    filesUnder0(folder)
      .map((name) => `${folder}/${name}/package.json`)
      .filter((path) => existsSync(join(root, path))),
  );
  return ['package.json', ...(existsSync(join(root, 'package-lock.json')) ? ['package-lock.json'] : []), ...workspaces];
}

function filesUnder0(folder) {
  return readdirSync(join(root, folder)).sort();
}

/** Whether a file can be made in the folder, or the folder itself where it is still to be made. */
function isWritable(folder) {
  let nearest = folder;
  while (!existsSync(nearest) && nearest !== dirname(nearest)) nearest = dirname(nearest);
  try {
    accessSync(nearest, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function install() {
  const wanted = hashOf(manifests());
  if (readStamp('installed') === wanted && findPinnedNode() !== null) return;
  console.error(`Installing what the project needs, Node ${pinnedVersion()} included (once, about half a minute) ...`);
  const npm = process.env.npm_execpath;
  // Errors only: a dependency that wants another Node than npm's own (EBADENGINE) gets the pinned one, and npm's other warnings are about packages.
  const flags = ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  flags.push('--no-update-notifier');
  // An account may have no home that it can write to.
  const ownCache = join(cache, 'npm');
  if (!isWritable(join(process.env.npm_config_cache ?? join(homedir(), '.npm'), '_cacache')))
    flags.push('--cache', ownCache);
  const env = { ...process.env };
  // npm hands its own scripts' settings down; a nested npm must read the project's settings afresh.
  for (const key of Object.keys(env)) if (/^npm_(config|lifecycle|package)_/i.test(key)) delete env[key];
  const result = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...flags], { cwd: root, stdio: ['ignore', 2, 2], env })
    : spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', flags, {
        cwd: root,
        stdio: ['ignore', 2, 2],
        env,
        shell: process.platform === 'win32',
      });
  rmSync(ownCache, { recursive: true, force: true });
  if (result.status !== 0)
    fail('npm install failed (see above). Check the network and the disk, then run the same command again.');
  if (findPinnedNode() === null) {
    fail(
      `No Node ${pinnedVersion()} package exists for ${process.platform}-${process.arch}. Install Node ${pinnedVersion()} yourself and run the same command with it.`,
    );
  }
  writeStamp('installed', hashOf(manifests()));
}

function build(node) {
  if (!existsSync(join(root, 'tools/build-wasm.ts'))) return;
  const sources = [...filesUnder('packages/kernels/assembly'), 'tools/build-wasm.ts'];
  const wanted = hashOf(sources);
  if (readStamp('built') === wanted && existsSync(join(root, 'packages/kernels/build'))) return;
  console.error('Building the WebAssembly kernels (once, some seconds) ...');
  const result = spawnSync(node, [...nodeFlags, join(root, 'tools/build-wasm.ts')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) fail('Building the WASM kernels failed (see above).');
  writeStamp('built', wanted);
}

/** Installs and builds whatever is missing; returns the pinned Node's path. */
function prepare() {
  let node = null;
  withLock(() => {
    install();
    node = findPinnedNode();
    build(node);
  });
  return node;
}

const [command, ...rest] = process.argv.slice(2);
const node = prepare();
if (command === 'build') process.exit(0);
const entry = entries[command];
if (entry === undefined) fail(`Unknown script '${command}'. Known: ${Object.keys(entries).join(', ')}.`);
runInstead(node, [...nodeFlags, join(root, entry[0]), ...entry.slice(1), ...rest], { cwd: root });
