// A real node that opens a store, fetches blocks from a peer over a socket and connects them, while its memory is looked at.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { regtest } from '@resonancenet/params/regtest';
import { freePorts } from '../../test/support/free-port.ts';
import { ownMemoryBytes } from '../../test/support/own-memory.ts';
import { nodeEnvironment, nodeFlags } from './ledger-fixture.ts';
import { checkConnected } from './check-connected.ts';
import type { SpendingBlocks } from './spending-blocks.ts';

export interface NodeFigures {
  /** Greatest RssAnon + RssShmem. */
  readonly peakBytes: number;
  /** The same when the store was open and no block had come. */
  readonly startBytes: number;
  /** From the second full block on. */
  readonly transactionsPerSecond: number;
}

const SAMPLE_MS = 20;
const PATIENCE_MS = 300_000;

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...nodeFlags, ...args], {
    env: { ...process.env, ...nodeEnvironment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** Takes the folder over: `store` becomes the node's, and goes at the end. */
export async function runNode(
  folder: string,
  store: string,
  blocksFile: string,
  { blocks, full, transactions }: SpendingBlocks,
): Promise<NodeFigures> {
  const [peerPort = 0, nodePort = 0, rpcPort = 0] = await freePorts(3);
  const data = join(folder, 'node');
  mkdirSync(join(data, regtest.name), { recursive: true });
  const chain = join(data, regtest.name, 'chain');
  // A copy would be in the page cache.
  renameSync(store, chain);
  const peer = start([file('./block-peer.ts'), String(peerPort), blocksFile]);
  await once(peer.stdout!, 'data');
  const ports = ['--port', String(nodePort), '--rpc-port', String(rpcPort)];
  const node = start([
    ...[file('../../apps/cli/src/main.ts'), 'node', '--network', regtest.name, '--data-dir', data, ...ports],
    ...['--connect', `127.0.0.1:${peerPort}`],
  ]);
  const memory = { peak: 0, start: 0 };
  const sampler = setInterval(() => {
    memory.peak = Math.max(memory.peak, ownMemoryBytes(node.pid ?? 0) ?? 0);
  }, SAMPLE_MS);
  try {
    const times = await tipTimes(node, full, () => {
      memory.start = ownMemoryBytes(node.pid ?? 0) ?? 0;
    });
    clearInterval(sampler);
    node.kill('SIGTERM');
    await once(node, 'close');
    await checkConnected(chain, blocks.slice(0, full), regtest);
    const seconds = (times.get(full)! - times.get(1)!) / 1000;
    return {
      peakBytes: memory.peak,
      startBytes: memory.start,
      transactionsPerSecond: ((transactions / full) * (full - 1)) / seconds,
    };
  } finally {
    clearInterval(sampler);
    node.kill('SIGKILL');
    peer.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  }
}

/** When the node's tip reached each height, by its log; a tip may pass several heights at once. */
async function tipTimes(node: ChildProcess, full: number, onReady: () => void): Promise<ReadonlyMap<number, number>> {
  const times = new Map<number, number>();
  const patience = setTimeout(() => node.kill('SIGKILL'), PATIENCE_MS);
  const said: string[] = [];
  for await (const line of createInterface({ input: node.stdout! })) {
    said.push(line);
    const record = JSON.parse(line) as { readonly msg: string; readonly time: number; readonly height?: number };
    if (record.msg === 'started') onReady();
    if (record.msg !== 'tip' || record.height === undefined) continue;
    for (let height = record.height; height > 0 && !times.has(height); height -= 1) times.set(height, record.time);
    if (record.height >= full) break;
  }
  clearTimeout(patience);
  if (times.has(full)) return times;
  throw new Error(`The node ended, or took too long, before block ${full} was its tip:\n${said.slice(-10).join('\n')}`);
}
