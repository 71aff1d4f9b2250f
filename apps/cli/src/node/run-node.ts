// Runs a node in this process until it is told to stop.

import { join } from 'node:path';
import { type NodeConfig, nodeConfig } from '@resonancenet/node/config/node-config';
import { type Flags, readSettings } from '@resonancenet/node/config/read-settings';
import { type NodeDeps, ResonanceNode } from '@resonancenet/node/node';
import type { NodeNews } from '@resonancenet/node/node-events';
import { allMethods } from '@resonancenet/node/rpc/all-methods';
import { makeLedgerApi } from '@resonancenet/node/rpc/make-ledger-api';
import { makeNodeApi } from '@resonancenet/node/rpc/make-node-api';
import { startRpcServer } from '@resonancenet/node/rpc/rpc-server';
import { makeDataDir } from '@resonancenet/storage/data-dir-lock';
import { type DestinationStream, type Logger, pino } from 'pino';
import { takeInterruptions } from '../interruption.ts';
import { NewsPrinter } from './news-printer.ts';
import { adviseOnStart } from './start-advice.ts';

export interface RunOptions {
  readonly flags: Flags;
  /** Lines for people instead of log records. */
  readonly human: boolean;
  /** Told when the node is up, before its first block. */
  readonly onStarted?: (node: ResonanceNode, print: (line: string) => void) => void;
}

function createLog(config: NodeConfig, human: boolean): Logger {
  // For people the records that matter are printed as lines; trouble is kept in a file beside the data.
  const destination = human ? openLogFile(config.folder) : pino.destination({ dest: 1, sync: true });
  return pino({ level: config.logLevel, base: { instance: config.instance } }, destination);
}

function openLogFile(folder: string): DestinationStream {
  makeDataDir(folder);
  const path = join(folder, 'debug.log');
  const file = pino.destination({ dest: path, sync: false });
  // Said once; the node itself decides whether it can go on with such a disk.
  let said = false;
  file.on('error', (error: Error) => {
    if (said) return;
    said = true;
    console.error(`rnt: ${path} cannot be written, so trouble is not recorded: ${error.message}`);
  });
  return file;
}

const levels: Readonly<Record<NodeNews['type'], 'info' | 'warn' | 'error' | 'debug'>> = {
  started: 'info',
  tip: 'info',
  final: 'debug',
  verified: 'debug',
  'not-active': 'info',
  refused: 'warn',
  alarm: 'error',
  peer: 'info',
  mining: 'info',
  miner: 'info',
  'evaluation-failed': 'warn',
  rebuilding: 'info',
  rebuilt: 'info',
  'rebuild-stopped': 'info',
  wallet: 'info',
  stopping: 'info',
};

/** null: the signal came first. */
async function startNode(config: NodeConfig, deps: NodeDeps): Promise<ResonanceNode | null> {
  try {
    return await ResonanceNode.start(config, deps);
  } catch (error) {
    if (deps.signal.aborted && error === deps.signal.reason) return null;
    throw adviseOnStart(error, process.argv.slice(2));
  }
}

/** Starts the node and resolves with its exit code when it has stopped. */
export async function runNode(options: RunOptions): Promise<number> {
  const config = nodeConfig(readSettings(options.flags, process.env));
  const log = createLog(config, options.human);
  const printer = options.human ? new NewsPrinter(process.stdout) : null;
  let failure: unknown = null;
  let requestStop: () => void = () => {};
  const stopRequested = new Promise<void>((resolve) => {
    requestStop = resolve;
  });
  const onNews = (news: NodeNews): void => {
    log[levels[news.type]](news, news.type);
    printer?.print(news);
  };
  const interruption = takeInterruptions();
  interruption.signal.addEventListener('abort', () => requestStop());
  const onFatal = (error: unknown): void => {
    failure = error;
    log.fatal({ err: error }, 'the node cannot go on');
    requestStop();
  };
  const node = await startNode(config, { log, onNews, onFatal, signal: interruption.signal });
  // Whoever ends it before it is up ends it as he would later.
  if (node === null) return 0;
  try {
    const api = makeNodeApi(node, requestStop);
    const methods = allMethods(api, makeLedgerApi(node), node.wallets);
    const rpc = await startRpcServer({ ...config.rpc, cookieFile: join(config.folder, '.cookie'), methods, log });
    try {
      log.info({ rpc: rpc.port, p2p: node.listenPort, payTo: node.payToAddress }, 'ready');
      printer?.line(
        `RPC on ${config.rpc.host}:${rpc.port}, peers on port ${node.listenPort}, rewards to ${node.payToAddress}`,
      );
      options.onStarted?.(node, (line) => printer?.line(line));
      printer?.follow(node);
      await stopRequested;
    } finally {
      await rpc.close();
    }
  } finally {
    printer?.end();
    await node.stop();
    interruption.end();
  }
  if (failure !== null) throw failure;
  return 0;
}
