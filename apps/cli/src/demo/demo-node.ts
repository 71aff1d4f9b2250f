// One process of the demonstration, known by what it logs.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface DemoNodeOptions {
  readonly name: string;
  readonly dataDir: string;
  /** Miners of odd and even instances train on different halves of the text. */
  readonly instance: number;
  readonly mine: boolean;
  readonly threads: number;
  /** Peers, host:port. */
  readonly connect: readonly string[];
  /** Port for peers; 0 lets the system choose. */
  readonly port: number;
}

interface LogRecord {
  readonly msg?: string;
  readonly rpc?: number;
  readonly p2p?: number;
  readonly hash?: string;
  readonly height?: number;
  readonly valLoss?: number;
  readonly ours?: boolean;
  readonly dModel?: number;
  readonly nLayers?: number;
  readonly state?: string;
  readonly mining?: boolean;
  readonly reason?: string;
  readonly detail?: string;
}

export interface BlockSeen {
  readonly height: number;
  readonly hash: string;
  readonly valLoss: number;
  readonly shape: string;
  readonly ours: boolean;
}

export class DemoNode {
  readonly options: DemoNodeOptions;
  readonly onBlock: (node: DemoNode, block: BlockSeen) => void;
  port = 0;
  tip: BlockSeen | null = null;
  /** Blocks of its own that became its tip; a rival's may have taken their place since. */
  found = 0;
  peers = 0;
  /** What it does now, in a few words. */
  state = 'stopped';
  #child: ChildProcess | null = null;
  #rpcPort = 0;

  constructor(options: DemoNodeOptions, onBlock: (node: DemoNode, block: BlockSeen) => void) {
    this.options = options;
    this.onBlock = onBlock;
  }

  get name(): string {
    return this.options.name;
  }

  /** Starts the process and resolves when it serves peers. */
  async start(): Promise<void> {
    const { dataDir, instance, mine, threads, connect, port } = this.options;
    const peers = connect.flatMap((address) => ['--connect', address]);
    const args = [
      'node',
      '--network',
      'devnet',
      '--data-dir',
      dataDir,
      '--instance',
      String(instance),
      '--threads',
      String(threads),
    ];
    const child = spawn(
      process.execPath,
      [
        ...process.execArgv,
        main,
        ...args,
        '--port',
        String(this.port === 0 ? port : this.port),
        '--rpc-port',
        '0',
        ...peers,
        ...(mine ? ['--mine'] : []),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    this.state = 'starting';
    this.peers = 0;
    let errors = '';
    child.stderr.on('data', (text: Buffer) => {
      errors = `${errors}${text.toString()}`.slice(-2000);
    });
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const record = parse(line);
        if (record.msg === 'ready') resolve();
        this.#read(record);
      });
      child.once('exit', (code, signal) => {
        this.state = signal === null ? `ended with code ${code}` : `ended by ${signal}`;
        reject(new Error(`${this.name} ended before it was ready (${code ?? signal}):\n${errors}`));
      });
    });
  }

  /** Ends the process without any chance to clean up, as a power failure would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
    this.state = 'killed with -9';
  }

  /** Asks the node by RPC. */
  async ask<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    const { dataDir, instance } = this.options;
    const cookie = readFileSync(join(dataDir, instance === 1 ? 'devnet' : `devnet-${instance}`, '.cookie'), 'utf8');
    const response = await fetch(`http://127.0.0.1:${this.#rpcPort}/`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(cookie).toString('base64')}` },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const answer = (await response.json()) as { readonly result?: T; readonly error?: { readonly message: string } };
    if (answer.error !== undefined) throw new Error(`${this.name}: ${method}: ${answer.error.message}`);
    return answer.result as T;
  }

  async stop(): Promise<void> {
    await this.#end('SIGINT');
    this.state = 'stopped';
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
  }

  #read(record: LogRecord): void {
    switch (record.msg) {
      case 'ready':
        this.port = record.p2p ?? 0;
        this.#rpcPort = record.rpc ?? 0;
        this.state = this.options.mine ? 'mining' : 'verifying';
        return;
      case 'peer':
        this.peers += record.state === 'ready' ? 1 : -1;
        return;
      case 'mining':
        if (this.options.mine) this.state = record.mining === true ? 'mining' : `not mining: ${record.reason ?? ''}`;
        return;
      case 'alarm':
        this.state = `ALARM: ${record.reason ?? ''}`;
        return;
      case 'started':
      case 'tip': {
        const { height = 0, hash = '', valLoss = 0, ours = false, dModel = 0, nLayers = 0 } = record;
        this.tip = { height, hash, valLoss, ours, shape: `${dModel} x ${nLayers}` };
        if (record.msg === 'started') return;
        if (ours) this.found += 1;
        this.onBlock(this, this.tip);
        return;
      }
      default:
    }
  }
}

/** A log line; anything that is no JSON counts as nothing. */
function parse(line: string): LogRecord {
  try {
    return JSON.parse(line) as LogRecord;
  } catch {
    return {};
  }
}
