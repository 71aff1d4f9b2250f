// `npm test`: static checks and every default test. Arguments choose workspaces: `npm test -- packages/bytes`.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runTests } from './run-tests.ts';
import { filesUnder, root, workspaceFolders } from './workspaces.ts';

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !workspaceFolders().includes(name));
if (unknown.length > 0) {
  console.error(`No such workspace: ${unknown.join(', ')}. There are: ${workspaceFolders().join(', ')}.`);
  process.exit(2);
}
const started = performance.now();
const checks = chosen.length > 0 ? Promise.resolve(true) : checkBeside();
const folders = chosen.length > 0 ? chosen : workspaceFolders();
const files = folders
  .flatMap((folder) => filesUnder(folder, '.test.ts'))
  .filter((path) => !path.endsWith('.slow.test.ts'));
// Every test file is a process, and most load the same modules: compiled once, they save a fifth of its processor time.
process.env['NODE_COMPILE_CACHE'] ??= join(root, '.cache', 'compiled');
// One more than there are cores: tests of whole nodes wait most of their time.
const counts = await runTests(files, Math.max(2, availableParallelism()) + 1, 240_000);
const checksHold = await checks;

const minimums = JSON.parse(readFileSync(join(root, 'tools', 'test-minimums.json'), 'utf8')) as Record<string, number>;
let complete = true;
for (const [workspace, minimum] of Object.entries(minimums)) {
  if (!folders.includes(workspace)) continue;
  const count = counts.perWorkspace.get(workspace) ?? 0;
  if (count < minimum) {
    complete = false;
    console.log(`FAIL ${workspace} ran ${count} tests, at least ${minimum} are expected (tools/test-minimums.json)`);
  }
}
for (const skip of counts.skips) console.log(`skipped: ${skip}`);
console.log(`in ${((performance.now() - started) / 1000).toFixed(0)} s${checksHold ? '' : '; a static check FAILED'}`);
const failed = counts.failed + (checksHold ? 0 : 1) + (complete ? 0 : 1);
console.log(`tests: ${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);

/** The static checks as a process of their own, beside the first tests: alone they would leave all cores but one idle. */
async function checkBeside(): Promise<boolean> {
  const child = spawn(process.execPath, [...process.execArgv, join(root, 'tools', 'check.ts')], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}
