// Kills a real process at named points and at random instants, restarts it, and compares the end with an undisturbed run.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CRASH_POINTS, CRASH_VARIABLE, type CrashPoint } from '@resonancenet/storage/crash-point';
import type { CrashLine } from './crash-line.ts';
import { Promises } from './promises.ts';
import { digestDifference, type StoreDigest } from './store-digest.ts';

/** A point, and how often it may be passed at most before it kills: the number is drawn up to this one. */
type Place = readonly [point: CrashPoint, upTo: number];

/** Each trial dies at three named points, one after the other: every time it was started again it goes to the next one. */
const PLANS: readonly (readonly [Place, Place, Place])[] = [
  [
    ['chunk-recorded', 30],
    ['recovery-partial', 1],
    ['checkpoint-before-rename', 3],
  ],
  [
    ['undo-before', 6],
    ['recovery-before', 1],
    ['checkpoint-before-delete', 3],
  ],
  [
    ['undo-inside', 6],
    ['recovery-inside', 1],
    ['checkpoint-after-delete', 3],
  ],
  [
    ['undo-after', 6],
    ['recovery-after', 1],
    ['rebuild-before', 8],
  ],
  [
    ['commit-before', 60],
    ['connect-inside', 200],
    ['rebuild-inside', 8],
  ],
  [
    ['commit-inside', 60],
    ['disconnect-inside', 6],
    ['rebuild-after', 8],
  ],
  [
    ['commit-after', 60],
    ['checkpoint-after-rename', 3],
    ['snapshot-before-rename', 1],
  ],
  [
    ['chunk-written', 30],
    ['rebuild-connect', 200],
    ['snapshot-after-rename', 1],
  ],
];

export interface SuiteResult {
  readonly hits: ReadonlyMap<CrashPoint, number>;
  readonly randomKills: number;
  /** Of the node that was never killed (LED-30), as hex. */
  readonly stateHash: string;
  readonly problems: readonly string[];
}

interface RunResult {
  readonly lines: readonly CrashLine[];
  /** The point at which it died, `random`, or null if it ended by itself. */
  readonly died: CrashPoint | 'random' | null;
  readonly trouble: string | null;
}

interface RunOptions {
  readonly from: number;
  readonly point?: { readonly name: CrashPoint; readonly count: number };
  readonly killAfterMs?: number;
}

export class ProcessSuite {
  readonly #scriptFolder: string;
  readonly #random: () => number;

  constructor(scriptFolder: string, random: () => number) {
    this.#scriptFolder = scriptFolder;
    this.#random = random;
  }

  /** Runs the trials, some at once; `onTrial` is told when each is over. */
  async run(trials: number, atOnce: number, onTrial: (done: number) => void): Promise<SuiteResult> {
    const expected = await this.#undisturbed();
    const hits = new Map<CrashPoint, number>(CRASH_POINTS.map((point) => [point, 0]));
    const problems: string[] = [];
    let randomKills = 0;
    let next = 0;
    let done = 0;
    // All chance is drawn in the order of the trials, so that a seed gives the same run however many are at once.
    const plans = Array.from({ length: trials }, (_, trial) => this.#draw(trial));
    const worker = async (): Promise<void> => {
      for (let trial = next++; trial < trials; trial = next++) {
        const plan = plans[trial]!;
        const outcome = await this.#trial(plan, expected);
        for (const died of outcome.died)
          if (died === 'random') randomKills += 1;
          else hits.set(died, (hits.get(died) ?? 0) + 1);
        if (outcome.problem !== null) problems.push(`trial ${trial} (${plan.name}): ${outcome.problem}`);
        done += 1;
        onTrial(done);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return { hits, randomKills, stateHash: expected.stateHash, problems };
  }

  #draw(trial: number): TrialPlan {
    const points = PLANS[trial % PLANS.length]!.map(([name, upTo]) => ({
      name,
      count: 1 + Math.floor(this.#random() * upTo),
    }));
    const killAfterMs = 200 + Math.floor(this.#random() * 1_200);
    const named = points.map(({ name, count }) => `${name}:${count}`);
    return { name: `${named.join(', ')}, random after ${killAfterMs} ms`, points, killAfterMs };
  }

  async #undisturbed(): Promise<StoreDigest> {
    const folder = mkdtempSync(join(tmpdir(), 'resonance-crash-'));
    try {
      const { lines, trouble } = await this.#run(folder, { from: 0 });
      const end = lines.at(-1);
      if (end?.type !== 'done') throw new Error(`The undisturbed run did not end: ${trouble ?? 'no reason given'}`);
      return end.digest;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async #trial(
    plan: TrialPlan,
    expected: StoreDigest,
  ): Promise<{ readonly died: (CrashPoint | 'random')[]; readonly problem: string | null }> {
    const folder = mkdtempSync(join(tmpdir(), 'resonance-crash-'));
    const promises = new Promises();
    const died: (CrashPoint | 'random')[] = [];
    const runs: Omit<RunOptions, 'from'>[] = [
      ...plan.points.map((point) => ({ point })),
      { killAfterMs: plan.killAfterMs },
      {},
    ];
    try {
      for (const options of runs) {
        const result = await this.#run(folder, { from: promises.doneSteps, ...options });
        for (const line of result.lines) {
          const broken = promises.take(line);
          if (broken !== null) return { died, problem: broken };
        }
        if (result.died === null && result.trouble !== null) return { died, problem: result.trouble };
        if (result.died !== null) died.push(result.died);
        const end = result.lines.at(-1);
        if (end?.type === 'done') {
          const difference = digestDifference(expected, end.digest);
          if (difference !== null) return { died, problem: difference };
        } else if (result.died === null) return { died, problem: 'the process ended without an end' };
      }
      return { died, problem: null };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #run(folder: string, { from, point, killAfterMs }: RunOptions): Promise<RunResult> {
    const env = { ...process.env };
    delete env[CRASH_VARIABLE];
    if (point !== undefined) env[CRASH_VARIABLE] = `${point.name}:${point.count}`;
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', childPath, this.#scriptFolder, folder, String(from)],
      { env, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let killed = false;
    const timer =
      killAfterMs === undefined
        ? null
        : setTimeout(() => {
            killed = child.kill('SIGKILL');
          }, killAfterMs);
    return collect(child).then(({ stdout, stderr, signal, code }) => {
      if (timer !== null) clearTimeout(timer);
      // A line that was being written when the process died is no line.
      const lines = stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as CrashLine);
      const named = /^crash point (\S+)$/m.exec(stderr)?.[1] as CrashPoint | undefined;
      const died = signal === null ? null : (named ?? (killed ? 'random' : null));
      const trouble =
        died !== null || code === 0 ? null : `exit code ${code}, signal ${signal}: ${stderr.slice(-2000)}`;
      return { lines, died, trouble };
    });
  }
}

interface TrialPlan {
  readonly name: string;
  readonly points: readonly NonNullable<RunOptions['point']>[];
  readonly killAfterMs: number;
}

const childPath = fileURLToPath(new URL('./crash-child.ts', import.meta.url));

function collect(
  child: ChildProcess,
): Promise<{ stdout: string; stderr: string; signal: NodeJS.Signals | null; code: number | null }> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data: Buffer) => {
    stdout += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ stdout, stderr, signal, code }));
  });
}
