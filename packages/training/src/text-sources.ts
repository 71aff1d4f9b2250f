// Which files a user means by files, folders and globs.

import { globSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';

export interface SourceFile {
  readonly path: string;
  readonly bytes: number;
}

export class NoTextError extends Error {
  readonly code = 'no-text';
}

const skippedFolders = new Set(['node_modules', '.git']);

function filesOf(pattern: string): string[] {
  const info = statSync(pattern, { throwIfNoEntry: false });
  if (info?.isFile() === true) return [pattern];
  const isFolder = info?.isDirectory() === true;
  const cwd = isFolder ? pattern : '.';
  const found = globSync(isFolder ? '**/*' : pattern, { cwd, exclude: (name) => skippedFolders.has(name) });
  return found
    .map((path) => (isAbsolute(path) ? path : join(cwd, path)))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

/**
 * All files that the patterns name, each once, sorted by path so that every run sees the same order.
 * @throws NoTextError naming the pattern that matches nothing, or if all files are empty
 */
export function resolveSources(patterns: readonly string[]): SourceFile[] {
  const paths = new Set<string>();
  for (const pattern of patterns) {
    const files = filesOf(pattern);
    if (files.length === 0) {
      throw new NoTextError(
        `No file matches '${pattern}' (looked from ${resolve('.')}). Give a file, a folder or a quoted glob such as 'texts/**/*.txt'.`,
      );
    }
    for (const file of files) paths.add(file);
  }
  const sources = [...paths].sort().map((path) => ({ path, bytes: statSync(path).size }));
  const filled = sources.filter((source) => source.bytes > 0);
  if (filled.length === 0) throw new NoTextError(`All files that ${patterns.join(', ')} names are empty.`);
  return filled;
}
