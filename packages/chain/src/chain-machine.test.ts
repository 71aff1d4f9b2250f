import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MachineDriver } from './testing/machine-driver.ts';
import { sampleBlock, sampleChain, sampleParams } from './testing/sample-blocks.ts';

test('a block goes its way: header, body, chunks, evaluation, tip, and says each step', () => {
  const node = new MachineDriver({ params: sampleParams });
  node.autoEvaluate = false;
  const block = sampleBlock(node.genesis, sampleParams);
  node.believe(block);
  const types = (actions: readonly { readonly type: string }[]): string[] =>
    actions.map(({ type }) => type).filter((type) => type !== 'wake');
  assert.deepEqual(types(node.header(block)), ['header-accepted', 'want-body']);
  assert.deepEqual(types(node.body(block)), ['persist', 'want-chunks']);
  assert.deepEqual(node.machine.missingChunks(block.file.root), [0]);
  assert.deepEqual(types(node.chunks(block)), ['unwant', 'evaluate']);
  const [job] = node.jobs;
  assert.deepEqual(job?.claimed, block.sums);
  assert.equal(job?.expected.growth, 2);
  assert.equal(node.machine.isVerified(block.id), false);
  assert.deepEqual(types(node.answer(job!)), ['persist', 'verified', 'tip']);
  assert.equal(node.tip, block.id);
  assert.equal(node.machine.canOffer(block.file.root), true);
});

test('a chain of thirty blocks grows, becomes final six deep and gives up old checkpoints', () => {
  const node = new MachineDriver({ params: sampleParams });
  const blocks = sampleChain(node.genesis, sampleParams, 30);
  node.unixMs += 30 * 10_000;
  node.grow(blocks);
  assert.equal(node.height, 30);
  assert.equal(node.machine.finalizedHeight(), 24);
  assert.equal(node.tip, blocks[29]!.id);
  const held = new Set(node.checkpoints.roots());
  // All that finality, a margin of as much and the twelve last ask for.
  assert.deepEqual(
    blocks.map((block) => held.has(block.file.root)),
    blocks.map((block) => block.header.height > 18),
  );
});
