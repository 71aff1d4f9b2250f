// Which files a user means by files, folders and globs.

import { closeSync, globSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';

export interface SourceFile {
  readonly path: string;
  readonly bytes: number;
}

export interface TextSources {
  /** Each file once, sorted by path so that every run sees the same order; none is empty. */
  readonly files: readonly SourceFile[];
  /** Files of `exclude` that a pattern names. */
  readonly excluded: readonly string[];
  /** Files of a folder or glob that hold no text. */
  readonly notText: readonly string[];
}

export class NoTextError extends Error {
  readonly code = 'no-text';
}

const skippedFolders = new Set(['node_modules', '.git']);

/** Files as large as this at the start without a zero byte are taken for text; git goes by the same rule. */
const sniffedBytes = 8000;

/** Files that a folder or a glob holds, hidden ones and those in `skippedFolders` left out. */
function filesBehind(pattern: string, isFolder: boolean): string[] {
  const cwd = isFolder ? pattern : '.';
  const found = globSync(isFolder ? '**/*' : pattern, { cwd, exclude: (name) => skippedFolders.has(name) });
  return found
    .map((path) => (isAbsolute(path) ? path : join(cwd, path)))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

function holdsText(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const start = new Uint8Array(sniffedBytes);
    return !start.subarray(0, readSync(file, start)).includes(0);
  } finally {
    closeSync(file);
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return resolve(path);
    throw error;
  }
}

/**
 * All files that the patterns name, but those of `exclude`. A file that is named itself is taken as it is; of what a folder or a glob holds
 * only text is taken, so that a picture or a checkpoint between the texts does no harm.
 * @throws NoTextError naming the pattern that matches nothing, or if nothing is left
 */
export function resolveSources(patterns: readonly string[], exclude: readonly string[] = []): TextSources {
  const paths = new Set<string>();
  const notText = new Set<string>();
  for (const pattern of patterns) {
    const info = statSync(pattern, { throwIfNoEntry: false });
    const isFile = info?.isFile() === true;
    const files = isFile ? [pattern] : filesBehind(pattern, info?.isDirectory() === true);
    if (files.length === 0) {
      throw new NoTextError(
        `No file matches '${pattern}' (looked from ${resolve('.')}). Give a file, a folder or a quoted glob such as 'texts/**/*.txt'.`,
      );
    }
    for (const file of files) {
      if (isFile || holdsText(file)) paths.add(file);
      else notText.add(file);
    }
  }
  const forbidden = new Set(exclude.map(realPath));
  const [excluded, allowed] = [true, false].map((wanted) =>
    [...paths].filter((path) => forbidden.has(realPath(path)) === wanted).sort(),
  ) as [string[], string[]];
  const files = allowed.map((path) => ({ path, bytes: statSync(path).size })).filter((file) => file.bytes > 0);
  if (files.length === 0) throw new NoTextError(nothingLeft(patterns, excluded, notText.size, allowed.length));
  return { files, excluded, notText: [...notText].sort() };
}

function nothingLeft(patterns: readonly string[], excluded: readonly string[], binary: number, empty: number): string {
  const reasons = [
    ...(empty > 0 ? [`${empty} empty`] : []),
    ...(binary > 0 ? [`${binary} no text`] : []),
    ...(excluded.length > 0 ? [`${excluded.length} not for training (${excluded.join(', ')})`] : []),
  ];
  return `There is no text in what ${patterns.join(', ')} names: of its files ${reasons.join(', ')}. Give files with text.`;
}
