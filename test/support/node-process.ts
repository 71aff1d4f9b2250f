// A node as a process of its own, known by its log, its RPC and its exit code. Every process that a test starts is ended by its own id
// when the test file ends, whatever happened.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePorts } from './free-port.ts';
import { ownMemoryBytes } from './own-memory.ts';
import { callRpc } from './rpc-client.ts';
import { PATIENCE_MS, waitFor, within } from './wait.ts';

/** The command line's entry; run by the same Node that runs the tests. */
export const mainFile: string = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

const bootstrap: unknown = await import(new URL('../../bootstrap/pinned-node.mjs', import.meta.url).href);

/** With these `rnt` starts its Node. */
const { nodeFlags, nodeEnvironment } = bootstrap as {
  readonly nodeFlags: readonly string[];
  readonly nodeEnvironment: Readonly<Record<string, string>>;
};

/** A line of the node's log. Fields beside `msg` depend on it (apps/node/src/node-events.ts). */
export interface LogRecord {
  readonly msg: string;
  readonly level: number;
  readonly code?: string;
  readonly hash?: string | null;
  readonly height?: number;
  readonly valLoss?: number;
  readonly peer?: string | null;
  readonly state?: string;
  readonly address?: string;
  readonly detail?: string;
  readonly reason?: string;
  readonly ours?: boolean;
  readonly mining?: boolean;
  readonly disconnected?: number;
  readonly rpc?: number;
  readonly p2p?: number;
  /** About a wallet, for people. */
  readonly line?: string;
}

export interface ChainInfo {
  readonly chain: string;
  readonly blocks: number;
  readonly headers: number;
  readonly bestblockhash: string;
  readonly valLoss: number;
  readonly dModel: number;
  readonly nLayers: number;
  readonly finalizedHeight: number;
  readonly inSync: boolean;
  readonly alarms: readonly string[];
}

export interface NodeProcessOptions {
  readonly dataDir: string;
  readonly network?: string;
  /** A network of one's own instead of a named one; its name is then `network`. */
  readonly networkFile?: string;
  /** `node` logs JSON; `start` prints for people. */
  readonly command?: 'node' | 'start';
  /** Ports; free ones if left out. */
  readonly port?: number;
  readonly rpcPort?: number;
  /** Peers, host:port. */
  readonly connect?: readonly string[];
  /** Number of the node on this machine: from 2 on it has a folder of its own name; miners of even ones train on the other half of the text. */
  readonly instance?: number;
  /** More flags. */
  readonly flags?: readonly string[];
  /** More variables of the environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What stands before the command, `boundByPermissions()` for instance. */
  readonly before?: readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const running = new Set<ChildProcess>();

// Here and not where a process is started: called inside a test it would wait for that test's end only.
after(async () => {
  const ends = [...running].map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(ends);
});

/** Starts `rnt` with some arguments. */
export function spawnRnt(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  /** What stands before the command, `boundByPermissions()` for instance. */
  before: readonly string[] = [],
): ChildProcess {
  const [program, ...rest] = [...before, process.execPath, ...nodeFlags, mainFile, ...args];
  const child = spawn(program!, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...nodeEnvironment, ...cleanEnvironment(), ...environment },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** The settings of whoever runs the tests must not reach the nodes under test; where compiled modules are kept changes nothing. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const isSetting = (name: string): boolean =>
    name.startsWith('RNT_') || (name.startsWith('NODE_') && name !== 'NODE_COMPILE_CACHE');
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isSetting(name)));
}

/** Runs `rnt` to its end and gives what it said. */
export async function runRnt(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  timeoutMs: number = PATIENCE_MS,
  before: readonly string[] = [],
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
  const child = spawnRnt(args, environment, before);
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (part: Buffer) => {
    output.stdout += part.toString();
  });
  child.stderr?.on('data', (part: Buffer) => {
    output.stderr += part.toString();
  });
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal: signal as NodeJS.Signals | null })),
  );
  try {
    return { ...(await within(ended, timeoutMs, `rnt ${args.join(' ')} ends`)), ...output };
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${output.stdout}${output.stderr}`);
  }
}

export class NodeProcess {
  readonly options: NodeProcessOptions;
  /** All records of the log so far; of a node for people, its lines as `msg`. */
  readonly log: LogRecord[] = [];
  /** Standard error. */
  errors = '';
  #child: ChildProcess;
  #ended: Promise<Ended>;
  #port: number;
  #rpcPort: number;

  private constructor(options: NodeProcessOptions, port: number, rpcPort: number) {
    this.options = options;
    this.#port = port;
    this.#rpcPort = rpcPort;
    [this.#child, this.#ended] = this.#spawn();
  }

  /** Starts a node and waits until its RPC answers. */
  static async start(options: NodeProcessOptions): Promise<NodeProcess> {
    const [port, rpcPort] = await freePorts(2);
    const node = new NodeProcess(options, options.port ?? port ?? 0, options.rpcPort ?? rpcPort ?? 0);
    await node.#untilReady();
    return node;
  }

  /** Starts it again, on the same ports and folder; its log goes on. */
  async restart(): Promise<void> {
    await this.#ended;
    [this.#child, this.#ended] = this.#spawn();
    await this.#untilReady();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get port(): number {
    return this.#port;
  }

  get rpcPort(): number {
    return this.#rpcPort;
  }

  /** host:port for `--connect`. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Everything of this node: keys, chain, checkpoints, cookie. */
  get folder(): string {
    const { dataDir, network = 'regtest', instance = 1 } = this.options;
    return join(dataDir, instance === 1 ? network : `${network}-${instance}`);
  }

  get cookieFile(): string {
    return join(this.folder, '.cookie');
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  rpc<T>(method: string, params: readonly unknown[] | Readonly<Record<string, unknown>> = []): Promise<T> {
    return callRpc<T>(this.#rpcPort, this.cookieFile, method, params);
  }

  info(): Promise<ChainInfo> {
    return this.rpc<ChainInfo>('getblockchaininfo');
  }

  /** Makes blocks without training; gives their ids. */
  async mine(count: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) ids.push(await this.rpc<string>('mineblock'));
    return ids;
  }

  /** Waits until the tip is this block. */
  async untilTip(hash: string, timeoutMs: number = PATIENCE_MS): Promise<void> {
    await waitFor(async () => (await this.rpc<string>('getbestblockhash')) === hash, {
      what: () => `block ${hash.slice(0, 12)} becomes the tip\n${this.tail()}`,
      timeoutMs,
      intervalMs: 30,
    });
  }

  /** The first record from number `from` on that fits, waiting for it if need be. */
  untilLogged(
    what: string,
    fits: (record: LogRecord) => boolean,
    from = 0,
    timeoutMs: number = PATIENCE_MS,
  ): Promise<LogRecord> {
    return waitFor(() => this.log.slice(from).find(fits), {
      what: () => `the log has ${what}\n${this.tail()}`,
      timeoutMs,
    });
  }

  /** What it said last, for messages of failed tests. */
  tail(): string {
    const lines = this.log.slice(-12).map((record) => JSON.stringify(record));
    return [`the node's last records (running: ${this.isRunning}):`, ...lines, this.errors.slice(-2000)].join('\n');
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** How and when it ended. */
  ended(timeoutMs: number = PATIENCE_MS): Promise<Ended> {
    return within(this.#ended, timeoutMs, `process ${this.pid} ends`);
  }

  /** Asks for an orderly end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    if (this.isRunning) this.#child.kill(signal);
    return this.ended();
  }

  /** Ends it at once, as a power failure would. */
  async kill(): Promise<void> {
    if (this.isRunning) this.#child.kill('SIGKILL');
    await this.ended();
  }

  /** Bytes of memory that are the process's own: RssAnon and RssShmem of /proc. */
  memoryBytes(): number {
    return ownMemoryBytes(this.pid) ?? Number.NaN;
  }

  #spawn(): [ChildProcess, Promise<Ended>] {
    const {
      dataDir,
      network = 'regtest',
      networkFile,
      connect = [],
      flags = [],
      command = 'node',
      instance = 1,
      environment,
      before,
    } = this.options;
    const args = [
      command,
      ...(networkFile === undefined ? ['--network', network] : ['--network-file', networkFile]),
      ...['--data-dir', dataDir, '--port', String(this.#port), '--rpc-port', String(this.#rpcPort)],
      ...connect.flatMap((address) => ['--connect', address]),
      ...(instance === 1 ? [] : ['--instance', String(instance)]),
      ...flags,
    ];
    const child = spawnRnt(args, environment, before);
    const ended = new Promise<Ended>((resolve) =>
      child.once('close', (code, signal) => resolve({ code, signal: signal as NodeJS.Signals | null })),
    );
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => this.#read(line));
    child.stderr?.on('data', (part: Buffer) => {
      this.errors += part.toString();
    });
    return [child, ended];
  }

  #read(line: string): void {
    let record: LogRecord;
    try {
      record = JSON.parse(line) as LogRecord;
    } catch {
      record = { msg: line, level: 0 };
    }
    this.log.push(record);
  }

  async #untilReady(): Promise<void> {
    // A cookie that a killed process left behind is of no use: the new one's is awaited by asking.
    await waitFor(
      async () => {
        if (!this.isRunning) throw new Error(`The node ended before it was ready.\n${this.tail()}`);
        if (!existsSync(this.cookieFile)) return false;
        return this.rpc<number>('uptime').then(
          () => true,
          () => false,
        );
      },
      { what: () => `the node is ready\n${this.tail()}`, timeoutMs: 60_000, intervalMs: 50 },
    );
  }
}

/** Waits until all nodes have the same tip, and gives it. */
export async function untilSameTip(nodes: readonly NodeProcess[], timeoutMs: number = PATIENCE_MS): Promise<string> {
  return waitFor(
    async () => {
      const tips = await Promise.all(nodes.map((node) => node.rpc<string>('getbestblockhash')));
      return tips.every((tip) => tip === tips[0]) ? tips[0] : null;
    },
    { what: () => `all nodes have one tip\n${nodes.map((node) => node.tail()).join('\n')}`, timeoutMs, intervalMs: 50 },
  );
}
