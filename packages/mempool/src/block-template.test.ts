import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, byKey, heartbeat } from '@resonancenet/ledger/testing/build-transaction';
import { paying } from '@resonancenet/ledger/testing/ledger-chain';
import { HEARTBEAT, heartbeatTerms, under } from '@resonancenet/ledger/testing/sample-policies';
import { checkTemplate } from './testing/pool-invariants.ts';
import { COIN, idOf, PoolWorld, toKey } from './testing/pool-world.ts';

const FEE = 100_000n;
const all = { maxBytes: 1_000_000, maxSignatures: 20_000 };

function orderOf(world: PoolWorld, limits = all): string[] {
  return world.machine.selectTransactions(limits).transactions.map(idOf);
}

test('the template takes what pays most per byte first, parents that pay little with children that pay for them', () => {
  const world = new PoolWorld();
  const coins = world.fund(COIN, COIN, COIN);
  const middle = world.payFee([coins[0]!], 3n * FEE);
  const parent = world.payFee([coins[1]!], 5_000n);
  const child = world.payFee(world.outputsOf(parent), 20n * FEE);
  const last = world.payFee([coins[2]!], FEE);
  for (const payment of [last, middle, parent, child]) world.submit(payment);
  assert.deepEqual(orderOf(world), [parent, child, middle, last].map(idOf));
  checkTemplate(world, 1_000_000, 20_000);
});

test('the template is full to the byte and to the signature', () => {
  const world = new PoolWorld();
  const coins = world.fund(COIN, COIN, COIN);
  const payments = coins.map((coin, index) => world.payFee([coin], FEE * BigInt(3 - index)));
  for (const payment of payments) world.submit(payment);
  const ids = payments.map(idOf);
  assert.deepEqual(orderOf(world, { ...all, maxBytes: 420 }), ids.slice(0, 2));
  assert.deepEqual(orderOf(world, { ...all, maxBytes: 419 }), ids.slice(0, 1));
  assert.deepEqual(orderOf(world, { ...all, maxSignatures: 2 }), ids.slice(0, 2));
  assert.deepEqual(orderOf(world, { ...all, maxBytes: 0 }), []);
});

test('the template leaves out what another transaction of the block forbids', () => {
  const world = new PoolWorld();
  const leaves = [[byKey(1)], [{ kind: 'idle' } as const, byKey(9)]];
  const [coin, other] = world.fundOutputs(paying(under(HEARTBEAT, leaves), COIN), toKey(COIN));
  for (let block = 0; block < 10; block += 1) world.mine();
  const recovery = build({ spends: [{ from: coin!, leaves, leaf: 1 }], outputs: [toKey(COIN - FEE)] });
  const child = world.payFee(world.outputsOf(recovery), 50n * FEE);
  const sign = world.payFee([other!], 90n * FEE, { actions: [heartbeat(heartbeatTerms)] });
  for (const payment of [recovery, child, sign]) assert.equal(world.outcome(payment), 'accepted');
  assert.deepEqual(orderOf(world), [idOf(sign)], 'the sign of life pays more, comes first, and ends the recovery');
  checkTemplate(world, 1_000_000, 20_000);
});

test('the template of a chain of 25 takes it whole or as far as it fits', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const row = world.row(coin!, 25, FEE);
  for (const payment of row) world.submit(payment);
  assert.deepEqual(orderOf(world), row.map(idOf));
  assert.deepEqual(orderOf(world, { ...all, maxBytes: 1_050 }), row.slice(0, 5).map(idOf));
});
