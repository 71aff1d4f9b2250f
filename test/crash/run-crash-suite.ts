// Both halves of the crash suite, and the verdict.

import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CRASH_POINTS } from '@resonancenet/storage/crash-point';
import { readCrashScript, writeCrashScript } from './crash-script.ts';
import { LossySuite } from './lossy-suite.ts';
import { ProcessSuite } from './process-suite.ts';

export interface CrashSuiteOptions {
  readonly trials: number;
  readonly seed: number;
  /** Progress for people. */
  readonly print: (line: string) => void;
}

/** Every problem in words; none if the suite passed. */
export async function runCrashSuite({ trials, seed, print }: CrashSuiteOptions): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'resonance-crash-script-'));
  try {
    print(`crash suite: ${trials} trials, seed ${seed} (--seed ${seed} repeats it)`);
    writeCrashScript(folder);
    const script = readCrashScript(folder);
    print(`script: ${script.blocks.length} blocks, ${script.steps.length} steps`);
    const every = Math.max(1, Math.floor(trials / 20));
    const report = (what: string) => (done: number) => {
      if (done % every === 0 || done === trials) print(`${what}: ${done} of ${trials} trials`);
    };
    const processes = await new ProcessSuite(folder, seededRandom(seed)).run(
      trials,
      Math.max(1, Math.min(4, availableParallelism())),
      report('killed processes'),
    );
    const lossy = new LossySuite(script, seededRandom(seed + 1)).run(trials, report('lossy disk'));
    const counts = CRASH_POINTS.map((point) => `${point} ${processes.hits.get(point) ?? 0}`);
    print(
      `kills: ${counts.join(', ')}; at random instants ${processes.randomKills}; power failures ${lossy.powerFailures}`,
    );
    print(`state hash of the node that was never killed, and of every other one that passed: ${processes.stateHash}`);
    return [...processes.problems, ...lossy.problems, ...neverHit(processes.hits, trials)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each point must have killed at least once, in 200 trials at least ten times. */
function neverHit(hits: ReadonlyMap<string, number>, trials: number): string[] {
  const wanted = Math.max(1, Math.floor(trials / 20));
  return CRASH_POINTS.filter((point) => (hits.get(point) ?? 0) < wanted).map(
    (point) => `the crash point '${point}' killed ${hits.get(point) ?? 0} times, at least ${wanted} are wanted`,
  );
}

/** mulberry32. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
