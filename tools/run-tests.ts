// Runs test files, prints one line per file and every failure in full, and counts per workspace: a pattern that
// matches nothing makes `node --test` succeed, so the counts are held against a minimum.

import { join } from 'node:path';
import { run } from 'node:test';
import { root, workspaceOf } from './workspaces.ts';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly perWorkspace: ReadonlyMap<string, number>;
  readonly skips: readonly string[];
}

interface FileTally {
  passed: number;
  failed: number;
  skipped: number;
  ms: number;
}

const suites = new Set(['suite']);

/** Runs the files (paths relative to the root) with the given number at once. */
export async function runTests(files: readonly string[], concurrency: number, timeoutMs: number): Promise<TestCounts> {
  const tallies = new Map<string, FileTally>();
  const tally = (file: string | undefined): FileTally => {
    const path = file === undefined ? '?' : file.slice(root.length + 1).replaceAll('\\', '/');
    let found = tallies.get(path);
    if (found === undefined) {
      found = { passed: 0, failed: 0, skipped: 0, ms: 0 };
      tallies.set(path, found);
    }
    return found;
  };
  const skips: string[] = [];
  const failures: string[] = [];
  const stream = run({
    files: files.map((file) => join(root, file)),
    concurrency,
    timeout: timeoutMs,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  for await (const event of stream) {
    if (event.type === 'test:stderr' || event.type === 'test:stdout') process.stderr.write(event.data.message);
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { data } = event;
    // Where the test was started: suites that several workspaces share stand in a file of one of them.
    const entry = tally(data.entryFile ?? data.file);
    // The runner reports each file, and each `describe`, as an entry of its own; only the tests in them are counted.
    const isFile = data.nesting === 0 && data.name === data.file;
    if (suites.has(data.details.type ?? '') || isFile) {
      if (event.type === 'test:fail' && isFile) {
        entry.failed += entry.failed === 0 ? 1 : 0;
        failures.push(`${data.name}\n${describeError(event.data.details.error)}`);
      }
      continue;
    }
    entry.ms += data.details.duration_ms;
    if (data.skip !== undefined) {
      entry.skipped += 1;
      skips.push(`${data.name}: ${typeof data.skip === 'string' && data.skip !== '' ? data.skip : 'skipped'}`);
    } else if (event.type === 'test:pass') entry.passed += 1;
    else {
      entry.failed += 1;
      failures.push(`${data.entryFile ?? data.file ?? '?'}: ${data.name}\n${describeError(event.data.details.error)}`);
    }
  }
  const perWorkspace = new Map<string, number>();
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const [file, entry] of [...tallies].sort()) {
    console.log(
      `${entry.failed > 0 ? 'FAIL' : 'ok  '} ${file} ${entry.passed} passed` +
        `${entry.failed > 0 ? `, ${entry.failed} failed` : ''}${entry.skipped > 0 ? `, ${entry.skipped} skipped` : ''} (${(entry.ms / 1000).toFixed(1)} s)`,
    );
    passed += entry.passed;
    failed += entry.failed;
    skipped += entry.skipped;
    const workspace = workspaceOf(file);
    perWorkspace.set(workspace, (perWorkspace.get(workspace) ?? 0) + entry.passed + entry.skipped);
  }
  for (const failure of failures) console.log(`\nFAILED ${failure}`);
  return { passed, failed, skipped, perWorkspace, skips };
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  return cause.stack ?? cause.message;
}
