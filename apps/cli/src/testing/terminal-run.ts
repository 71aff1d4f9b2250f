// Runs `rnt` at a terminal of its own, by `script` of util-linux: what people see and type.

import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Why there is no terminal to be had, or false. */
export const noTerminal: string | false = hasScript() ? false : 'there is no script of util-linux';

function hasScript(): boolean {
  if (process.platform !== 'linux') return false;
  const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return stdout?.includes('util-linux') === true;
}

/** How long a line is waited for. */
const PATIENCE_MS = 30_000;

export class TerminalRun {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #shown = '';
  #read = 0;
  readonly #ended: Promise<number | null>;

  constructor(args: readonly string[]) {
    const quoted = [process.execPath, '--disable-warning=ExperimentalWarning', main, ...args].map(
      (part) => `'${part.replaceAll("'", "'\\''")}'`,
    );
    this.#child = spawn('script', ['-qfec', quoted.join(' '), '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout.on('data', (part: Buffer) => {
      this.#shown += part.toString();
    });
    this.#ended = once(this.#child, 'close').then(([code]) => code as number | null);
  }

  /** All that was shown so far. */
  get shown(): string {
    return this.#shown;
  }

  /** Waits for a text after all that was waited for before, and gives its match. */
  async until(wanted: RegExp): Promise<RegExpExecArray> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const match = wanted.exec(this.#shown.slice(this.#read));
      if (match !== null) {
        this.#read += match.index + match[0].length;
        return match;
      }
      if (performance.now() > end || this.#child.exitCode !== null) {
        this.#child.kill('SIGKILL');
        throw new Error(`${wanted} was not shown:\n${this.#shown.slice(-2_000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.stdin.write(`${line}\r`);
  }

  /** Its exit code. */
  async end(): Promise<number | null> {
    return await this.#ended;
  }
}
