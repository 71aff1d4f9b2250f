// `npm test`: static checks, then every default test. Arguments choose workspaces: `npm test -- packages/bytes`.

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { check } from './check.ts';
import { runTests } from './run-tests.ts';
import { filesUnder, root, workspaceFolders } from './workspaces.ts';

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !workspaceFolders().includes(name));
if (unknown.length > 0) {
  console.error(`No such workspace: ${unknown.join(', ')}. There are: ${workspaceFolders().join(', ')}.`);
  process.exit(2);
}
const started = performance.now();
const checksHold = chosen.length > 0 || check();
const folders = chosen.length > 0 ? chosen : workspaceFolders();
const files = folders
  .flatMap((folder) => filesUnder(folder, '.test.ts'))
  .filter((path) => !path.endsWith('.slow.test.ts'));
// Every test file is a process, and most load the same modules: compiled once, they save a fifth of its processor time.
process.env['NODE_COMPILE_CACHE'] ??= join(root, '.cache', 'compiled');
const counts = await runTests(files, Math.max(2, availableParallelism()), 240_000);

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
