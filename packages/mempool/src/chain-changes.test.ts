import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { encodeAction } from '@resonancenet/primitives/action-content';
import { build, byKey, heartbeat, type Owned } from '@resonancenet/ledger/testing/build-transaction';
import { paying } from '@resonancenet/ledger/testing/ledger-chain';
import {
  BUILT_IN,
  HEARTBEAT,
  heartbeatTerms,
  RETURN,
  returnTerms,
  SOCIAL,
  socialTerms,
  under,
} from '@resonancenet/ledger/testing/sample-policies';
import { COIN, idOf, leafHexOf, leavesOf, PoolWorld, toKey } from './testing/pool-world.ts';

const FEE = 100_000n;

test('blocks: what is confirmed goes, what it contradicts goes with its descendants, children stay', () => {
  const world = new PoolWorld();
  const [a, b] = world.fund(COIN, COIN);
  const [parent, child] = world.row(a!, 2, FEE);
  const [loser, loserChild] = world.row(b!, 2, FEE);
  for (const payment of [parent!, child!, loser!, loserChild!]) world.submit(payment);
  const winner = world.payFee([b!], 5n);
  world.mine([parent!, winner]);
  assert.deepEqual(
    [parent!, loser!, loserChild!].map((payment) => world.removal(payment)),
    ['confirmed', 'conflict', 'conflict'],
  );
  assert.equal(world.has(child!), true);
  assert.equal(world.machine.get(idOf(child!))?.ancestors.count, 1);
  assert.equal(world.machine.wants(leafHexOf(parent!)), false, 'nobody is asked for what is in a block');
});

test('mempool_resurrect: transactions of a block that is taken back return, in order, without being checked again', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const row = world.row(coin!, 5, FEE);
  for (const payment of row) world.submit(payment);
  world.mine(row.slice(0, 2));
  world.mine(row.slice(2, 4));
  const before = world.actions.length;
  world.reorganise(2, [[], [], []]);
  assert.equal(world.size, 5);
  const accepted = world.ofType('transaction-accepted', world.actions.slice(before)).map(({ txid }) => txid);
  assert.deepEqual(accepted, row.slice(0, 4).map(idOf));
  assert.deepEqual(world.ofType('verify-transaction', world.actions.slice(before)), []);
  assert.equal(world.machine.get(idOf(row[4]!))?.ancestors.count, 5, 'the child that stayed has its parents again');
});

test('mempool_resurrect: the signatures of what returns are checked if they are not known, one after the other', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const row = world.row(coin!, 3, FEE);
  world.mine(row.slice(0, 2));
  world.submit(row[2]!);
  world.known.clear();
  world.reorganise(1, [[], []]);
  assert.deepEqual(
    row.map((payment) => world.has(payment)),
    [true, true, true],
  );
});

test('mempool_reorg: what a new branch has or contradicts does not return, and what spends it goes', () => {
  const world = new PoolWorld();
  const [a, b] = world.fund(COIN, COIN);
  const kept = world.payFee([a!], FEE);
  const [lost, child] = world.row(b!, 2, FEE);
  world.mine([kept, lost!]);
  world.submit(child!);
  const rival = world.payFee([b!], 7n);
  world.reorganise(1, [[kept], [rival]]);
  assert.equal(world.size, 0);
  assert.equal(world.removal(child!), 'invalid');
  assert.deepEqual([world.has(kept), world.has(lost!)], [false, false]);
});

test('mempool_reorg: a spend of a coinbase that is immature again goes, one that stays mature stays', () => {
  const world = new PoolWorld();
  const { coinbaseMaturity } = world.chain.params;
  const owned = (): ReturnType<PoolWorld['outputsOf']>[number] => {
    const coinbase = world.chain.mine([], { pay: [toKey(COIN)] });
    return { ...world.outputsOf(coinbase)[0]!, height: world.chain.height };
  };
  const old = owned();
  world.give({ type: 'tip', connected: [], disconnected: [] });
  world.mine();
  const young = owned();
  world.give({ type: 'tip', connected: [], disconnected: [] });
  for (let block = 1; block < coinbaseMaturity; block += 1) world.mine();
  const [first, second] = [world.payFee([old], FEE), world.payFee([young], FEE)];
  assert.deepEqual([world.outcome(first, null), world.outcome(second, null)], ['accepted', 'accepted']);
  world.reorganise(2, [[]]);
  assert.deepEqual([world.has(first), world.has(second)], [true, false]);
  assert.equal(world.removal(second), 'invalid');
});

test('mempool_reorg: what is too early on a branch that is lower at first comes back when the tip is as high as it was', () => {
  const world = new PoolWorld();
  const { coinbaseMaturity } = world.chain.params;
  const coinbase = world.chain.mine([], { pay: [toKey(COIN)] });
  const coin = { ...world.outputsOf(coinbase)[0]!, height: world.chain.height };
  world.give({ type: 'tip', connected: [], disconnected: [] });
  for (let block = 1; block < coinbaseMaturity; block += 1) world.mine();
  // The first is in a block and lost with it; of the others, which spend it, one is in the next block, and one waits.
  const row = world.row(coin, 3, FEE);
  world.mine([row[0]!]);
  world.mine([row[1]!]);
  assert.equal(world.outcome(row[2]!, null), 'accepted');
  const held = (): boolean[] => row.map((payment) => world.has(payment));
  world.reorganise(4, [[]]);
  assert.deepEqual(held(), [false, false, false]);
  world.mine();
  assert.deepEqual(held(), [true, true, true]);
  assert.equal(world.machine.get(idOf(row[2]!))?.isLocal, true);
});

test('mempool_reorg: what is still refused when the tip is as high as it was, or has no room, is given up', () => {
  for (const [maxReturningBytes, blocks, isBack] of [
    [10_000, 1, true],
    [10, 1, false],
    // The branch has spent the coin.
    [10_000, 2, false],
  ] as const) {
    const world = new PoolWorld({ maxReturningBytes });
    const [coin] = world.fund(COIN);
    world.mine();
    world.mine();
    const payment = world.payFee([coin!], FEE, { lockTime: world.chain.height });
    assert.equal(world.outcome(payment, null), 'accepted');
    world.reorganise(2, [[]]);
    assert.equal(world.has(payment), false);
    world.mine(blocks === 2 ? [world.payFee([coin!], 7n)] : []);
    for (let block = 0; block < 3; block += 1) world.mine();
    assert.equal(world.has(payment), isBack, `${maxReturningBytes} bytes, ${blocks}`);
  }
});

test('mempool_reorg: a lock in time that is closed again puts a transaction out', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  world.mine();
  world.mine();
  const payment = world.payFee([coin!], FEE, { lockTime: world.chain.height });
  assert.equal(world.outcome(payment), 'accepted');
  world.reorganise(2, [[]]);
  assert.equal(world.removal(payment), 'invalid');
});

test('mempool_updatefromblock: families that returning blocks make too large are cut at their latest', () => {
  const world = new PoolWorld({ maxAncestors: 5, maxDescendants: 5 });
  const [coin] = world.fund(COIN);
  const row = world.row(coin!, 8, FEE);
  for (const payment of row.slice(0, 4)) world.submit(payment);
  world.mine(row.slice(0, 4));
  for (const payment of row.slice(4)) world.submit(payment);
  assert.equal(world.size, 4);
  world.reorganise(1, [[], []]);
  assert.equal(world.size, 5);
  assert.deepEqual(
    row.map((payment) => world.has(payment)),
    [true, true, true, true, true, false, false, false],
  );
  assert.equal(world.removal(row[5]!), 'evicted');
});

test('emission return: a spend goes in the block in which its output returns, not one earlier', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const payment = world.payFee([coin!], FEE);
  world.submit(payment);
  const { builtInReturn } = world.chain.params.recovery;
  while (world.chain.height + 1 < coin!.height + builtInReturn - 1) world.mine();
  assert.equal(world.has(payment), true);
  world.mine();
  assert.equal(world.removal(payment), 'invalid');
  assert.match(world.ofType('transaction-removed').at(-1)!.detail, /^tx-returned-input: /);
});

test('idle: a recovery goes when a block brings a sign of life, and only then', () => {
  const world = new PoolWorld();
  const leaves = [[byKey(1)], [{ kind: 'idle' } as const, byKey(9)]];
  const [coin, other] = world.fundOutputs(paying(under(HEARTBEAT, leaves), COIN), toKey(COIN));
  const recovery = build({ spends: [{ from: coin!, leaves, leaf: 1 }], outputs: [toKey(COIN - FEE)] });
  while (world.outcome(recovery, null) === 'tx-idle') world.mine();
  assert.equal(world.chain.height + 1 - coin!.height, 11);
  world.mine();
  assert.equal(world.has(recovery), true);
  const sign = world.payFee([other!], FEE, { actions: [heartbeat(heartbeatTerms)] });
  // Both may be unconfirmed at once: which comes first, the block decides.
  assert.equal(world.outcome(sign, null), 'accepted');
  world.mine([sign]);
  assert.equal(world.removal(recovery), 'invalid');
  assert.match(world.ofType('transaction-removed').at(-1)!.detail, /^tx-idle: /);
});

test('heartbeat: one that comes too late for an output that must return is put out', () => {
  const world = new PoolWorld();
  const [coin, other] = world.fundOutputs(paying(under(RETURN), COIN), toKey(COIN));
  const sign = world.payFee([other!], FEE, { actions: [heartbeat(returnTerms)] });
  world.submit(sign);
  while (world.chain.height + 1 < coin!.height + 199) world.mine();
  assert.equal(world.has(sign), true);
  world.mine();
  assert.equal(world.removal(sign), 'invalid');
});

test('mempool_updatefromblock: a parent that returns under too many children keeps the first of them', () => {
  const world = new PoolWorld({ maxDescendants: 3 });
  const [coin] = world.fund(COIN);
  const parent = world.pay([coin!], [COIN / 5n, COIN / 5n, COIN / 5n, COIN / 5n]);
  world.mine([parent]);
  const children = world
    .outputsOf(parent)
    .map((output) => world.payFee([{ ...output, height: world.chain.height }], FEE));
  for (const child of children) assert.equal(world.outcome(child), 'accepted');
  world.reorganise(1, [[], []]);
  assert.deepEqual(
    [parent, ...children].map((one) => world.has(one)),
    [true, true, true, false, false],
  );
  assert.equal(world.removal(children[3]!), 'evicted');
});

const RNT = 10_000_000_000n;

function announcement(world: PoolWorld, coin: Owned, fee: bigint, bond: bigint): Transaction {
  const signatures = [0, 1].map((guardian) => ({ guardian, signature: new Uint8Array(64) }));
  const destination = under(BUILT_IN, leavesOf(60));
  const action = encodeAction({ kind: 'announce', terms: socialTerms, destination, signatures });
  return world.payFee([coin], fee + bond, { actions: [action] });
}

test('announcements: what one pays changes when a block has the first of its policy; it is judged anew', () => {
  const world = new PoolWorld();
  const [coin, other, third] = world.fund(3n * RNT, RNT, 3n * RNT);
  const rich = announcement(world, coin!, RNT + FEE, 0n);
  assert.equal(world.outcome(rich), 'accepted');
  assert.equal(world.machine.get(idOf(rich))?.fee, RNT + FEE);
  world.mine([announcement(world, other!, FEE, 0n)]);
  assert.equal(world.machine.get(idOf(rich))?.fee, FEE, 'a further announcement locks a bond');
  const poor = announcement(world, third!, 3n * FEE, RNT);
  assert.equal(world.outcome(poor), 'accepted', 'one unconfirmed announcement of a policy: the better one');
  assert.equal(world.removal(rich), 'replaced');
});

test('announcements: a recovery goes when a heartbeat cancels its announcement, and only one is unconfirmed', () => {
  const world = new PoolWorld();
  const leaves = [[{ kind: 'announced' } as const, byKey(9)]];
  const [a, b, coin, sign] = world.fundOutputs(
    paying(under(SOCIAL, leaves), RNT),
    paying(under(SOCIAL, leaves), RNT),
    toKey(COIN),
    toKey(COIN),
  );
  world.mine([announcement(world, coin!, FEE, 0n)]);
  const recover = (from: Owned, fee: bigint): Transaction =>
    build({ spends: [{ from, leaves }], outputs: [paying(under(BUILT_IN, leavesOf(60)), RNT - fee)] });
  const first = recover(a!, FEE);
  while (world.outcome(first, null) === 'tx-announced-wait') world.mine();
  assert.equal(world.has(first), true);
  assert.equal(world.outcome(recover(b!, FEE)), 'replacement-rate', 'another output, the same announcement');
  world.mine();
  assert.equal(world.has(first), true);
  world.mine([world.payFee([sign!], FEE, { actions: [heartbeat(socialTerms)] })]);
  assert.equal(world.removal(first), 'invalid');
  assert.match(world.ofType('transaction-removed').at(-1)!.detail, /^tx-announced-none: /);
});

test('mempool_reorg: so many bytes return and no more', () => {
  for (const [maxReturningBytes, size] of [
    [420, 2],
    [419, 1],
  ] as const) {
    const world = new PoolWorld({ maxReturningBytes });
    const payments = world.fund(COIN, COIN).map((coin) => world.payFee([coin], FEE));
    world.mine(payments);
    world.reorganise(1, [[], []]);
    assert.equal(world.size, size);
  }
});

test('work is done in slices: a large reorganisation returns a bounded number in each step', () => {
  const world = new PoolWorld({ stepTransactions: 3 });
  const coins = world.fund(...Array.from({ length: 10 }, () => COIN));
  const payments: Transaction[] = coins.map((coin) => world.payFee([coin], FEE));
  for (const payment of payments) world.submit(payment);
  world.mine(payments);
  const steps: number[] = [];
  const machine = world.machine;
  const step = machine.step.bind(machine);
  machine.step = (event, now) => {
    const actions = step(event, now);
    steps.push(actions.filter(({ type }) => type === 'transaction-accepted').length);
    return actions;
  };
  world.reorganise(1, [[], []]);
  assert.equal(world.size, 10);
  assert.deepEqual(steps, [3, 3, 3, 1]);
});
