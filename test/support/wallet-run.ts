// `rnt wallet` on the folder of a node, with secrets by its standard input.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { mainFile, type NodeProcess } from './node-process.ts';

export interface WalletRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where the command is to look. */
export type WalletSite = Pick<NodeProcess, 'options' | 'rpcPort'>;

/** A machine of its own, with wallets and without a node. */
export function withoutNode(dataDir: string): WalletSite {
  return { options: { dataDir }, rpcPort: 1 };
}

export async function runWallet(
  { options, rpcPort }: WalletSite,
  args: readonly string[],
  secrets: readonly string[] = [],
  reader: 'program' | 'person' = 'program',
): Promise<WalletRun> {
  const place = ['--network', 'regtest', '--data-dir', options.dataDir, '--rpc-port', String(rpcPort)];
  const form = reader === 'program' ? ['--json'] : [];
  const command = ['--disable-warning=ExperimentalWarning', mainFile, 'wallet', ...args, ...place, ...form];
  const child = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'pipe'] });
  // Who needs no secret ends without reading them.
  child.stdin.on('error', () => undefined);
  child.stdin.end(secrets.map((line) => `${line}\n`).join(''));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** What a command gives that must succeed. */
export async function walletResult<T>(
  site: WalletSite,
  args: readonly string[],
  secrets: readonly string[] = [],
): Promise<T> {
  const { code, stdout, stderr } = await runWallet(site, args, secrets);
  assert.equal(code, 0, `rnt wallet ${args.join(' ')}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}
