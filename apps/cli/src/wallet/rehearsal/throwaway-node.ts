// A regtest node of its own in a folder that goes when it ends: no peers, no settings of the user's, blocks on command.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { callRpc, type RpcTarget } from '../../rpc-client.ts';
import { RehearsalError } from './rehearsal-error.ts';

const main = fileURLToPath(new URL('../../main.ts', import.meta.url));

const START_MS = 60_000;
const END_MS = 10_000;

export class ThrowawayNode {
  readonly #child: ChildProcess;
  readonly #target: RpcTarget;

  private constructor(child: ChildProcess, target: RpcTarget) {
    this.#child = child;
    this.#target = target;
  }

  /** Resolves when it answers. @throws RehearsalError; the signal's reason */
  static async start(dataDir: string, signal: AbortSignal): Promise<ThrowawayNode> {
    signal.throwIfAborted();
    const args = ['--network', 'regtest', '--data-dir', dataDir, '--rpc-port', '0', '--no-listen'];
    const isOurs = (name: string): boolean => name.startsWith('RNT_');
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name)));
    const command = [...process.execArgv, main, 'node', ...args];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'], env });
    try {
      const port = await rpcPort(child, signal);
      const cookieFile = join(dataDir, 'regtest', '.cookie');
      return new ThrowawayNode(child, { host: '127.0.0.1', port, cookieFile });
    } catch (error) {
      await end(child);
      throw error;
    }
  }

  /** @throws NoNodeError, RpcFailure */
  async ask<T>(method: string, params: unknown, path: string): Promise<T> {
    return (await callRpc(this.#target, method, params, path)) as T;
  }

  async stop(): Promise<void> {
    await end(this.#child);
  }
}

/** The port of the RPC server, once the log tells it. */
function rpcPort(child: ChildProcess, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    let errors = '';
    const late = setTimeout(() => reject(new RehearsalError('The node did not start within a minute.')), START_MS);
    const settled = (): void => {
      clearTimeout(late);
      signal.removeEventListener('abort', stopped);
    };
    const fail = (error: unknown): void => {
      settled();
      reject(error);
    };
    const stopped = (): void => fail(signal.reason);
    signal.addEventListener('abort', stopped);
    child.once('error', fail);
    child.once('exit', (code) => fail(new RehearsalError(`The node ended before it was ready (${code}): ${errors}`)));
    child.stderr?.on('data', (part: Buffer) => {
      errors = `${errors}${part.toString()}`.slice(-2000);
    });
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const port = portIn(line);
      if (port === null) return;
      settled();
      resolve(port);
    });
  });
}

function portIn(line: string): number | null {
  if (!line.includes('"msg":"ready"')) return null;
  const { rpc } = JSON.parse(line) as { readonly rpc?: number };
  return rpc ?? null;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await ended;
  clearTimeout(late);
}
