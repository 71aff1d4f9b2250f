// `npm run test:crash -- --trials N [--seed S]`: kills nodes at named points and at random instants; docs in test/crash.

import { parseArgs } from 'node:util';
import { runCrashSuite } from '../test/crash/run-crash-suite.ts';

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const trials = Number(values.trials);
const seed = Number(values.seed);
if (!Number.isInteger(trials) || trials < 8 || !Number.isInteger(seed)) {
  console.error(
    'Usage: npm run test:crash -- --trials N [--seed S], whole numbers, at least 8 trials so that every crash point is met.',
  );
  process.exit(2);
}
const started = performance.now();
const problems = await runCrashSuite({ trials, seed, print: (line) => console.log(line) });
for (const problem of problems) console.log(`FAILED ${problem}`);
console.log(
  `${problems.length === 0 ? 'passed' : `${problems.length} problems`} in ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
process.exit(problems.length === 0 ? 0 : 1);
