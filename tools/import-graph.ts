// The import graph of the sources: imports go to the left of `layers`, are declared, and reach other packages by
// their exported files only. Pure packages import nothing of Node and call nothing that depends on time, chance or the engine's maths.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, layers, purePackages, root, workspaceFolders, workspaceOf } from './workspaces.ts';

const scope = '@resonancenet/';
const maxLines = 600;

/** Calls whose result is not a function of their arguments alone, or not the same in every engine. */
const impure =
  /\b(Date\.now|new Date\b|Math\.(random|exp|log|log2|log10|log1p|expm1|pow|sin|cos|tan|tanh|sinh|cosh|cbrt|hypot)|performance\.|process\.|globalThis\.)/;

const importPattern =
  /(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Module names that a source text imports, types included. */
export function importsOf(source: string): string[] {
  return [...source.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

function declaredDependencies(workspace: string): ReadonlySet<string> {
  const file = join(root, workspace, 'package.json');
  if (!existsSync(file)) return new Set();
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  return new Set(Object.keys(manifest.dependencies ?? {}));
}

/** The npm package that an import names. */
function packageOf(name: string): string {
  const parts = name.split('/');
  return name.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? name);
}

/** Problems of one file's imports; `declared` are the dependencies of its workspace's manifest. */
export function problemsOfFile(path: string, source: string, declared: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  const workspace = workspaceOf(path);
  const name = workspace.split('/')[1] ?? '';
  const isTest = path.endsWith('.test.ts') || path.includes('/testing/');
  const isNative = path.endsWith('-node.ts');
  const pure = purePackages.includes(name) && workspace.startsWith('packages/') && !isTest && !isNative;
  if (source.split('\n').length > maxLines) problems.push(`${path}: more than ${maxLines} lines`);
  if (/^\s*export \*/m.test(source)) problems.push(`${path}: export * hides what a file gives away`);
  if (pure && impure.test(source.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '')))
    problems.push(`${path}: a pure package uses ${impure.exec(source.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, ''))?.[0]}`);
  for (const target of importsOf(source)) {
    if (target.startsWith('node:')) {
      if (pure) problems.push(`${path}: a pure package imports ${target}`);
      continue;
    }
    if (target.startsWith('.')) {
      const resolved = join('/', path, '..', target).slice(1).replaceAll('\\', '/');
      if (workspace.includes('/') && workspaceOf(resolved) !== workspace)
        problems.push(`${path}: reaches into another workspace by path (${target})`);
      continue;
    }
    // A package reaches its own conditional exports (native or portable) by its name.
    if (packageOf(target) === `${scope}${name}`) continue;
    if (workspace.includes('/') && !isTest && !declared.has(packageOf(target)))
      problems.push(`${path}: ${packageOf(target)} is not declared in ${workspace}/package.json`);
    if (target.startsWith(scope)) {
      const other = packageOf(target).slice(scope.length);
      if (!layers.includes(other)) problems.push(`${path}: ${target} is no workspace of this project`);
      else if (layers.includes(name) && other !== name && layers.indexOf(other) > layers.indexOf(name))
        problems.push(`${path}: ${name} may not import ${other}, which stands above it`);
    }
  }
  return problems;
}

/** All problems of the import graph; an empty list means the layering holds. */
export function importProblems(): string[] {
  return workspaceFolders().flatMap((workspace) => {
    const declared = declaredDependencies(workspace);
    const files = filesUnder(workspace, '.ts').filter((path) => !path.includes('/assembly/'));
    return files.flatMap((path) => problemsOfFile(path, readFileSync(join(root, path), 'utf8'), declared));
  });
}
