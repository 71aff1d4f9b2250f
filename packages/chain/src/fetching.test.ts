// What is fetched at once, and how places are shared out among the peers (chain-limits.ts).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainLimits } from './chain-limits.ts';
import type { ChainAction } from './events.ts';
import { MachineDriver } from './testing/machine-driver.ts';
import { chunkyParams, type SampleBlock, sampleBlock, sampleChain } from './testing/sample-blocks.ts';

const params = chunkyParams;

function setup(limits: Partial<ChainLimits>, count: number): { node: MachineDriver; blocks: SampleBlock[] } {
  const node = new MachineDriver({ params, limits });
  node.wait(20_000);
  const blocks = Array.from({ length: count }, (_, seed) =>
    sampleBlock(node.genesis, params, { seed, gain: 9_000 + seed }),
  );
  node.believe(...blocks);
  return { node, blocks };
}

function announce(node: MachineDriver, block: SampleBlock, peer: string): ChainAction[] {
  return [...node.header(block, peer), ...node.body(block, peer)];
}

const wanted = (node: MachineDriver, actions: readonly ChainAction[]): string[] =>
  node.all('want-chunks', actions).map(({ root }) => root);

test('a peer’s blocks take its places only; what waits goes on when one is free', () => {
  const { node, blocks } = setup({ downloadsPerPeer: 2 }, 4);
  const [a, b, c, d] = blocks as [SampleBlock, SampleBlock, SampleBlock, SampleBlock];
  assert.deepEqual(wanted(node, announce(node, a, 'one')), [a.file.root]);
  assert.deepEqual(wanted(node, announce(node, b, 'one')), [b.file.root]);
  assert.deepEqual(wanted(node, announce(node, c, 'one')), []);
  assert.deepEqual(wanted(node, announce(node, d, 'two')), [d.file.root]);
  const actions = node.chunks(b, 'one');
  assert.deepEqual(wanted(node, actions), [c.file.root]);
  assert.deepEqual(
    node
      .all('unwant', actions)
      .map(({ root }) => root)
      .includes(b.file.root),
    true,
  );
});

test('where all places are taken, whoever has most gives one to a newcomer and goes on with it later, losing no chunk', () => {
  const { node, blocks } = setup({ downloads: 3, downloadsPerPeer: 3 }, 4);
  const [a, b, c, d] = blocks as [SampleBlock, SampleBlock, SampleBlock, SampleBlock];
  announce(node, a, 'one');
  node.chunk(a, 1, 'one');
  node.wait(10);
  announce(node, b, 'one');
  node.wait(10);
  announce(node, c, 'one');
  const actions = announce(node, d, 'two');
  assert.deepEqual(
    node.all('unwant', actions).map(({ root }) => root),
    [a.file.root],
    'the one that stood still longest',
  );
  assert.deepEqual(wanted(node, actions), [d.file.root]);
  const more = node.chunks(c, 'one');
  const again = node.all('want-chunks', more).find(({ root }) => root === a.file.root);
  assert.deepEqual(again?.missing, [0, 2]);
});

test('where nobody has more than another, a newcomer waits for a place, and one that stands still gives up its own', () => {
  const { node, blocks } = setup({ downloads: 2, downloadsPerPeer: 2 }, 3);
  const [a, b, c] = blocks as [SampleBlock, SampleBlock, SampleBlock];
  announce(node, a, 'one');
  announce(node, b, 'two');
  assert.deepEqual(wanted(node, announce(node, c, 'three')), []);
  node.wait(20_000);
  node.chunk(b, 0, 'two');
  const actions = node.wait(10_500);
  assert.deepEqual(
    node.all('refused', actions).map(({ code, blockId }) => [code, blockId]),
    [['checkpoint-withheld', a.id]],
  );
  assert.deepEqual(wanted(node, actions), [c.file.root]);
  node.chunks(c, 'three');
  assert.equal(node.tip, c.id);
});

test('bodies of one peer’s blocks are asked for a few at a time, the next ones as they come', () => {
  const node = new MachineDriver({ params, limits: { bodiesPerPeer: 2 } });
  node.wait(200_000);
  const blocks = sampleChain(node.genesis, params, 4);
  const asked = (actions: readonly ChainAction[]): string[] =>
    node.all('want-body', actions).map(({ blockId }) => blockId);
  assert.deepEqual(
    blocks.flatMap((block) => asked(node.header(block, 'one'))),
    [blocks[0]!.id, blocks[1]!.id],
  );
  assert.deepEqual(asked(node.body(blocks[0]!, 'one')), [blocks[2]!.id]);
  const other = sampleBlock(node.genesis, params, { seed: 9, gain: 500_000 });
  assert.deepEqual(asked(node.header(other, 'two')), [other.id]);
});

test('more lengths for one root than are kept apart wait for the first to be refuted', () => {
  const node = new MachineDriver({
    params: { ...params, capShape: { width: 512, layers: 1 } },
    limits: { lengthsPerRoot: 1 },
  });
  const first = sampleBlock(node.genesis, node.params, { seed: 1 });
  node.wait(70_000);
  node.deliver(first);
  node.wait(10_000);
  const target = sampleBlock(first.header, node.params, { seed: 2 });
  const copy = sampleBlock(first.header, node.params, {
    file: target.file,
    gain: 20_000,
    replaced: { timestamp: first.header.timestamp + 65n },
  });
  node.believe(target);
  announce(node, target, 'honest');
  announce(node, copy, 'copier');
  const actions = node.chunks(target, 'honest');
  assert.equal(node.tip, target.id);
  assert.deepEqual(node.refusals(actions), ['ckpt-wrong-metadata'], 'the copy is refuted by the complete file');
});
