import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heartbeat } from '@resonancenet/ledger/testing/build-transaction';
import { heartbeatTerms } from '@resonancenet/ledger/testing/sample-policies';
import { COIN, idOf, PoolWorld } from './testing/pool-world.ts';

const FEE = 100_000n;

/** Encoded bytes of a payment with one input and one output, and what relaying it costs. */
const size = 210;
const relay = 10n * BigInt(size);

test('feature_rbf: a replacement pays what it replaces and its own relay, to the resonance', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const first = world.payFee([coin!], FEE);
  world.submit(first);
  assert.equal(world.machine.get(idOf(first))?.bytes, size);
  assert.equal(world.outcome(world.payFee([coin!], FEE + relay - 1n)), 'replacement-fee');
  const better = world.payFee([coin!], FEE + relay);
  assert.equal(world.outcome(better), 'accepted');
  assert.deepEqual([world.has(first), world.removal(first)], [false, 'replaced']);
});

test('feature_rbf: descendants are paid for and go with what is replaced', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const row = world.row(coin!, 3, FEE);
  for (const payment of row) world.submit(payment);
  assert.equal(world.outcome(world.payFee([coin!], 3n * FEE + relay - 1n)), 'replacement-fee');
  assert.equal(world.outcome(world.payFee([coin!], 3n * FEE + relay)), 'accepted');
  assert.deepEqual(
    row.map((payment) => world.removal(payment)),
    ['replaced', 'replaced', 'replaced'],
  );
  assert.equal(world.size, 1);
});

test('feature_rbf: the rate must be higher than that of each transaction in conflict', () => {
  const world = new PoolWorld();
  const coins = world.fund(COIN, COIN, COIN);
  world.submit(world.payFee([coins[0]!], FEE));
  // Three inputs: more bytes, a greater fee, but less for each byte.
  const wide = world.payFee(coins, 2n * FEE);
  assert.equal(world.outcome(wide), 'replacement-rate');
  assert.equal(world.outcome(world.payFee(coins, 4n * FEE)), 'accepted');
});

test('feature_rbf: a replacement spends no further unconfirmed outputs', () => {
  const world = new PoolWorld();
  const [coin, other] = world.fund(COIN, COIN);
  const parent = world.payFee([other!], FEE);
  world.submit(parent);
  const first = world.payFee([coin!], FEE);
  world.submit(first);
  const mixed = world.payFee([coin!, world.outputsOf(parent)[0]!], 10n * FEE);
  assert.equal(world.outcome(mixed), 'replacement-inputs');
  const child = world.payFee(world.outputsOf(parent), FEE);
  world.submit(child);
  assert.equal(
    world.outcome(world.payFee(world.outputsOf(parent), 3n * FEE)),
    'accepted',
    'those it replaces spent it too',
  );
});

test('feature_rbf: nobody replaces their own ancestor', () => {
  const world = new PoolWorld();
  const [coin, other] = world.fund(COIN, COIN);
  const actions = [heartbeat(heartbeatTerms)];
  const parent = world.payFee([coin!], FEE, { actions });
  world.submit(parent);
  const child = world.payFee(world.outputsOf(parent), 100n * FEE, { actions });
  assert.equal(world.outcome(child), 'replacement-parent');
  const both = world.payFee([coin!, world.outputsOf(parent)[0]!], 100n * FEE);
  assert.equal(world.outcome(both), 'tx-missing-input', 'an output that an ancestor with actions spends');
  const plain = world.payFee([other!], FEE);
  world.submit(plain);
  assert.equal(world.outcome(world.payFee([other!, world.outputsOf(plain)[0]!], 100n * FEE)), 'replacement-parent');
});

test('feature_rbf: at most a hundred go for one', () => {
  const world = new PoolWorld({ maxReplaced: 10 });
  const coins = world.fund(COIN, COIN, COIN);
  for (const coin of coins.slice(0, 2)) for (const payment of world.row(coin, 5, FEE)) world.submit(payment);
  world.submit(world.payFee([coins[2]!], FEE));
  assert.equal(world.outcome(world.payFee(coins, 100n * FEE)), 'replacement-count');
  assert.equal(world.outcome(world.payFee(coins.slice(0, 2), 100n * FEE)), 'accepted');
});
