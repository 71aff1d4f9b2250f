// `npm run demo`: two miners with different text and one verifier on loopback; one is killed with -9 and returns; all end on one tip.

import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { wholeNumber } from '../options.ts';
import { type BlockSeen, DemoNode } from './demo-node.ts';
import { DemoTable } from './demo-table.ts';

interface DemoOptions {
  readonly blocks: number;
  readonly keep?: boolean;
}

const help = `
Examples:
  $ rnt demo
  $ rnt demo --blocks 40 --keep`;

interface ChainInfo {
  readonly blocks: number;
  readonly valLossNats: number;
  readonly bestblockhash: string;
}

/** Blocks under way when the miners stop arrive within this time. */
const agreementMs = 60_000;
/** Nobody waits longer for blocks that do not come. */
const patienceMs = 10 * 60_000;

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('Three nodes on this machine: two miners, one verifier, one crash')
    .option('--blocks <n>', 'height at which the demonstration ends', wholeNumber(6, 500), 20)
    .option('--keep', 'keep the data folder')
    .addHelpText('after', help)
    .action(async (options: DemoOptions) => {
      process.exitCode = await demo(options);
    });
}

async function demo(options: DemoOptions): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'resonancenet-demo-'));
  const threads = Math.max(1, Math.floor(availableParallelism() / 2));
  const winners = new Map<string, string>();
  const table = new DemoTable(winners);
  const onBlock = (node: DemoNode, block: BlockSeen): void => {
    if (block.ours) winners.set(block.hash, node.name);
    table.block(node, block);
  };
  const miner1 = new DemoNode(
    { name: 'miner 1', dataDir, instance: 1, mine: true, threads, connect: [], port: 0 },
    onBlock,
  );
  const nodes = [miner1];
  const interrupted = new AbortController();
  const onSignal = (): void => interrupted.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    table.say(`three nodes in ${dataDir}; they train on different halves of the embedded text`);
    await miner1.start();
    const connect = [`127.0.0.1:${miner1.port}`];
    const miner2 = new DemoNode(
      { name: 'miner 2', dataDir, instance: 2, mine: true, threads, connect, port: 0 },
      onBlock,
    );
    const verifier = new DemoNode(
      { name: 'verifier', dataDir, instance: 3, mine: false, threads: 1, connect, port: 0 },
      onBlock,
    );
    nodes.push(miner2, verifier);
    await Promise.all([miner2.start(), verifier.start()]);
    table.follow(nodes);
    const height = (): number => Math.max(...nodes.map((node) => node.tip?.height ?? 0));
    await until(() => height() >= Math.floor(options.blocks / 2), interrupted.signal);
    table.say(`kill -9 ${miner2.name} at height ${miner2.tip?.height ?? 0}`);
    await miner2.kill();
    await sleep(5000, undefined, { signal: interrupted.signal });
    table.say(`${miner2.name} starts again`);
    await miner2.start();
    await until(() => height() >= options.blocks, interrupted.signal);
    table.say('the miners stop; all nodes must end on one tip');
    await Promise.all([miner1, miner2].map((node) => node.ask('setmining', [false])));
    const tips = (): Promise<string[]> => Promise.all(nodes.map((node) => node.ask<string>('getbestblockhash')));
    await untilAsync(async () => new Set(await tips()).size === 1, interrupted.signal, agreementMs);
    table.end();
    const info = await verifier.ask<ChainInfo>('getblockchaininfo');
    const hashes = await Promise.all(
      Array.from({ length: info.blocks }, (_, below) => verifier.ask<string>('getblockhash', [below + 1])),
    );
    const wins = (name: string): number => hashes.filter((hash) => winners.get(hash) === name).length;
    const won = [miner1, miner2].map((node) => `${node.name} won ${wins(node.name)} (found ${node.found})`).join(', ');
    console.log(
      `one tip on all three nodes: height ${info.blocks}, loss ${info.valLossNats.toFixed(4)} nats, ${info.bestblockhash}`,
    );
    console.log(`${won}; the verifier recomputed every loss`);
    return 0;
  } catch (error) {
    table.end();
    if (interrupted.signal.aborted) return 130;
    throw error;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    table.end();
    await Promise.all(nodes.map((node) => node.stop()));
    if (options.keep === true) console.log(`data kept in ${dataDir}`);
    else rmSync(dataDir, { recursive: true, force: true });
  }
}

class DemoTimeoutError extends Error {
  readonly code = 'demo-timeout';
}

const until = (condition: () => boolean, signal: AbortSignal): Promise<void> =>
  untilAsync(() => Promise.resolve(condition()), signal, patienceMs);

/** Resolves when the condition holds; rejects when interrupted or out of time. */
async function untilAsync(condition: () => Promise<boolean>, signal: AbortSignal, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end)
      throw new DemoTimeoutError(
        `Nothing happened for ${limitMs / 60_000} minutes. Run it again with --keep and read the nodes' data.`,
      );
    await sleep(200, undefined, { signal });
  }
}
