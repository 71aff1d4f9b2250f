// What stands in the README under "A payment in six commands" is done as it stands there: in a fresh clone, with an empty home. Needs the package
// registry, and the ports of devnet.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freshEnvironment } from '../support/fresh-environment.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitFor, within } from '../support/wait.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const minute = 60_000;
const MOST_COMMANDS = 6;

/** Of two nodes of devnet on one machine. */
const PORTS = [29_554, 29_555, 29_564, 29_565];

interface Step {
  readonly command: string;
  /** What the README shows, cuts and empty lines left out. */
  readonly shown: readonly string[];
}

function stepsOf(readme: string): Step[] {
  const section = readme.split('### A payment in six commands')[1] ?? '';
  const block = section.split('```')[1] ?? '';
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command, ...lines] = text.split('\n');
      return { command: command!, shown: lines.filter((line) => line.trim() !== '' && line !== '[...]') };
    });
}

/** What differs between two runs is the same afterwards. */
function normal(text: string, home: string): string {
  return text
    .replaceAll(home, '~')
    .replaceAll(/drnt1[0-9a-z]+/g, 'ADDRESS')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'TXID')
    .replaceAll(/fingerprint( *) [0-9a-f]{8}/g, 'fingerprint$1 FINGERPRINT')
    .replaceAll(/\d+(\.\d+)?/g, '0')
    .replaceAll(/ +/g, ' ');
}

async function busyPort(): Promise<false | string> {
  for (const port of PORTS) {
    const server = createServer();
    const isFree = await new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree !== true) return `port ${port} of devnet is in use`;
  }
  return false;
}

const skip =
  process.platform === 'win32' || !existsSync(join(root, '.git'))
    ? 'needs a clone, bash and process groups'
    : await busyPort();

class Shell {
  output = '';
  readonly #child: ReturnType<typeof spawn>;
  readonly #ended: Promise<unknown[]>;

  constructor(command: string, cwd: string, home: string) {
    this.#child = spawn('bash', ['-c', command], {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: freshEnvironment(home),
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (part: Buffer) => {
        this.output += part.toString();
      });
    this.#ended = once(this.#child, 'close');
  }

  /** Waits for its end, which must be a good one. */
  async done(): Promise<void> {
    const [code] = await within(this.#ended, 5 * minute, this.output);
    assert.equal(code, 0, this.output);
  }

  /** Waits for a line while it goes on. */
  async until(pattern: RegExp): Promise<void> {
    await waitFor(
      () => {
        assert.equal(this.#child.exitCode, null, this.output);
        return pattern.test(this.output);
      },
      { what: () => `${pattern}\n${this.output}`, timeoutMs: 10 * minute, intervalMs: 100 },
    );
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    process.kill(-(this.#child.pid ?? 0), signal);
    await within(this.#ended, minute, this.output);
  }
}

test('the six commands of the README lead from a fresh clone to a confirmed payment, with the output that stands there', {
  skip,
  timeout: 20 * minute,
}, async (context) => {
  const steps = stepsOf(readFileSync(join(root, 'README.md'), 'utf8'));
  assert.ok(steps.length > 0 && steps.length <= MOST_COMMANDS, `${steps.length} commands`);
  const clone = join(tempFolder('readme'), 'resonancenet');
  const home = join(clone, '..', 'home');
  mkdirSync(home);
  execFileSync('git', ['clone', '-q', root, clone]);
  const began = performance.now();
  const nodes: Shell[] = [];
  /** Addresses in the README, by the order in which they are printed, and those of this run. */
  const addresses = new Map<string, string>();
  try {
    for (const { command, shown } of steps) {
      const typed = command.replaceAll(/drnt1[0-9a-z]+/g, (address) => addresses.get(address) ?? address);
      const shell = new Shell(typed, clone, home);
      const goesOn = command.startsWith('npm start');
      if (goesOn) nodes.push(shell);
      await (goesOn ? shell.until(/ block 1 /) : shell.done());
      const said = normal(shell.output, home);
      for (const line of shown)
        assert.ok(said.includes(normal(line, home).trimEnd()), `of ${command}: ${line}\nis not in\n${shell.output}`);
      const [written, printed] = [shown.join('\n'), shell.output].map((text) => text.match(/^drnt1[0-9a-z]+$/gm) ?? []);
      for (const [at, address] of (written ?? []).entries()) addresses.set(address, printed![at]!);
      context.diagnostic(`${((performance.now() - began) / 1000).toFixed(0)} s: ${typed.slice(0, 60)}`);
    }
    const last = steps.at(-1)!.shown.join('\n');
    assert.match(last, /^confirmed +1\.5 RNT/);
  } finally {
    for (const node of nodes.reverse()) await node.end('SIGINT');
  }
});
