// Format, lint, types (all, and each pure package without Node's types) and the import graph. Part of `npm test`.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { importProblems } from './import-graph.ts';
import { purePackages, root } from './workspaces.ts';

function runTool(title: string, command: string, args: readonly string[]): boolean {
  const started = performance.now();
  const result = spawnSync(process.execPath, [join(root, 'node_modules', command), ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  const good = result.status === 0;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${title} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (!good) console.log(`${result.stdout}${result.stderr}${result.error?.message ?? ''}`);
  return good;
}

/** Runs every static check; false if one failed. */
export function check(): boolean {
  const results = [
    runTool('format and lint', '@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']),
    runTool('types', 'typescript/bin/tsc', ['-p', '.']),
    ...purePackages.map((name) =>
      runTool(`types without Node: ${name}`, 'typescript/bin/tsc', ['-p', join('packages', name)]),
    ),
  ];
  const problems = importProblems();
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} import graph`);
  for (const problem of problems) console.log(`  ${problem}`);
  return results.every(Boolean) && problems.length === 0;
}

if (import.meta.main) process.exit(check() ? 0 : 1);
