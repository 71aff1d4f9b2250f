// Of two equal miners neither wins all (docs/adr/0012-rivals-progress.md).

import assert from 'node:assert/strict';
import { loadavg } from 'node:os';
import { test } from 'node:test';
import { NodeProcess, untilSameTip } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait.ts';

/**
 * Up to here the loss falls with every second of training, and whoever publishes first keeps its lead (the decision record says why): only
 * later blocks are counted.
 */
const firstHeight = 20;
const blocks = 24;
/** Of equal miners one in a thousand pairs would miss it. */
const leastShare = 0.2;
const minutes = 60_000;

interface Header {
  readonly minerKey: string;
  readonly valLoss: number;
}

test('of two miners with a thread each and different halves of the text each wins a fifth of the blocks at least, once the loss falls slowly', {
  timeout: 20 * minutes,
}, async (context) => {
  const flags = ['--mine', '--threads', '1'];
  const first = await NodeProcess.start({ dataDir: tempFolder('miner-1'), network: 'devnet', flags });
  const second = await NodeProcess.start({
    dataDir: tempFolder('miner-2'),
    network: 'devnet',
    connect: [first.address],
    instance: 2,
    flags,
  });
  const untilHeight = (height: number): Promise<unknown> =>
    waitFor(async () => (await second.rpc<number>('getblockcount')) >= height, {
      what: () => `height ${height}\n${first.tail()}\n${second.tail()}`,
      timeoutMs: 15 * minutes,
      intervalMs: 200,
    });
  // The first has mined alone until the second was there.
  await second.untilLogged('mining', ({ msg, mining }) => msg === 'mining' && mining === true, 0, minutes);
  const from = Math.max(firstHeight, (await first.rpc<number>('getblockcount')) + 2);
  await untilHeight(from);
  const startedMs = performance.now();
  await untilHeight(from + blocks);
  const seconds = (performance.now() - startedMs) / 1000;
  for (const miner of [first, second]) await miner.rpc('setmining', [false]);
  await untilSameTip([first, second], minutes);
  const keys: string[] = [];
  let valLoss = 0;
  for (let height = from + 1; height <= from + blocks; height += 1) {
    const header = await first.rpc<Header>('getblockheader', [await first.rpc<string>('getblockhash', [height])]);
    keys.push(header.minerKey);
    valLoss = header.valLoss;
  }
  const shares = [...Map.groupBy(keys, (key) => key).values()].map((won) => won.length);
  const order = keys.map((key) => (key === keys[0] ? 'a' : 'b')).join('');
  const left = [first, second].map((node) => node.log.filter(({ msg }) => msg === 'not-active').length);
  const figures = `shares ${shares.join(' and ')} of ${blocks} blocks in ${seconds.toFixed(0)} s (${order}); loss ${(valLoss / 1e6).toFixed(4)} at height ${from + blocks}; blocks not followed: ${left.join(', ')}; load ${loadavg()[1]?.toFixed(1)}`;
  context.diagnostic(figures);
  assert.equal(shares.length, 2, figures);
  assert.ok(Math.min(...shares) >= leastShare * blocks, figures);
  await Promise.all([first.stop(), second.stop()]);
});
