// `npm run bench`: checks that results are right, then measures; our figure, the peer's and the machine's limit come from one run.

import { parseArgs } from 'node:util';
import { availableParallelism, cpus } from 'node:os';
import { type BenchContext, benchmarks } from './benchmarks.ts';
import { blasGflops, torchMissing } from './peer.ts';
import { formatRow } from './report.ts';

const help = `npm run bench -- [options]

  --json           one JSON object per line: name, ours, peer, limit, unit, ratioToPeer, ratioToLimit
  --only NAME      one benchmark (may be repeated): ${Object.keys(benchmarks).join(', ')}
  --quick          one round instead of three, without the learning runs
  --rounds N       rounds of ours and the peer in turn (default 3)
  --threads N      threads of ours and of the peer (default: all cores)
  --text FILE      text of the learning runs: its first 1,000,000 bytes train, the next 65,536 validate
                   (default: the devnet corpus)

Examples:
  npm run bench -- --only train-small --only generate-genesis
  npm run bench -- --json > bench.jsonl
`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: String(availableParallelism()) },
    text: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const names = values.only ?? Object.keys(benchmarks).filter((name) => !(values.quick && name === 'learning'));
const unknown = names.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(`There is no benchmark '${unknown[0]}'. There are: ${Object.keys(benchmarks).join(', ')}.`);
  process.exit(2);
}
/** GFLOP/s per thread below which a BLAS cannot be one that uses the machine's vectors. */
const slowBlas = 15;
const say = (line: string): void => console.error(line);
const threads = Math.max(1, Number(values.threads));
const missing = await torchMissing();
if (missing !== null) say(`skipped: the peers, because ${missing}`);
const context: BenchContext = {
  threads,
  rounds: values.quick ? 1 : Math.max(1, Number(values.rounds)),
  hasPeer: missing === null,
  ceiling: missing === null ? await blasGflops(threads) : null,
  text: values.text ?? null,
  say,
};
say(`${cpus()[0]?.model ?? 'unknown processor'}, ${threads} threads, Node ${process.versions.node}`);
say(
  `machine's own GEMM ceiling (BLAS, float32): ${context.ceiling === null ? 'not measured' : `${context.ceiling.toFixed(0)} GFLOP/s`}`,
);
if (context.ceiling !== null && context.ceiling < slowBlas * threads) {
  say(
    'the peers use a slow BLAS (Debian installs the reference one): apt install libopenblas0-pthread for a fair comparison',
  );
}
for (const name of names) {
  const run = benchmarks[name];
  if (run === undefined) continue;
  for (const row of await run(context)) console.log(values.json ? JSON.stringify(row) : formatRow(row));
}
