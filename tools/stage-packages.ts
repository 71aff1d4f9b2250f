// Workspaces compiled for programs outside of the project: Node strips types from no file under node_modules, so a package holds JavaScript and declarations.

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { importsOf } from './import-graph.ts';
import { type Manifest, packedManifest } from './packed-manifest.ts';
import { filesUnder, root, workspaceFolders } from './workspaces.ts';

export interface StagedPackage {
  readonly name: string;
  /** What goes into the tarball, package.json at its top. */
  readonly folder: string;
}

const packageRoots = /^(packages|apps)\//;

/** Kernels that only tests run. */
const testKernels = 'fixture.wasm';

const bin = `#!/usr/bin/env node
// \`rnt\`: starts the command line under the pinned Node, whichever Node the shell finds first.
import { launch } from '../bootstrap/launch.mjs';

launch(
  new URL('../dist/main.js', import.meta.url),
  'Install this package again with its optional dependencies, which hold that Node (npm install --include=optional).',
);
`;

/** tsc turns the suffixes of imports in code, but not those in declarations, nor the files that threads and child processes start with. */
export function withCompiledSuffixes(path: string, source: string): string {
  const turned = path.endsWith('.d.ts')
    ? source.replace(/(\bfrom\s*|\bimport\s*\(?\s*)(['"])(\.{1,2}\/[^'"]*)\.ts\2/g, '$1$2$3.js$2')
    : source.replace(/(new URL\((['"])\.{1,2}\/[^'"]*)\.ts\2, import\.meta\.url\)/g, '$1.js$2, import.meta.url)');
  const left = importsOf(turned).filter((name) => name.startsWith('.') && name.endsWith('.ts'));
  if (!path.endsWith('.d.ts')) left.push(...(turned.match(/(['"`])\.{1,2}\/[^'"`]*\.ts\1/g) ?? []));
  if (left.length > 0) throw new Error(`${path} names sources that no package holds: ${left.join(', ')}`);
  return turned;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

function compile(outDir: string): void {
  const result = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'), '--outDir', outDir],
    { cwd: root, encoding: 'utf8' },
  );
  if (result.status !== 0) throw new Error(`The packages do not compile:\n${result.stdout}${result.stderr}`);
}

function copyTo(target: string, from: string): void {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(from, target);
}

/** What belongs to a package beside its compiled sources. */
function addFiles(workspace: string, folder: string, manifest: Manifest): void {
  // Data that a source reads by its place beside it.
  for (const path of filesUnder(`${workspace}/src`, '.json'))
    copyTo(join(folder, 'dist', path.slice(`${workspace}/src/`.length)), join(root, path));
  const kernels = join(root, workspace, 'build');
  if (existsSync(kernels))
    for (const file of readdirSync(kernels).filter((name) => name.endsWith('.wasm') && name !== testKernels))
      copyTo(join(folder, 'build', file), join(kernels, file));
  if (manifest.bin !== undefined) {
    for (const path of Object.values(manifest.bin)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bin, { mode: 0o755 });
    }
    for (const file of ['launch.mjs', 'pinned-node.mjs', 'run-child.mjs'])
      copyTo(join(folder, 'bootstrap', file), join(root, 'bootstrap', file));
  }
  copyTo(join(folder, 'LICENSE'), join(root, 'LICENSE'));
}

/**
 * Compiles all workspaces and lays each out below `target` as its tarball will hold it, in a folder of the package's name. The kernels must have been built.
 * @throws Error with the compiler's messages, or naming what a package could not hold
 */
export function stagePackages(target: string): StagedPackage[] {
  mkdirSync(target, { recursive: true });
  const out = mkdtempSync(join(target, '.compiled-'));
  try {
    compile(out);
    const project = readManifest('.');
    return workspaceFolders()
      .filter((workspace) => packageRoots.test(workspace) && existsSync(join(root, workspace, 'package.json')))
      .map((workspace) => {
        const manifest = readManifest(workspace);
        const folder = join(target, manifest.name);
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(dirname(folder), { recursive: true });
        mkdirSync(folder);
        cpSync(join(out, workspace, 'src'), join(folder, 'dist'), { recursive: true });
        turnSuffixes(join(folder, 'dist'));
        addFiles(workspace, folder, manifest);
        writeFileSync(join(folder, 'package.json'), `${JSON.stringify(packedManifest(manifest, project), null, 2)}\n`);
        return { name: manifest.name, folder };
      });
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function turnSuffixes(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(d\.ts|js)$/.test(name)) continue;
    const path = join(folder, name);
    writeFileSync(path, withCompiledSuffixes(path, readFileSync(path, 'utf8')));
  }
}
