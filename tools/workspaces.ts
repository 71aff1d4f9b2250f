// The project's parts in their order of layering, and the files of each.

import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** Imports only go to the left in this list (docs/ARCHITECTURE.md). */
export const layers: readonly string[] = [
  'bytes',
  'crypto',
  'params',
  'primitives',
  'keys',
  'model',
  'consensus',
  'ledger',
  'tokenizer',
  'corpus',
  'kernels',
  'training',
  'chain',
  'mempool',
  'wallet',
  'storage',
  'p2p',
  'signer',
  'node',
  'cli',
];

/** Packages without effects: they compile without Node's types. */
export const purePackages: readonly string[] = layers.filter((name) =>
  existsSync(join(root, 'packages', name, 'tsconfig.json')),
);

/** Folders that hold TypeScript, each counted for itself in the test run. */
export function workspaceFolders(): string[] {
  const nested = ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .sort()
      .map((name) => `${folder}/${name}`),
  );
  return [...nested, 'sim', 'bench', 'tools', 'test', 'spec'].filter((folder) => existsSync(join(root, folder)));
}

/** Paths, relative to the root with forward slashes, of the files under a folder whose name ends as asked. */
export function filesUnder(folder: string, ending: string): string[] {
  const found: string[] = [];
  const walk = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name === 'build' || entry.name.startsWith('.')) continue;
      const child = join(path, entry.name);
      if (entry.isDirectory()) walk(child);
      else if (entry.name.endsWith(ending)) found.push(relative(root, child).replaceAll('\\', '/'));
    }
  };
  walk(join(root, folder));
  return found.sort();
}

/** The workspace folder a file belongs to. */
export function workspaceOf(path: string): string {
  const parts = path.split('/');
  return parts[0] === 'packages' || parts[0] === 'apps' ? `${parts[0]}/${parts[1]}` : (parts[0] ?? '');
}
