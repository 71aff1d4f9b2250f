// What a stranger does first: clone, `npm start`, Ctrl-C, `npm start` again (issue bar "npm start"). Needs the package registry.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freshEnvironment } from '../support/fresh-environment.ts';
import { freePorts } from '../support/free-port.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitFor, within } from '../support/wait.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const minute = 60_000;

interface Line {
  readonly text: string;
  readonly atMs: number;
}

/** `npm start` in a folder, with a home of its own, until it is interrupted. */
class Start {
  readonly lines: Line[] = [];
  readonly #child: ReturnType<typeof spawn>;

  constructor(folder: string, home: string, flags: readonly string[]) {
    this.#child = spawn('npm', ['start', '--', ...flags], {
      cwd: folder,
      // A group of its own: Ctrl-C at a terminal reaches every process of it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: freshEnvironment(home),
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      if (stream !== null)
        createInterface({ input: stream }).on('line', (text) => this.lines.push({ text, atMs: performance.now() }));
  }

  until(pattern: RegExp, timeoutMs: number): Promise<Line> {
    return waitFor(
      () => {
        if (this.#child.exitCode !== null) throw new Error(`npm start ended:\n${this.text}`);
        return this.lines.find(({ text }) => pattern.test(text));
      },
      { what: () => `${pattern}\n${this.text}`, timeoutMs, intervalMs: 50 },
    );
  }

  get text(): string {
    return this.lines.map(({ text }) => text).join('\n');
  }

  /** Ctrl-C. What npm itself ends with depends on its version; the node says that it stops. */
  async interrupt(): Promise<void> {
    const ended = once(this.#child, 'close');
    this.#signal('SIGINT');
    await within(ended, minute, 'npm start ends');
    assert.match(this.lines.at(-1)?.text ?? '', /stopping \.\.\.$/, this.text);
  }

  kill(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    process.kill(-(this.#child.pid ?? 0), signal);
  }
}

test('npm start on a fresh clone shows its first block within 60 s of the end of the install, and goes on after Ctrl-C', {
  skip: process.platform === 'win32' || !existsSync(join(root, '.git')) ? 'needs a clone and process groups' : false,
  timeout: 15 * minute,
}, async (context) => {
  const folder = join(tempFolder('clone'), 'resonancenet');
  const home = join(folder, '..', 'home');
  mkdirSync(home);
  execFileSync('git', ['clone', '-q', root, folder]);
  const [port, rpcPort] = await freePorts(2);
  const flags = ['--port', String(port), '--rpc-port', String(rpcPort)];
  const first = new Start(folder, home, flags);
  try {
    const began = performance.now();
    const installed = await first.until(/^added \d+ packages/, 10 * minute);
    const block = await first.until(/ {2}block 1 {2}loss/, 5 * minute);
    const seconds = (ms: number): string => (ms / 1000).toFixed(1);
    const figures = `install ${seconds(installed.atMs - began)} s, first block ${seconds(block.atMs - installed.atMs)} s after it`;
    context.diagnostic(figures);
    assert.ok(block.atMs - installed.atMs < minute, figures);
    await first.until(/ {2}block 2 {2}loss/, minute);
    await first.interrupt();
  } finally {
    first.kill();
  }
  const height = first.lines.filter(({ text }) => / {2}block \d+ {2}loss/.test(text)).length;
  const second = new Start(folder, home, flags);
  try {
    const started = await second.until(/devnet: height/, minute);
    assert.match(started.text, new RegExp(`devnet: height ${height},`), 'it goes on where it was');
    await second.until(new RegExp(` {2}block ${height + 1} {2}loss`), 2 * minute);
    await second.interrupt();
  } finally {
    second.kill();
  }
});
