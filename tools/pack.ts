// `npm run pack [-- FOLDER]`: every workspace as a tarball in FOLDER (dist by default), for programs outside of the project. CONTRIBUTING.md tells how they are installed.

import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runNpm } from './npm.ts';
import { stagePackages } from './stage-packages.ts';
import { root } from './workspaces.ts';

/** Writes the tarballs of all packages into the folder and returns their paths. */
export function packAll(folder: string): string[] {
  const stage = join(folder, 'packages');
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const folders = stagePackages(stage).map((staged) => staged.folder);
  const printed = runNpm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...folders], folder);
  return (JSON.parse(printed) as { readonly filename: string }[]).map(({ filename }) => join(folder, filename));
}

if (import.meta.main) {
  const folder = resolve(process.argv[2] ?? join(root, 'dist'));
  const tarballs = packAll(folder);
  for (const path of tarballs) console.log(path);
}
