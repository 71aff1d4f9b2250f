// Runs `rnt` as people do: a process of its own, with its output and exit code.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface CliResult {
  /** null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type CliProcess = ChildProcessByStdio<null, Readable, Readable>;

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a command. */
export function startCli(args: readonly string[], options: CliOptions = {}): CliProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  });
}

/** Waits for the end of a command. */
export async function endOf(child: CliProcess): Promise<CliResult> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => out.push(part));
  child.stderr.on('data', (part: Buffer) => err.push(part));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** Runs a command to its end. */
export async function runCli(args: readonly string[], options?: CliOptions): Promise<CliResult> {
  return await endOf(startCli(args, options));
}

/** The lines of --json. */
export function jsonLines(result: CliResult): Record<string, unknown>[] {
  return result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Runs a command that must succeed and gives its last line of --json. */
export async function jsonOf(args: readonly string[], options?: CliOptions): Promise<Record<string, unknown>> {
  const result = await runCli([...args, '--json'], options);
  if (result.code !== 0) throw new Error(`rnt ${args.join(' ')} ended with ${result.code}: ${result.stderr}`);
  return jsonLines(result).at(-1) ?? {};
}

/** Starts a command and signals it when a line of its output passes `when`. */
export async function signalWhen(
  args: readonly string[],
  when: (line: string) => boolean,
  signal: NodeJS.Signals,
  options?: CliOptions,
): Promise<CliResult> {
  const child = startCli(args, options);
  const end = endOf(child);
  let sent = false;
  createInterface(child.stdout).on('line', (line) => {
    if (sent || !when(line)) return;
    sent = true;
    child.kill(signal);
  });
  const result = await end;
  if (!sent) {
    const how = `ended with ${result.code} before it could be signalled: ${result.stderr}`;
    throw new Error(`rnt ${args.join(' ')} ${how}`);
  }
  return result;
}

/** Runs the work on all items, two at a time: the tests share a small machine. */
export async function twoAtATime<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}
