// `npm run test:slow [-- pattern]`: the slow suites, one file at a time because most of them use every core.

import { runTests } from './run-tests.ts';
import { filesUnder, workspaceFolders } from './workspaces.ts';

const pattern = process.argv[2] ?? '';
const files = workspaceFolders()
  .flatMap((folder) => filesUnder(folder, '.slow.test.ts'))
  .filter((path) => path.includes(pattern));
if (files.length === 0) {
  console.error(`No slow suite's path contains '${pattern}'.`);
  process.exit(2);
}
const counts = await runTests(files, 1, 4 * 3_600_000);
for (const skip of counts.skips) console.log(`skipped: ${skip}`);
console.log(`tests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 ? 0 : 1);
