// What a stranger sees who types `npm start`, and what three nodes do together, on devnet with real training (issue bars "npm start", "demo").

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChainInfo, NodeProcess, untilSameTip } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { sleep, waitFor } from '../support/wait.ts';

const minute = 60_000;

/** Asks `getblockchaininfo` every 50 ms and keeps how long each answer took. */
class LatencyProbe {
  readonly milliseconds: number[] = [];
  last: ChainInfo | null = null;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(node: NodeProcess) {
    this.#timer = setInterval(() => {
      const asked = performance.now();
      node.info().then(
        (info) => {
          this.milliseconds.push(performance.now() - asked);
          this.last = info;
        },
        // A node that is being stopped answers no more.
        (error: unknown) => {
          if (node.isRunning && !this.isStopped) throw error;
        },
      );
    }, 50);
  }

  isStopped = false;

  stop(): void {
    this.isStopped = true;
    clearInterval(this.#timer);
  }

  /** The time that so many of a hundred answers stayed below. */
  percentile(share: number): number {
    const sorted = [...this.milliseconds].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor((share / 100) * sorted.length))] ?? Number.POSITIVE_INFINITY;
  }
}

/** A number that the node printed for people. */
async function printed(node: NodeProcess, pattern: RegExp, from = 0): Promise<number> {
  const line = await node.untilLogged(String(pattern), ({ msg }) => pattern.test(msg), from, minute);
  return Number(pattern.exec(line.msg)?.[1]);
}

test('rnt start mines its first block within a minute and thirty within ten, beats the bigram model by 0.2 nats, and answers RPC meanwhile', {
  timeout: 15 * minute,
}, async (context) => {
  const startedMs = performance.now();
  const node = await NodeProcess.start({ dataDir: tempFolder('start'), network: 'devnet', command: 'start' });
  const probe = new LatencyProbe(node);
  const bigram = await printed(node, /byte-bigram model .* loss of ([0-9.]+) nats/);
  await waitFor(() => (probe.last?.blocks ?? 0) >= 1, { what: () => `a block\n${node.tail()}`, timeoutMs: minute });
  const firstMs = performance.now() - startedMs;
  const goal = (bigram - 0.2) * 1e6;
  let thirtyMs = Number.POSITIVE_INFINITY;
  await waitFor(
    () => {
      const { last } = probe;
      if (last === null) return false;
      if (last.blocks >= 30) thirtyMs = Math.min(thirtyMs, performance.now() - startedMs);
      return last.blocks >= 30 && last.valLoss <= goal;
    },
    { what: () => `30 blocks and a loss of ${goal}\n${node.tail()}`, timeoutMs: 10 * minute, intervalMs: 100 },
  );
  const goalMs = performance.now() - startedMs;
  probe.stop();
  const figures = [
    `first block after ${(firstMs / 1000).toFixed(1)} s, 30 after ${(thirtyMs / 1000).toFixed(0)} s`,
    `bigram ${bigram}, ${((probe.last?.valLoss ?? 0) / 1e6).toFixed(4)} nats after ${(goalMs / 1000).toFixed(0)} s at height ${probe.last?.blocks}`,
    `RPC of ${probe.milliseconds.length} answers: median ${probe.percentile(50).toFixed(1)}, p99 ${probe.percentile(99).toFixed(1)}, worst ${probe.percentile(100).toFixed(0)} ms`,
  ].join('; ');
  context.diagnostic(figures);
  assert.ok(firstMs < minute, figures);
  assert.ok(goalMs < 10 * minute, figures);
  assert.ok(probe.percentile(99) < 100, figures);

  // Ctrl-C, and the same command again.
  assert.deepEqual(await node.stop('SIGINT'), { code: 0, signal: null });
  const last = node.log.findLast(({ msg }) => /block \d+ {2}loss/.test(msg));
  const height = Number(/block (\d+) /.exec(last?.msg ?? '')?.[1]);
  const from = node.log.length;
  await node.restart();
  assert.equal(await printed(node, /devnet: height (\d+)/, from), height, 'it goes on where it was');
  await waitFor(async () => (await node.info()).blocks > height, { what: 'the next block', timeoutMs: 2 * minute });
  await node.stop('SIGINT');
});

test('two miners and a verifier end on one tip, also after one was killed with -9 and came back', {
  timeout: 15 * minute,
}, async (context) => {
  const threads = ['--threads', '1'];
  const first = await NodeProcess.start({
    dataDir: tempFolder('miner-1'),
    network: 'devnet',
    flags: ['--mine', ...threads],
  });
  const second = await NodeProcess.start({
    dataDir: tempFolder('miner-2'),
    network: 'devnet',
    connect: [first.address],
    flags: ['--mine', ...threads],
  });
  const verifier = await NodeProcess.start({
    dataDir: tempFolder('verifier'),
    network: 'devnet',
    connect: [first.address, second.address],
    flags: threads,
  });
  const nodes = [first, second, verifier];
  const heights = (): Promise<number[]> => Promise.all(nodes.map((node) => node.rpc<number>('getblockcount')));
  const untilAll = (height: number): Promise<unknown> =>
    waitFor(async () => (await heights()).every((each) => each >= height), {
      what: () => `height ${height} everywhere\n${nodes.map((node) => node.tail()).join('\n')}`,
      timeoutMs: 4 * minute,
      intervalMs: 500,
    });
  await untilAll(8);
  await second.kill();
  const left = await first.rpc<number>('getblockcount');
  await waitFor(async () => (await first.rpc<number>('getblockcount')) >= left + 4, {
    what: () => `the others go on\n${first.tail()}`,
    timeoutMs: 3 * minute,
    intervalMs: 500,
  });
  await second.restart();
  await untilAll(left + 10);
  for (const miner of [first, second]) await miner.rpc('setmining', [false]);
  await sleep(2000);
  const tip = await untilSameTip(nodes, minute);
  const { blocks, alarms } = await verifier.info();
  const mined = nodes.map((node) => node.log.filter(({ msg, ours }) => msg === 'tip' && ours === true).length);
  context.diagnostic(`one tip ${tip.slice(0, 12)} at height ${blocks}; blocks mined: ${mined.join(', ')}`);
  assert.equal(mined[2], 0);
  assert.deepEqual(alarms, []);
  for (const node of nodes) {
    const refused = node.log.filter(({ msg }) => msg === 'refused');
    assert.deepEqual(refused, [], 'nobody refused anything of an honest node');
  }
  await Promise.all(nodes.map((node) => node.stop()));
});
