// `npm run test:mutants [-- --only TEXT] [--shard I/N] [--fresh]`: breaks one rule of consensus after the other in a copy of the tree and runs
// the tests that look after it. Each must fail; a mutant that all its tests accept has survived, and the run fails. Results are kept in
// .cache/mutants.txt as long as source and tests stay what they are, so an interrupted run goes on where it was.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { allMutants } from './mutants/all-mutants.ts';
import { type Mutant, mutantName } from './mutants/mutant.ts';
import { filesUnder, root } from './workspaces.ts';

/** What became of a mutant: a test failed, none did, or the mutant is no program (then it says nothing). */
type Outcome = 'killed' | 'survived' | 'broken';

const TIMEOUT_MS = 240_000;
/** A test of speed fails on a busy machine and not for a mutant: it has no part in this. */
const nodeFlags = [
  '--disable-warning=ExperimentalWarning',
  '--test-reporter=tap',
  '--test-skip-pattern=/checked at well over/',
];
const kept = join(root, '.cache', 'mutants.txt');

const { values } = parseArgs({
  options: { only: { type: 'string' }, shard: { type: 'string' }, fresh: { type: 'boolean', default: false } },
});
const shard = /^(\d+)\/(\d+)$/.exec(values.shard ?? '1/1');
const [place, shards] = [Number(shard?.[1]), Number(shard?.[2])];
if (shard === null || place < 1 || place > shards) {
  console.error(
    'Usage: npm run test:mutants [-- --only TEXT] [--shard I/N] [--fresh]; I from 1 to N, TEXT a part of a mutant’s name.',
  );
  process.exit(2);
}
const chosen = allMutants
  .filter((mutant) => mutantName(mutant).includes(values.only ?? ''))
  .filter((_, index) => index % shards === place - 1);
if (chosen.length === 0) {
  console.error(`No mutant's name contains '${values.only ?? ''}'.`);
  process.exit(2);
}

// Of the files as they are copied, whatever becomes of them while the run goes on.
const keys = new Map(chosen.map((mutant) => [mutant, keyOf(mutant)]));
const sound = new Set<string>();
const results: Map<string, Outcome> = values.fresh ? new Map() : readResults();
const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
let failed = false;
try {
  copyTree();
  failed = await runAll();
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

async function runAll(): Promise<boolean> {
  const open = chosen.filter((mutant) => !results.has(keys.get(mutant)!));
  console.log(`${chosen.length} mutants, ${chosen.length - open.length} known from before`);
  for (const [index, mutant] of open.entries()) {
    const outcome = await tryMutant(mutant);
    record(keys.get(mutant)!, outcome);
    console.log(`${index + 1}/${open.length} ${outcome} ${mutantName(mutant)}`);
  }
  const counts = { killed: 0, survived: 0, broken: 0 };
  for (const mutant of chosen) {
    const outcome = results.get(keys.get(mutant)!)!;
    counts[outcome] += 1;
    if (outcome !== 'killed') console.log(`${outcome.toUpperCase()} ${mutantName(mutant)}`);
  }
  console.log(`mutants: ${counts.killed} killed, ${counts.survived} survived, ${counts.broken} broken`);
  return counts.killed < chosen.length;
}

async function tryMutant(mutant: Mutant): Promise<Outcome> {
  const path = join(copy, mutant.file);
  const source = readFileSync(path, 'utf8');
  if (source.split(mutant.from).length !== 2) throw new Error(`${mutantName(mutant)}: does not apply exactly once`);
  const mutated = source.replace(mutant.from, () => mutant.to);
  const withMutant = async (test: () => Promise<boolean>): Promise<boolean> => {
    writeFileSync(path, mutated);
    try {
      return await test();
    } finally {
      writeFileSync(path, source);
    }
  };
  if (!isProgram(mutated)) return 'broken';
  for (const file of mutant.tests) {
    await requireSound(file);
    if (!(await withMutant(() => passes(file)))) return 'killed';
  }
  return 'survived';
}

/** A test that fails without any mutant says nothing. */
async function requireSound(file: string): Promise<void> {
  if (sound.has(file)) return;
  if (!(await passes(file))) throw new Error(`${file} fails without any mutant`);
  sound.add(file);
}

/** Whether it can be read as a program: one that cannot would fail every test and prove nothing. */
function isProgram(source: string): boolean {
  try {
    stripTypeScriptTypes(source);
    return true;
  } catch {
    return false;
  }
}

/** A test file by itself, in one process. Its first failure ends it: what else fails does not matter. */
function passes(file: string): Promise<boolean> {
  const args = [...nodeFlags, join(copy, file)];
  const child = spawn(process.execPath, args, {
    cwd: copy,
    // Most of a short test is the reading of modules, of which all but one are the same every time.
    env: { ...process.env, NODE_COMPILE_CACHE: join(copy, '.compiled') },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: TIMEOUT_MS,
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (/^ *not ok /m.test(text)) child.kill();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve(code === 0));
  });
}

/** The sources, and modules that lead to these sources and not to ours. */
function copyTree(): void {
  for (const folder of ['packages', 'spec', 'test', 'tools']) {
    for (const file of filesUnder(folder, '')) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      cpSync(join(root, file), join(copy, file));
    }
  }
  cpSync(join(root, 'package.json'), join(copy, 'package.json'));
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, '@resonancenet'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@resonancenet') symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
  }
  for (const name of readdirSync(join(root, 'packages'))) {
    symlinkSync(join(copy, 'packages', name), join(modules, '@resonancenet', name), 'junction');
    const own = join(root, 'packages', name, 'node_modules');
    if (existsSync(own)) symlinkSync(own, join(copy, 'packages', name, 'node_modules'), 'junction');
  }
}

/** Changes whenever the mutant, its source or one of its tests does. */
function keyOf(mutant: Mutant): string {
  const hash = createHash('sha256').update(JSON.stringify(mutant));
  for (const file of [mutant.file, ...mutant.tests]) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** A line at the end, so that shards that run beside each other do not meet. */
function record(key: string, outcome: Outcome): void {
  results.set(key, outcome);
  mkdirSync(dirname(kept), { recursive: true });
  appendFileSync(kept, `${key} ${outcome}\n`);
}

function readResults(): Map<string, Outcome> {
  if (!existsSync(kept)) return new Map();
  const lines = readFileSync(kept, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return new Map(lines.map((line) => line.split(' ') as [string, Outcome]));
}
