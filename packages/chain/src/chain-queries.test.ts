import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { blockId } from '@resonancenet/primitives/header';
import { txid } from '@resonancenet/primitives/transaction';
import { MachineDriver } from './testing/machine-driver.ts';
import { sampleBlock, sampleChain, sampleParams } from './testing/sample-blocks.ts';
import { FEE, spend, type SpendingBlock, spendingBlock, spendingParams } from './testing/spending-blocks.ts';

function grown(height: number): { node: MachineDriver; blocks: ReturnType<typeof sampleChain> } {
  const node = new MachineDriver({ params: sampleParams });
  node.wait(20_000);
  const blocks = sampleChain(node.genesis, sampleParams, height);
  node.grow(blocks);
  return { node, blocks };
}

test('the locator goes ten down one by one, then doubles, and ends with genesis', () => {
  const { node } = grown(40);
  const heights = node.machine.locator().map((id) => node.machine.heightOf(id));
  assert.deepEqual(heights, [40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 29, 25, 17, 1, 0]);
  assert.deepEqual(new MachineDriver({ params: sampleParams }).machine.locator().length, 1);
});

test('headersAfter begins after the first id that is active, bounded by the caller’s number', () => {
  const { node, blocks } = grown(20);
  const heights = (locator: string[], max?: number): number[] =>
    node.machine.headersAfter(locator, max).map(({ height }) => height);
  assert.deepEqual(heights([blocks[14]!.id]), [16, 17, 18, 19, 20]);
  assert.deepEqual(heights(['00'.repeat(32), blocks[14]!.id, blocks[2]!.id], 2), [16, 17]);
  assert.equal(heights(['00'.repeat(32)]).length, 20);
  assert.equal(heights([]).length, 20);
  assert.deepEqual(heights([blocks[19]!.id]), []);
  for (const header of node.machine.headersAfter([]))
    assert.equal(toHex(blockId(header)), blocks[header.height - 1]!.id);
});

test('headers, heights, bodies and status are found for final blocks, recent ones and branches alike', () => {
  const { node, blocks } = grown(20);
  const side = sampleBlock(blocks[17]!.header, sampleParams, { seed: 9, gain: 200 });
  node.header(side);
  const { machine } = node;
  for (const block of [blocks[0]!, blocks[10]!, blocks[19]!]) {
    assert.equal(machine.heightOf(block.id), block.header.height);
    assert.deepEqual(machine.header(block.id), block.header);
    assert.deepEqual(machine.bodyBytes(block.id), block.body);
    assert.equal(machine.isVerified(block.id), true);
    assert.equal(machine.isActive(block.id), true);
    assert.equal(machine.activeChainAt(block.header.height), block.id);
    assert.equal(machine.reward(block.id)?.blockId, block.id);
  }
  assert.equal(machine.status(blocks[3]!.id)?.text, 'active, final');
  assert.equal(machine.status(blocks[19]!.id)?.text, 'active');
  assert.deepEqual(machine.status(side.id), {
    id: side.id,
    height: 19,
    status: 'header',
    active: false,
    final: false,
    reason: null,
    branchLength: 1,
    text: 'headers only',
  });
  assert.equal(machine.statusOf(side.id), 'dead', 'its claims would not change the tip');
  assert.equal(machine.bodyBytes(side.id), null);
  assert.equal(machine.reward(side.id), null);
  assert.deepEqual(
    machine.tips().map(({ id, active, branchLength }) => [id, active, branchLength]),
    [
      [blocks[19]!.id, true, 0],
      [side.id, false, 1],
    ],
  );
  for (const id of ['00'.repeat(32), 'ff'.repeat(32)]) {
    assert.equal(machine.header(id), null);
    assert.equal(machine.status(id), null);
    assert.equal(machine.statusOf(id), null);
    assert.equal(machine.heightOf(id), null);
    assert.equal(machine.canOffer(id), false);
    assert.deepEqual(machine.missingChunks(id), []);
  }
  for (const height of [-1, 21, 1.5, Number.NaN]) assert.equal(machine.activeChainAt(height), null);
});

test('a block that is being decided on is pending, and what was decided is not', () => {
  const { node, blocks } = grown(3);
  node.autoEvaluate = false;
  const next = sampleBlock(blocks[2]!.header, sampleParams);
  node.header(next);
  assert.equal(node.machine.statusOf(next.id), 'pending');
  node.body(next);
  assert.equal(node.machine.statusOf(next.id), 'pending');
  node.believe(next);
  node.chunks(next);
  assert.equal(node.machine.statusOf(next.id), 'pending');
  node.answer(node.jobs[0]!);
  assert.equal(node.machine.statusOf(next.id), 'verified');
});

test('expectedChild tells what the next block must be, and a block made by it is valid', () => {
  const { node, blocks } = grown(5);
  const tip = blocks[4]!.header;
  const timestamp = tip.timestamp + 61n;
  const child = node.machine.expectedChild(timestamp);
  assert.deepEqual(
    {
      parent: child.parentId,
      root: child.parentRoot,
      height: child.height,
      earliest: child.earliest - tip.timestamp,
      growth: child.growth - tip.growth,
      stagnation: child.stagnation,
      file: child.checkpoint.growth,
      dval: child.dvalId,
      parentLoss: child.parentLoss,
      max: child.maxValLoss,
      minted: child.totals.minted,
      deadline: child.dvalDeadline! - tip.timestamp,
    },
    {
      parent: blocks[4]!.id,
      root: blocks[4]!.file.root,
      height: 6,
      earliest: 10n,
      // One stall interval of 60 s: one round more.
      growth: 4n,
      stagnation: 1,
      file: Number(tip.growth) + 4,
      dval: sampleParams.genesis.constants!.dvalIds[0],
      parentLoss: tip.valLoss,
      max: tip.valLoss - 100,
      minted: blocks.reduce((sum, { id }) => sum + node.machine.reward(id)!.outputs[0]!.amount, 0n),
      deadline: 240n,
    },
  );
  node.wait(61_000);
  const block = sampleBlock(tip, sampleParams, { replaced: { timestamp } });
  assert.equal(block.header.growth, child.growth);
  node.deliver(block);
  assert.equal(node.tip, block.id);
});

test('coins, totals and transactions of the active chain can be looked up, with the index of transactions or without', () => {
  for (const transactionIndex of [true, false]) {
    const node = new MachineDriver({ params: spendingParams, options: { transactionIndex } });
    const blocks: SpendingBlock[] = [];
    for (let seed = 0; seed < 3; seed++) blocks.push(spendingBlock(blocks.at(-1) ?? null, { seed, gain: 1_000 }));
    const [coin] = blocks[2]!.coins;
    const payment = spend([coin!], 2);
    const child = spend([{ ...coin!, txid: txid(payment), index: 1, output: payment.outputs[1]! }], 1);
    const block = spendingBlock(blocks[2]!, { seed: 4, gain: 1_000, transactions: [payment, child] });
    node.grow([...blocks, block]);
    const { machine } = node;
    assert.equal(machine.coin(coin!), null, 'spent');
    assert.equal(machine.coin({ txid: txid(payment), index: 1 }), null, 'spent within the block');
    const kept = machine.coin({ txid: txid(payment), index: 0 })!;
    assert.deepEqual([kept.amount, kept.height, kept.coinbase], [payment.outputs[0]!.amount, 4, false]);
    assert.equal(machine.coin({ txid: txid(payment), index: 2 }), null);
    const totals = machine.totals();
    assert.equal(totals.height, 4);
    // Fees are no new money.
    const paid = [...blocks, block].reduce((sum, { transactions }) => sum + transactions[0]!.outputs[0]!.amount, 0n);
    assert.equal(totals.minted, paid - 2n * FEE);
    assert.equal(totals.unspent, totals.minted);
    const found = machine.transaction(toHex(txid(child)));
    assert.deepEqual(found, transactionIndex ? { blockId: block.id, height: 4, place: 2, transaction: child } : null);
    node.step({ type: 'invalidate', blockId: block.id });
    assert.equal(machine.transaction(toHex(txid(child))), null);
    assert.equal(machine.coin(coin!)?.height, 1);
    assert.equal(machine.totals().height, 3);
  }
});

test('a bad signature in a block names the transaction and the key', () => {
  const node = new MachineDriver({ params: spendingParams });
  const blocks: SpendingBlock[] = [];
  for (let seed = 0; seed < 3; seed++) blocks.push(spendingBlock(blocks.at(-1) ?? null, { seed, gain: 1_000 }));
  node.grow(blocks);
  const [good, bad] = [spend([blocks[2]!.coins[0]!], 1), spend([blocks[2]!.coins[1]!], 1, false)];
  const block = spendingBlock(blocks[2]!, { seed: 4, gain: 1_000, transactions: [good, bad] });
  const [refusal] = node.all('refused', node.deliver(block, 'liar'));
  assert.deepEqual([refusal!.code, refusal!.peer, refusal!.peerFault], ['tx-signature', 'liar', true]);
  assert.match(refusal!.detail, new RegExp(toHex(txid(bad))));
});
