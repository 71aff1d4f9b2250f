// Memory of a node over longer times (issue bars).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertWithstood, describeFlood, flood } from '../support/flood-scenario.ts';
import { NodeProcess, untilSameTip } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { sleep, waitFor } from '../support/wait.ts';

const skip = process.platform === 'linux' ? false : 'memory is read from /proc';

for (const [where, oneHost] of [
  ['new hosts', false],
  ['one host, the node’s own machine', true],
] as const) {
  test(`a minute of 1,000 junk headers a second from four peers on ${where} costs less than 50 MiB, and honest blocks pass within 5 s`, {
    skip,
  }, async (context) => {
    const report = await flood({ folder: tempFolder('flood'), seconds: 60, headersPerSecond: 1000, oneHost });
    context.diagnostic(describeFlood(report));
    assertWithstood(report, 50_000);
  });
}

test('a node that does not mine stays under 200 MiB on devnet while it syncs, verifies block after block, and answers RPC', {
  skip,
  timeout: 600_000,
}, async (context) => {
  const miner = await NodeProcess.start({ dataDir: tempFolder('miner'), network: 'devnet', flags: ['--mine'] });
  const untilHeight = (node: NodeProcess, height: number): Promise<boolean> =>
    waitFor(async () => (await node.rpc<number>('getblockcount')) >= height, {
      what: () => `height ${height}\n${node.tail()}`,
      timeoutMs: 240_000,
      intervalMs: 500,
    });
  await untilHeight(miner, 8);
  const verifier = await NodeProcess.start({
    dataDir: tempFolder('verifier'),
    network: 'devnet',
    connect: [miner.address],
  });
  let peak = 0;
  const sampler = setInterval(() => {
    if (verifier.isRunning) peak = Math.max(peak, verifier.memoryBytes());
  }, 50);
  try {
    await untilHeight(verifier, 14);
    await miner.rpc('setmining', [false]);
    await untilSameTip([miner, verifier], 60_000);
    for (let i = 0; i < 200; i += 1) await verifier.info();
    await sleep(1000);
  } finally {
    clearInterval(sampler);
  }
  const { blocks } = await verifier.info();
  const figures = `peak ${(peak / 2 ** 20).toFixed(1)} MiB after ${blocks} blocks`;
  context.diagnostic(figures);
  assert.ok(peak > 0 && peak < 200 * 2 ** 20, figures);
  await Promise.all([miner.stop(), verifier.stop()]);
});
