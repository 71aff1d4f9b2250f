// Which branch is followed, and what of it is final (CON-24 to CON-30).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { LEDGER_TABLES } from '@resonancenet/ledger/ledger-view';
import { CHAIN_TABLES } from './events.ts';
import type { ChainStore } from './ports.ts';
import { MachineDriver } from './testing/machine-driver.ts';
import { type SampleBlock, sampleBlock, sampleChain, sampleParams } from './testing/sample-blocks.ts';

function driver(inSync = true): MachineDriver {
  const node = new MachineDriver({ params: sampleParams, inSync });
  node.wait(20_000);
  return node;
}

/** What a move of the tip may change and must change back. */
function chainTables(store: ChainStore): Record<string, string[]> {
  const tables: Record<string, string[]> = {};
  for (const table of CHAIN_TABLES) {
    if (!['heights', 'roots', 'undo', ...LEDGER_TABLES].includes(table)) continue;
    tables[table] = [...store.entries(table)]
      .filter(([key]) => table !== 'roots' || key[0] === 0)
      .map(([key, value]) => `${toHex(key)}=${toHex(value)}`);
  }
  return tables;
}

/** Delivers blocks at one moment. */
function deliverAll(node: MachineDriver, blocks: readonly SampleBlock[], peer = 'peer'): void {
  for (const block of blocks) node.deliver(block, peer);
}

test('within half the spacing miners compete: the best improvement becomes the tip, and the loser is told both numbers', () => {
  const node = driver();
  const first = sampleBlock(node.genesis, sampleParams);
  node.deliver(first);
  assert.equal(node.tip, first.id);
  node.wait(1_000);
  // Spacing 10 s: candidates no earlier than 5 s after their parent was at hand. Their timestamps are in the past of a clock that is ahead.
  const good = sampleBlock(first.header, sampleParams, { seed: 1, gain: 5_000 });
  const better = sampleBlock(first.header, sampleParams, { seed: 2, gain: 8_000 });
  node.deliver(good);
  assert.equal(node.tip, first.id, 'verified, but not a candidate yet');
  assert.equal(node.machine.isVerified(good.id), true);
  node.wait(2_000);
  node.deliver(better, 'other');
  node.wait(1_900);
  assert.equal(node.tip, first.id);
  const actions = node.wait(200);
  assert.equal(node.tip, better.id);
  assert.deepEqual(
    node.all('tip', actions).map(({ height, disconnected }) => [height, disconnected]),
    [[2, 0]],
  );
  const [told] = node.all('not-active', actions);
  assert.equal(told?.blockId, good.id);
  assert.match(told!.reason, /4\.987000 nats on the active branch and to 4\.990000 nats on this one/);
  assert.match(told!.reason, /0\.008000 nats.*0\.005000 nats/);
});

test('half the spacing is exact, and the machine asks to be woken for it', () => {
  const node = driver();
  const [first, second] = sampleChain(node.genesis, sampleParams, 2);
  node.deliver(first!);
  const at = node.monotonicMs;
  const actions = node.deliver(second!);
  assert.equal(node.all('wake', actions).at(-1)?.atMonotonicMs, at + 5_000);
  node.wait(4_999);
  assert.equal(node.tip, first!.id);
  node.wait(1);
  assert.equal(node.tip, second!.id);
});

test('what came while the node was not in sync is a candidate at once', () => {
  const node = driver(false);
  const [first, second] = sampleChain(node.genesis, sampleParams, 2);
  node.deliver(first!);
  node.deliver(second!);
  assert.equal(node.tip, second!.id);
});

test('a better branch is followed and the old one again, and each move is undone exactly', () => {
  const node = driver();
  const base = sampleBlock(node.genesis, sampleParams);
  const left = sampleChain(base.header, sampleParams, 2, { seed: 1, gain: 4_000 });
  const right = sampleChain(base.header, sampleParams, 2, { seed: 2, gain: 4_100 });
  const leftAgain = sampleBlock(left[1]!.header, sampleParams, { seed: 3, gain: 4_000 });
  // All headers are seen before any chunks are revealed: nobody is late.
  node.wait(30_000);
  for (const block of [base, ...left, ...right, leftAgain]) {
    node.believe(block);
    node.header(block);
  }
  const finish = (blocks: readonly SampleBlock[]): void => {
    for (const block of blocks) {
      node.body(block);
      node.chunks(block);
    }
  };
  finish([base]);
  node.wait(5_000);
  finish(left);
  node.wait(5_000);
  assert.equal(node.tip, left[1]!.id);
  const before = chainTables(node.store);
  finish(right);
  const there = node.wait(5_000);
  assert.equal(node.tip, right[1]!.id);
  assert.deepEqual(
    node.all('tip', there).map(({ to, disconnected }) => [to, disconnected]),
    [[right[1]!.id, 2]],
  );
  assert.notDeepEqual(chainTables(node.store), before);
  assert.equal(node.all('not-active', there)[0]?.blockId, left[1]!.id);
  assert.deepEqual(node.all('alarm'), [], 'two blocks are no alarm');
  node.step({ type: 'invalidate', blockId: right[0]!.id });
  assert.equal(node.tip, left[1]!.id);
  assert.deepEqual(chainTables(node.store), before);
  node.step({ type: 'reconsider', blockId: right[0]!.id });
  assert.equal(node.tip, right[1]!.id);
  finish([leftAgain]);
  node.wait(5_000);
  assert.equal(node.tip, leftAgain.id);
  assert.deepEqual(chainTables(node.store)['heights']!.slice(0, 4), before['heights']);
});

test('the batch of a reorganisation is one and says that it is', () => {
  const node = driver();
  const left = sampleBlock(node.genesis, sampleParams, { seed: 1 });
  const right = sampleBlock(node.genesis, sampleParams, { seed: 2, gain: 9_000 });
  node.header(right);
  node.deliver(left);
  node.believe(right);
  node.body(right);
  const actions = node.chunks(right);
  const persists = node.all('persist', actions);
  const moving = persists.filter(({ batch }) => batch.puts.some(({ table }) => table === 'heights'));
  assert.equal(moving.length, 1);
  assert.equal(moving[0]!.batch.purpose, 'reorganize');
});

test('a late challenger must fall a quarter more; until it does its chunks are not even fetched', () => {
  const node = driver();
  const active = sampleBlock(node.genesis, sampleParams, { seed: 1, gain: 4_000 });
  node.deliver(active);
  node.wait(1);
  const late = sampleBlock(node.genesis, sampleParams, { seed: 2, gain: 4_999 });
  assert.deepEqual(node.all('want-body', node.header(late)), []);
  const enough = sampleBlock(node.genesis, sampleParams, { seed: 3, gain: 5_000 });
  node.deliver(enough, 'other');
  node.wait(5_000);
  assert.equal(node.tip, enough.id);
});

test('a header seen in time is not late, also after a restart; one whose chunks came too long after it is', () => {
  for (const [wait, wins] of [
    [9_000, true],
    [11_000, false],
  ] as const) {
    const node = driver();
    const base = sampleBlock(node.genesis, sampleParams, { seed: 9 });
    node.deliver(base);
    const active = sampleBlock(base.header, sampleParams, { seed: 1, gain: 4_000 });
    const rival = sampleBlock(base.header, sampleParams, { seed: 2, gain: 4_500 });
    node.wait(20_000);
    node.believe(rival);
    node.header(rival);
    node.body(rival);
    node.wait(100);
    node.deliver(active);
    node.wait(100);
    assert.equal(node.tip, active.id);
    node.restart(wait - 1_000);
    node.wait(1_000);
    node.chunks(rival);
    node.wait(5_000);
    assert.equal(node.tip === rival.id, wins, `after ${wait} ms`);
  }
});

test('while the node is out of contact nobody is late, and contact is taken from those who tell it', () => {
  const node = driver();
  const active = sampleBlock(node.genesis, sampleParams, { seed: 1, gain: 4_000 });
  node.step({ type: 'contact', value: false, sinceMonotonicMs: node.monotonicMs - 500 });
  node.deliver(active);
  node.wait(20_000);
  const other = sampleBlock(node.genesis, sampleParams, { seed: 2, gain: 4_200 });
  node.deliver(other);
  assert.equal(node.tip, other.id, 'the other side of a partition is not late');
  node.step({ type: 'contact', value: true, sinceMonotonicMs: node.monotonicMs });
  node.wait(10_001);
  const thief = sampleBlock(node.genesis, sampleParams, { seed: 3, gain: 4_400 });
  assert.deepEqual(node.all('want-body', node.header(thief)), []);
});

/** Whether a rival with a little more than the active block at its height wins now. */
function rivalWins(node: MachineDriver, parent: SampleBlock['header'] = node.genesis): boolean {
  const rival = sampleBlock(parent, sampleParams, { seed: 77, gain: 4_200 });
  node.deliver(rival, 'rival');
  node.wait(5_000);
  return node.tip === rival.id;
}

test('a node that never had contact takes nobody for late', () => {
  const node = driver(false);
  node.deliver(sampleBlock(node.genesis, sampleParams, { seed: 1, gain: 4_000 }));
  node.wait(20_000);
  assert.ok(rivalWins(node));
});

test('from its stop on until it has contact again a node takes nobody for late', () => {
  for (const downMs of [0, 1_000, 20_000]) {
    const node = driver();
    const base = sampleBlock(node.genesis, sampleParams, { seed: 9 });
    node.deliver(base);
    node.restart(downMs, false);
    node.wait(1);
    node.deliver(sampleBlock(base.header, sampleParams, { seed: 1, gain: 4_000 }));
    node.wait(20_000);
    assert.ok(rivalWins(node, base.header), `down for ${downMs} ms`);
  }
});

test('what came out of contact is revealed one spacing after contact was made, to the millisecond', () => {
  for (const [after, wins] of [
    [10_000, true],
    [10_001, false],
  ] as const) {
    const node = driver();
    node.step({ type: 'contact', value: false, sinceMonotonicMs: node.monotonicMs });
    node.deliver(sampleBlock(node.genesis, sampleParams, { seed: 1, gain: 4_000 }));
    node.wait(20_000);
    node.step({ type: 'contact', value: true, sinceMonotonicMs: node.monotonicMs });
    node.wait(after);
    assert.equal(rivalWins(node), wins, `after ${after} ms`);
  }
});

test('contact counts as lost from when it was lost, not from when that was noticed', () => {
  const node = driver();
  node.step({ type: 'contact', value: true, sinceMonotonicMs: node.monotonicMs });
  node.wait(20_000);
  const lostAt = node.monotonicMs;
  node.wait(100);
  node.deliver(sampleBlock(node.genesis, sampleParams, { seed: 1, gain: 4_000 }));
  node.wait(400);
  node.step({ type: 'contact', value: false, sinceMonotonicMs: lostAt });
  node.wait(20_000);
  assert.ok(rivalWins(node));
});

test('where contact is told, being in sync says nothing about it', () => {
  const node = driver(false);
  node.step({ type: 'contact', value: false, sinceMonotonicMs: node.monotonicMs });
  node.step({ type: 'in-sync', value: true });
  node.wait(20_000);
  node.deliver(sampleBlock(node.genesis, sampleParams, { seed: 1, gain: 4_000 }));
  node.wait(20_000);
  assert.ok(rivalWins(node));
});

test('the operator’s word excuses a late block and what descends from it', () => {
  const node = driver();
  const pair = (seed: number, gain: number): SampleBlock[] => {
    const first = sampleBlock(node.genesis, sampleParams, { seed, gain });
    return [first, sampleBlock(first.header, sampleParams, { seed, gain: 100 })];
  };
  node.grow(pair(1, 4_000));
  node.wait(20_000);
  const late = pair(2, 4_500);
  for (const block of late) node.header(block);
  assert.deepEqual(
    node.all('want-body').filter(({ blockId }) => late.some(({ id }) => id === blockId)),
    [],
  );
  node.step({ type: 'reconsider', blockId: late[0]!.id });
  deliverAll(node, late);
  node.wait(10_000);
  assert.equal(node.tip, late[1]!.id);
});

test('nothing is asked for above a block that the operator forbade', () => {
  const node = driver();
  const base = sampleBlock(node.genesis, sampleParams);
  node.deliver(base);
  const above = sampleChain(base.header, sampleParams, 2, { seed: 3 });
  node.wait(20_000);
  for (const block of above) node.header(block);
  const asked = node.all('want-body', [
    ...node.step({ type: 'invalidate', blockId: above[0]!.id }),
    ...node.deliver(sampleBlock(base.header, sampleParams, { seed: 4, gain: 100 })),
    ...node.wait(20_000),
  ]);
  assert.equal(
    asked.some(({ blockId }) => above.some(({ id }) => id === blockId)),
    false,
  );
});

test('blocks are final six deep and three spacings after they were connected', () => {
  const node = driver();
  const blocks = sampleChain(node.genesis, sampleParams, 8);
  node.wait(100_000);
  // They come faster than they were made: in sync, but connected within a few milliseconds.
  for (const block of blocks.slice(0, 7)) {
    node.deliver(block);
    node.wait(5_000);
  }
  assert.equal(node.height, 7);
  assert.equal(node.machine.finalizedHeight(), 1);
  node.restart();
  assert.equal(node.machine.finalizedHeight(), 1);
});

test('finality waits for the clock: a block connected a moment ago is not final, however deep it is', () => {
  const node = driver(false);
  const blocks = sampleChain(node.genesis, sampleParams, 12, { gain: 4_000 });
  node.wait(200_000);
  const left = blocks.slice(0, 4);
  deliverAll(node, left);
  node.step({ type: 'in-sync', value: true });
  const right = sampleChain(node.genesis, sampleParams, 9, { seed: 5, gain: 3_000 });
  for (const block of right) node.header(block);
  for (const block of right) {
    node.believe(block);
    node.body(block);
    node.chunks(block);
  }
  assert.equal(node.height, 4, 'not yet candidates');
  node.wait(5_000);
  assert.equal(node.tip, right[8]!.id);
  node.wait(29_999);
  assert.equal(node.machine.finalizedHeight(), 0);
  node.wait(1);
  assert.equal(node.machine.finalizedHeight(), 3);
  assert.ok(node.all('alarm').some(({ reason }) => /reorganisation of 4 blocks/.test(reason)));
});

test('what does not descend from the final block is dropped, and a branch below it raises an alarm and nothing else', () => {
  const node = driver();
  const blocks = sampleChain(node.genesis, sampleParams, 10);
  const sibling = sampleBlock(node.genesis, sampleParams, { seed: 50, gain: 500 });
  node.header(sibling);
  node.grow(blocks);
  assert.equal(node.machine.finalizedHeight(), 4);
  assert.equal(node.machine.status(sibling.id), null, 'dropped');
  const fork = sampleChain(blocks[1]!.header, sampleParams, 10, { seed: 60, gain: 50_000 });
  node.wait(100_000);
  const actions = node.header(fork[0]!, 'other side');
  assert.deepEqual(node.refusals(actions), ['header-below-finality']);
  assert.equal(node.all('refused', actions)[0]?.peerFault, false);
  assert.match(node.all('alarm', actions)[0]!.reason, /leaves the chain at height 2, below the final height 4/);
  assert.equal(node.machine.status(fork[0]!.id)?.status, 'foreign');
  assert.equal(node.machine.statusOf(fork[0]!.id), 'dead');
  for (const block of fork.slice(1)) assert.deepEqual(node.refusals(node.header(block)), ['header-below-finality']);
  assert.equal(node.all('alarm', node.log.slice(-30)).length <= 1, true, 'not one alarm per header');
  assert.equal(
    node.all('want-body').some(({ blockId }) => blockId === fork[0]!.id),
    false,
  );
  assert.equal(node.tip, blocks[9]!.id);
});

test('an invalid header below finality is refused like any other', () => {
  const node = driver();
  const blocks = sampleChain(node.genesis, sampleParams, 10);
  node.grow(blocks);
  const bad = sampleBlock(blocks[1]!.header, sampleParams, { seed: 60, gain: 0 });
  const actions = node.header(bad);
  assert.deepEqual(node.refusals(actions), ['header-loss-step']);
  assert.equal(node.all('refused', actions)[0]?.peerFault, true);
  const { signature } = blocks[3]!.header;
  const forged = { ...sampleBlock(blocks[1]!.header, sampleParams, { seed: 61 }).header, signature };
  assert.deepEqual(node.refusals(node.step({ type: 'header', header: forged, peer: 'x' })), ['header-signature']);
  assert.equal(node.machine.status(bad.id), null);
});

test('reconsider takes a branch below finality in; from there the rules decide, and finality moves forward again', () => {
  const node = driver();
  const blocks = sampleChain(node.genesis, sampleParams, 10);
  node.grow(blocks);
  const fork = sampleChain(blocks[1]!.header, sampleParams, 10, { seed: 60, gain: 50_000 });
  node.wait(100_000);
  for (const block of fork.slice(0, 4)) node.header(block, 'other side');
  const tip = fork[0]!.id;
  node.step({ type: 'reconsider', blockId: tip });
  assert.equal(node.machine.finalizedHeight(), 2);
  assert.equal(node.tip, blocks[9]!.id, 'nothing is followed yet');
  for (const block of fork) node.deliver(block, 'other side');
  node.wait(200_000);
  assert.equal(node.tip, fork[9]!.id, 'the branch is not late: the operator said so');
  assert.equal(node.machine.finalizedHeight(), 6);
  assert.equal(node.machine.status(blocks[5]!.id), null);
  node.restart();
  assert.equal(node.tip, fork[9]!.id);
  assert.equal(node.machine.finalizedHeight(), 6);
});

test('reconsider of a worse branch below finality changes the final height and not the tip', () => {
  const node = driver();
  const blocks = sampleChain(node.genesis, sampleParams, 10);
  node.grow(blocks);
  const fork = sampleChain(blocks[1]!.header, sampleParams, 3, { seed: 60, gain: 1_000 });
  node.wait(100_000);
  for (const block of fork) node.header(block, 'other side');
  node.step({ type: 'reconsider', blockId: fork[2]!.id });
  assert.equal(node.tip, blocks[9]!.id);
  assert.equal(
    node.all('want-body').some(({ blockId }) => blockId === fork[0]!.id),
    false,
  );
  assert.equal(node.machine.finalizedHeight(), 2);
  node.wait(599_000);
  assert.equal(node.machine.finalizedHeight(), 2, 'the rest of the branch may come');
  node.wait(2_000);
  assert.equal(node.machine.finalizedHeight(), 4, 'its own branch makes it final again');
  assert.equal(node.machine.status(fork[2]!.id), null);
});

test('invalidate goes below the final block if the operator says so, and the best of the rest is followed', () => {
  const node = driver();
  const blocks = sampleChain(node.genesis, sampleParams, 10);
  node.grow(blocks);
  node.step({ type: 'invalidate', blockId: blocks[2]!.id });
  assert.equal(node.tip, blocks[1]!.id);
  assert.equal(node.machine.finalizedHeight(), 2);
  assert.equal(node.machine.status(blocks[5]!.id)?.status, 'forbidden');
  const other = sampleChain(blocks[1]!.header, sampleParams, 3, { seed: 7 });
  node.wait(100_000);
  node.grow(other);
  assert.equal(node.tip, other[2]!.id);
  node.restart();
  assert.equal(node.tip, other[2]!.id, 'the operator’s word outlives a restart');
  node.step({ type: 'reconsider', blockId: blocks[2]!.id });
  assert.equal(node.tip, blocks[9]!.id);
});

test('commands about unknown blocks and genesis change nothing', () => {
  const node = driver();
  node.grow(sampleChain(node.genesis, sampleParams, 2));
  const tip = node.tip;
  for (const blockId of ['77'.repeat(32), node.machine.activeChainAt(0)!])
    for (const type of ['invalidate', 'reconsider'] as const) node.step({ type, blockId });
  assert.equal(node.tip, tip);
});

test('two verified branches that part three blocks deep are an alarm, once', () => {
  const node = driver();
  const base = sampleBlock(node.genesis, sampleParams);
  const left = sampleChain(base.header, sampleParams, 3, { seed: 1, gain: 4_000 });
  const right = sampleChain(base.header, sampleParams, 3, { seed: 2, gain: 4_100 });
  node.wait(100_000);
  for (const block of [base, ...left, ...right]) {
    node.believe(block);
    node.header(block);
  }
  for (const block of [base, ...left]) {
    node.body(block);
    node.chunks(block);
  }
  node.wait(6_000);
  assert.equal(node.tip, left[2]!.id);
  for (const block of right) {
    node.body(block);
    node.chunks(block);
  }
  node.wait(30_000);
  assert.equal(node.tip, right[2]!.id);
  const alarms = node.all('alarm');
  assert.ok(alarms.some(({ reason }) => /reorganisation of 3 blocks/.test(reason)));
  assert.equal(alarms.filter(({ reason }) => /two verified branches/.test(reason)).length, 1);
});

test('a block that changes the D_val has its parent evaluated on the new one first; a wrong parent loss condemns it', () => {
  const node = driver();
  const [, second] = sampleParams.genesis.constants!.dvalIds;
  const blocks = sampleChain(node.genesis, sampleParams, 2);
  node.grow(blocks);
  const parent = blocks[1]!;
  node.wait(300_000);
  // The truth of the parent's checkpoint on the next D_val, which the machine asks for by itself after the deadline.
  const truth = sampleBlock(node.genesis, sampleParams, {
    gain: 0,
    replaced: { valLoss: 6_000_000, parentLoss: 6_000_000 },
  }).sums;
  node.setTruth(parent.file.root, second!, truth);
  node.wait(10_000);
  const timestamp = BigInt(Math.floor(node.unixMs / 1000));
  const expected = node.machine.expectedChild(timestamp);
  assert.deepEqual(
    [expected.dvalId, expected.parentLoss, expected.maxValLoss, expected.height],
    [second, 6_000_000, 5_999_900, 3],
  );
  const wrong = sampleBlock(parent.header, sampleParams, { seed: 1, replaced: { timestamp, parentLoss: 6_000_001 } });
  node.believe(wrong);
  node.header(wrong);
  node.body(wrong);
  const actions = node.chunks(wrong, 'liar');
  assert.deepEqual(node.refusals(actions), ['evaluation-parent-loss']);
  assert.match(node.all('refused', actions)[0]!.detail, /6000001.*6000000/);
  const right = sampleBlock(parent.header, sampleParams, { seed: 2, replaced: { timestamp, parentLoss: 6_000_000 } });
  node.deliver(right);
  assert.equal(node.tip, right.id);
  assert.equal(node.machine.expectedChild(timestamp + 20n).parentLoss, 5_995_000);
});
