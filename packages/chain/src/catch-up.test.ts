// Catching up (CON-32): the best header branch is followed; its last six blocks are verified in full, those below need no checkpoint.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MachineDriver } from './testing/machine-driver.ts';
import { type SampleBlock, sampleBlock, sampleChain, sampleParams } from './testing/sample-blocks.ts';

function newcomer(): MachineDriver {
  const node = new MachineDriver({ params: sampleParams, inSync: false });
  node.wait(2_000_000);
  return node;
}

/** Feeds headers, then whatever the machine asks for, as far as `serves` allows. */
function sync(
  node: MachineDriver,
  blocks: readonly SampleBlock[],
  serves: { bodies?: boolean; chunks?: boolean; peer?: string } = {},
): void {
  const { bodies = true, chunks = true, peer = 'peer' } = serves;
  for (const block of blocks) {
    node.believe(block);
    node.header(block, peer);
  }
  const byId = new Map(blocks.map((block) => [block.id, block]));
  const byRoot = new Map(blocks.map((block) => [block.file.root, block]));
  for (let at = 0; at < node.log.length; at++) {
    const action = node.log[at]!;
    if (action.type === 'want-body' && bodies && byId.has(action.blockId)) node.body(byId.get(action.blockId)!);
    if (action.type === 'want-chunks' && chunks && byRoot.has(action.root)) node.chunks(byRoot.get(action.root)!);
  }
}

/** Evaluations of blocks; those of the tip on the next D_val are for a miner. */
function evaluations(node: MachineDriver): number {
  return node.all('evaluate').filter(({ claimed }) => claimed !== null).length;
}

test('a newcomer takes headers and bodies of a long chain and verifies its last six blocks only', () => {
  const node = newcomer();
  const blocks = sampleChain(node.genesis, sampleParams, 40, { gain: 1_000 });
  sync(node, blocks);
  assert.equal(node.tip, blocks[39]!.id);
  assert.equal(evaluations(node), 6);
  const fetched = new Set(node.all('want-chunks').map(({ root }) => root));
  assert.deepEqual(fetched, new Set(blocks.slice(34).map(({ file }) => file.root)), 'of the others nothing is fetched');
  assert.deepEqual(
    blocks.map(({ id }) => node.machine.isVerified(id)),
    blocks.map(({ header }) => header.height > 34),
  );
  assert.equal(node.machine.status(blocks[36]!.id)?.status, 'verified');
  assert.equal(node.machine.status(blocks[33]!.id)?.status, 'assumed');
  assert.equal(node.machine.statusOf(blocks[33]!.id), 'verified');
  assert.equal(node.machine.canOffer(blocks[33]!.file.root), false);
  assert.equal(node.machine.finalizedHeight(), 34);
  node.step({ type: 'in-sync', value: true });
  const next = sampleBlock(blocks[39]!.header, sampleParams, { seed: 3, gain: 1_000 });
  node.deliver(next);
  node.wait(10_000);
  assert.equal(node.tip, next.id);
  assert.equal(node.machine.status(next.id)?.status, 'verified');
});

test('a chain shorter than seven blocks is verified whole, and one in sync always', () => {
  for (const inSync of [false, true]) {
    const node = newcomer();
    const blocks = sampleChain(node.genesis, sampleParams, inSync ? 12 : 6, { gain: 1_000 });
    if (inSync) node.step({ type: 'in-sync', value: true });
    sync(node, blocks);
    node.wait(200_000);
    assert.equal(node.tip, blocks.at(-1)!.id);
    assert.equal(evaluations(node), blocks.length);
  }
});

test('headers that come later move the end of the branch, so that blocks first thought to be near it need no checkpoint', () => {
  const node = newcomer();
  const blocks = sampleChain(node.genesis, sampleParams, 30, { gain: 1_000 });
  sync(node, blocks.slice(0, 15), { chunks: false });
  assert.equal(node.height, 9);
  assert.equal(node.all('want-chunks').length > 0, true);
  sync(node, blocks.slice(15));
  assert.equal(node.tip, blocks[29]!.id);
  assert.equal(evaluations(node), 6);
  assert.equal(node.machine.isVerified(blocks[11]!.id), false);
});

test('nothing becomes final on trust, and a branch whose last blocks are withheld gives way to an honest one', () => {
  const node = newcomer();
  const junk = sampleChain(node.genesis, sampleParams, 40, { seed: 1, gain: 50_000 });
  const honest = sampleChain(node.genesis, sampleParams, 30, { seed: 2, gain: 1_000 });
  sync(node, junk, { chunks: false });
  assert.equal(node.height, 34, 'followed, because it claims to be better');
  assert.equal(node.machine.finalizedHeight(), 0, 'but nothing is final on trust');
  sync(node, honest, { peer: 'honest' });
  assert.equal(node.tip, honest[29]!.id, 'verified blocks win against claims');
  assert.equal(node.machine.finalizedHeight(), 24);
  node.wait(120_000);
  assert.equal(node.tip, honest[29]!.id);
  assert.equal(node.machine.status(junk[39]!.id), null, 'dropped with finality');
});

test('a branch whose bodies do not come is left after half a minute for one whose bodies do', () => {
  const node = newcomer();
  const junk = sampleChain(node.genesis, sampleParams, 20, { seed: 1, gain: 50_000 });
  const honest = sampleChain(node.genesis, sampleParams, 20, { seed: 2, gain: 1_000 });
  sync(node, junk, { bodies: false });
  sync(node, honest, { chunks: false, peer: 'honest' });
  assert.equal(node.height, 0);
  node.wait(31_000);
  assert.equal(node.height, 14);
  sync(node, []);
  for (const block of honest) node.chunks(block);
  assert.equal(node.tip, honest[19]!.id);
});

test('a checkpoint that is withheld among the last six makes a branch give way, one below them does not', () => {
  const junk = sampleChain(newcomer().genesis, sampleParams, 11, { seed: 1, gain: 50_000 });
  const honest = sampleChain(newcomer().genesis, sampleParams, 10, { seed: 2, gain: 1_000 });
  const lowest = junk[4]!;
  /** A node that has all of ten blocks but the lowest of their last six checkpoints, and was told so. */
  const waiting = (): MachineDriver => {
    const node = newcomer();
    for (const block of junk.slice(0, 10)) {
      node.believe(block);
      node.header(block, 'junk');
    }
    for (const block of junk.slice(0, 10)) node.body(block, 'junk');
    for (const block of junk.slice(5, 10)) node.chunks(block, 'junk');
    assert.equal(node.height, 4);
    node.wait(31_000);
    assert.ok(node.all('refused').some(({ code, blockId }) => code === 'checkpoint-withheld' && blockId === lowest.id));
    return node;
  };
  const left = waiting();
  for (const block of honest) {
    left.believe(block);
    left.header(block, 'honest');
  }
  for (const block of honest) left.body(block, 'honest');
  left.wait(31_000);
  for (const block of honest.slice(4)) left.chunks(block, 'honest');
  assert.equal(left.tip, honest[9]!.id);
  const longer = waiting();
  longer.deliver(junk[10]!, 'junk');
  assert.equal(longer.tip, junk[10]!.id, 'with one block more on top its checkpoint is not needed');
});

test('a mismatch among the last six condemns the branch, and the blocks assumed below it are left again', () => {
  const node = newcomer();
  const base = sampleChain(node.genesis, sampleParams, 10, { seed: 4, gain: 1_000 });
  const bad = sampleChain(base[9]!.header, sampleParams, 12, { seed: 1, gain: 900 });
  const good = sampleChain(base[9]!.header, sampleParams, 12, { seed: 2, gain: 1_000 });
  sync(node, [...base, ...good]);
  const before = node.tip;
  assert.equal(before, good[11]!.id);
  const late = newcomer();
  const liar = bad[6]!;
  sync(late, [...base, ...bad], { chunks: false });
  assert.equal(late.height, 16);
  late.setTruth(liar.file.root, sampleParams.genesis.constants!.dvalIds[0]!, good[0]!.sums);
  for (const block of bad) late.chunks(block, 'liar');
  assert.equal(late.machine.status(liar.id)?.status, 'invalid');
  assert.ok(late.all('refused').some(({ peer, peerFault }) => peer === 'liar' && peerFault));
  sync(late, good);
  assert.equal(late.tip, good[11]!.id);
});

test('a restart in the middle of catching up goes on where it was', () => {
  const node = newcomer();
  const blocks = sampleChain(node.genesis, sampleParams, 40, { gain: 1_000 });
  sync(node, blocks.slice(0, 25), { chunks: false });
  assert.equal(node.height, 19);
  node.restart(1_000, false);
  assert.equal(node.height, 19);
  sync(node, blocks.slice(25));
  assert.equal(node.tip, blocks[39]!.id);
  assert.equal(evaluations(node), 6);
});

test('more blocks than one step connects are connected in steps that follow at once', () => {
  const node = newcomer();
  node.wait(6_000_000);
  const blocks = sampleChain(node.genesis, sampleParams, 600, { gain: 200 });
  for (const block of blocks) {
    node.believe(block);
    node.header(block);
  }
  // Bodies come last to first: nothing connects until the first is there.
  for (const block of blocks.slice(1, 595).reverse()) node.body(block);
  assert.equal(node.height, 0);
  node.body(blocks[0]!);
  assert.equal(node.height, 256);
  node.wait(1);
  assert.equal(node.height, 594);
});

test('a branch that leaves below verified blocks is assumed and evaluated aside, and followed only once its end is verified', () => {
  const node = newcomer();
  const base = sampleChain(node.genesis, sampleParams, 3, { seed: 4, gain: 1_000 });
  const verified = sampleChain(base[2]!.header, sampleParams, 2, { seed: 1, gain: 1_000 });
  // Five blocks: fewer than the last six, so each is verified.
  sync(node, [...base, ...verified]);
  assert.equal(node.tip, verified[1]!.id);
  const long = sampleChain(base[2]!.header, sampleParams, 15, { seed: 2, gain: 2_000 });
  for (const block of long) {
    node.believe(block);
    node.header(block, 'other');
  }
  for (const block of long) node.body(block, 'other');
  assert.equal(node.tip, verified[1]!.id, 'claims do not displace verified blocks');
  assert.equal(node.machine.status(long[8]!.id)?.status, 'assumed');
  for (const block of long) node.chunks(block, 'other');
  assert.equal(node.tip, long[14]!.id);
  assert.equal(node.machine.isVerified(long[9]!.id), true);
});
