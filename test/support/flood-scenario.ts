// One node, one honest peer, four floods of junk headers: what it costs in memory, and how long an honest block takes meanwhile.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { encode } from '@resonancenet/bytes/encode';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import { serialiseNetworkParams } from '@resonancenet/params/network-file';
import { headerCodec } from '@resonancenet/primitives/header';
import { BlockForge, type ForgedBlock } from './block-forge.ts';
import { BlockServer } from './block-server.ts';
import type { FloodRequest, FloodTally, FloodWorkerData } from './flood-worker.ts';
import { freePorts } from './free-port.ts';
import { NodeProcess } from './node-process.ts';
import { listenForNode } from './scripted-peer.ts';
import { foundNetwork, writeNetwork } from './test-network.ts';
import { sleep } from './wait.ts';

export interface FloodReport extends FloodTally {
  /** Memory of the node, bytes: before, and the most during the flood and the 2 s after it. */
  readonly before: number;
  readonly peak: number;
  /** Time from an honest announcement to the tip, milliseconds, of each block. */
  readonly blockMs: readonly number[];
}

export interface FloodOptions {
  readonly folder: string;
  readonly seconds: number;
  /** Over all four peers. */
  readonly headersPerSecond: number;
  /** All from one host, which the node never discourages if it is its own machine; else a new host for every connection. */
  readonly oneHost: boolean;
}

const flooders = 4;
const blockEveryMs = 2000;

/** Runs the flood and measures. */
export async function flood(options: FloodOptions): Promise<FloodReport> {
  const { folder, seconds, headersPerSecond, oneHost } = options;
  const backend = await selectBackend('auto', { threads: 1 });
  const network = await foundNetwork(backend, {
    name: 'flooded',
    baseShape: { width: 16, layers: 1 },
    capShape: { width: 4096, layers: 48 },
    lossStep: 100,
    spacingBase: 1,
    stallIntervalBase: 3600,
    ageSeconds: 3600,
  });
  const { params } = network;
  const forge = new BlockForge(network, backend);
  // Blocks are made before, so that forging takes no time from the flood.
  const blocks = await forge.chain(forge.genesis, 3 + Math.ceil((seconds * 1000) / blockEveryMs));
  await backend.close();
  const honest = new BlockServer(blocks.slice(0, 3));
  const [honestPort = 0] = await freePorts(1);
  const { peer } = await listenForNode(honestPort, { params, mind: honest.mind });
  const node = await NodeProcess.start({
    dataDir: folder,
    network: params.name,
    networkFile: writeNetwork(network, folder),
    connect: [`127.0.0.1:${honestPort}`],
  });
  const workerData: FloodWorkerData = {
    network: serialiseNetworkParams(params),
    port: node.port,
    peers: flooders,
    headersPerSecond,
    oneHost,
  };
  await node.untilTip(honest.tip!.id);
  const junk = new Worker(new URL('./flood-worker.ts', import.meta.url), { workerData });
  const order = (request: FloodRequest): void => junk.postMessage(request);
  const tell = ({ header }: ForgedBlock): void => order({ type: 'tip', header: encode(headerCodec, header) });
  try {
    // What the first blocks and the first questions cost belongs to the node, not to the flood.
    await sleep(1000);
    const before = node.memoryBytes();
    let peak = before;
    const sampler = setInterval(() => {
      if (node.isRunning) peak = Math.max(peak, node.memoryBytes());
    }, 100);
    const blockMs: number[] = [];
    const endMs = performance.now() + seconds * 1000;
    tell(honest.tip!);
    try {
      for (const block of blocks.slice(3)) {
        if (performance.now() > endMs) break;
        await sleep(blockEveryMs);
        const announcedMs = performance.now();
        honest.add(block);
        honest.announce(peer()!);
        await node.untilTip(block.id, 15_000);
        blockMs.push(performance.now() - announcedMs);
        tell(block);
      }
      const answer = once(junk, 'message');
      order({ type: 'stop' });
      const [tally] = (await answer) as [FloodTally];
      await sleep(2000);
      assert.equal(peer()?.isClosed, false, 'the honest peer stays connected');
      return { ...tally, before, peak, blockMs };
    } finally {
      clearInterval(sampler);
    }
  } finally {
    await junk.terminate();
    await node.stop();
  }
}

/** The figures in words. */
export function describeFlood({ headersSent, connections, before, peak, blockMs }: FloodReport): string {
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  return `${headersSent} junk headers over ${connections} connections, memory ${mebibytes(before)} -> ${mebibytes(peak)} MiB, honest blocks after ${blockMs.map((ms) => ms.toFixed(0)).join(', ')} ms`;
}

/** The bar: less than 50 MiB more, an honest block within 5 s. */
export function assertWithstood(report: FloodReport, headersAtLeast: number): void {
  const figures = describeFlood(report);
  assert.ok(report.headersSent >= headersAtLeast, figures);
  assert.ok(report.peak - report.before < 50 * 2 ** 20, figures);
  assert.ok(report.blockMs.length > 0 && Math.max(...report.blockMs) < 5000, figures);
}
