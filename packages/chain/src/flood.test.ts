// A thousand junk headers a second from four peers (issue bar): what is kept is bounded, and an honest block passes at once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { seededRandom } from '@resonancenet/consensus/testing/sample-chain';
import type { BlockHeader } from '@resonancenet/primitives/header';
import { MachineDriver } from './testing/machine-driver.ts';
import { sampleBlock, sampleChain, sampleParams } from './testing/sample-blocks.ts';

// No spacing: chains of junk may be as long as their makers like.
const params = { ...sampleParams, spacingBase: 0 };

test('chains of valid junk headers displace each other, never the active chain, a candidate or our own', () => {
  // Signing the junk costs more than checking it, so the cap is lowered instead of sending a minute's worth.
  const node = new MachineDriver({ params, limits: { headers: 400 } });
  node.wait(60_000);
  const blocks = sampleChain(node.genesis, params, 8);
  for (const block of blocks) {
    node.deliver(block, 'honest');
    node.wait(100);
  }
  const ours = sampleBlock(blocks[7]!.header, params, { seed: 4, gain: 101 });
  node.header(ours, null);
  const random = seededRandom(5);
  const grown = new Map<string, BlockHeader[]>();
  const { file } = sampleBlock(node.genesis, params, { seed: 1 });
  let sent = 0;
  let slowest = 0;
  for (; sent < 2_000; sent++) {
    const peer = `flooder ${sent % 4}`;
    const own = grown.get(peer) ?? [blocks[7]!.header];
    const parent = own[Math.floor(random() * own.length)]!;
    // Claims that would change the tip, and claims that would not; each with a checkpoint of its own.
    const checkpointRoot = Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256));
    const gain = random() < 0.5 ? 100 : 40_000;
    const junk = sampleBlock(parent, params, { file, gain, replaced: { checkpointRoot } });
    const before = performance.now();
    node.header(junk, peer);
    slowest = Math.max(slowest, performance.now() - before);
    grown.set(peer, [...own, junk.header].slice(-30));
    assert.ok(node.machine.tips().length <= 400 + 20);
  }
  const tip = node.machine.tip();
  assert.equal(tip.id, blocks[7]!.id);
  const honest = sampleBlock(tip.header, params, { seed: 9, gain: 9_000 });
  const started = performance.now();
  node.deliver(honest, 'late honest');
  node.wait(100);
  assert.equal(node.tip, honest.id);
  assert.ok(performance.now() - started < 5_000);
  assert.notEqual(node.machine.status(ours.id), null);
  assert.ok(slowest < 1_000, `one header took ${slowest} ms`);
});

test('the bound on junk that one peer can have kept is that of all, and it shares with those who come', () => {
  const node = new MachineDriver({ params, limits: { headers: 40 } });
  const chain = (seed: number, count: number): BlockHeader[] =>
    sampleChain(genesisHeader(params), params, count, { seed, gain: 100 }).map((block) => block.header);
  const feed = (peer: string, chainOf: readonly BlockHeader[]): number =>
    chainOf.filter((header) => node.refusals(node.step({ type: 'header', header, peer })).length === 0).length;
  assert.equal(feed('first', chain(1, 50)), 40);
  assert.equal(feed('second', chain(2, 15)), 15, 'the first gives way');
  assert.equal(feed('second', chain(3, 15)), 5, 'until both have the same');
  const [only] = chain(4, 1);
  assert.equal(feed('honest', [only!]), 1);
});
