// Unconfirmed transactions among five nodes: they reach everybody, get into a block, and outlive breaks and partitions.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstOutput, isConfirmed, matureCoins, nameOf, payment, submit } from './payments.ts';
import type { SimNode } from './sim-node.ts';
import { TransactionFlooder } from './transaction-flood.ts';
import { seeds, World } from './world.ts';

const FEE = 100_000n;

/** A world in which a node has earned something that it can spend. */
function funded(seed: number): { readonly world: World; readonly payer: SimNode } {
  const world = new World({ seed });
  world.waitFor('somebody has a coin to spend', () => world.nodes.some((node) => matureCoins(node).length > 0), 200);
  world.waitForAgreement();
  const payer = world.nodes.find((node) => matureCoins(node).length > 0)!;
  return { world, payer };
}

test('a payment reaches all nodes, then a block, and leaves every pool', () => {
  for (const seed of seeds(1)) {
    const { world, payer } = funded(seed);
    const [coin] = matureCoins(payer);
    const other = world.nodes.find((node) => node !== payer)!;
    const paid = payment(payer, coin!, other, FEE);
    submit(payer, paid);
    assert.notEqual(payer.pool.get(nameOf(paid)), null);
    const isKnown = (node: SimNode): boolean => node.pool.get(nameOf(paid)) !== null || isConfirmed(node, paid);
    world.waitFor('every node knows the payment', () => world.nodes.every(isKnown), 60);
    world.waitFor('it is in a block', () => world.nodes.every((node) => isConfirmed(node, paid)), 120);
    world.waitForAgreement();
    assert.ok(world.nodes.every((node) => node.pool.totals().count === 0));
    // What was received can be spent: by its owner, at once.
    const onward = payment(other, firstOutput(paid), payer, FEE);
    submit(other, onward);
    world.waitFor('the next one too', () => world.nodes.every((node) => isConfirmed(node, onward)), 120);
    world.checkSafety();
    world.checkNobodyBlamed();
  }
});

test('a parent without a fee travels with the child that pays for it, and a row of payments keeps its order', () => {
  for (const seed of seeds(1, 10)) {
    const { world, payer } = funded(seed);
    const [coin] = matureCoins(payer);
    const parent = payment(payer, coin!, payer, 0n);
    const row = [payment(payer, firstOutput(parent), payer, FEE)];
    while (row.length < 5) row.push(payment(payer, firstOutput(row.at(-1)!), payer, FEE));
    submit(payer, parent, row[0]!);
    for (const next of row.slice(1)) submit(payer, next);
    assert.equal(payer.pool.totals().count, 6);
    const last = row.at(-1)!;
    world.waitFor('all six are in a block', () => world.nodes.every((node) => isConfirmed(node, last)), 180);
    world.waitForAgreement();
    assert.ok(world.nodes.every((node) => node.pool.totals().count === 0));
    world.checkNobodyBlamed();
  }
});

test('payments outlive connections that break and a partition that is healed by a reorganisation', () => {
  for (const seed of seeds(1, 20)) {
    const { world, payer } = funded(seed);
    const [coin] = matureCoins(payer);
    const paid = payment(payer, coin!, payer, FEE);
    world.network.partition([[payer.name]]);
    submit(payer, paid);
    // The payer's own chain may take it; the others cannot hear of it.
    world.run(15);
    const others = world.nodes.filter((node) => node !== payer);
    assert.ok(others.every((node) => node.pool.get(nameOf(paid)) === null && !isConfirmed(node, paid)));
    world.network.heal();
    for (let second = 0; second < 30; second += 1) {
      world.run(1);
      if (second % 5 === 0) world.network.resetOne();
    }
    world.waitFor('it is in a block that all follow', () => world.nodes.every((node) => isConfirmed(node, paid)), 180);
    world.waitForAgreement();
    world.checkNobodyBlamed();
  }
});

test('p2p_invalid_tx: who delivers what no honest node passes on is disconnected and discouraged, and payments go on', () => {
  for (const junk of ['malformed', 'forged'] as const) {
    const { world, payer } = funded(seeds(1, 30)[0]!);
    const [coin] = matureCoins(payer);
    const other = world.nodes.find((node) => node !== payer)!;
    // The form of the right witness, with another transaction's signature.
    const { witness } = payment(payer, coin!, payer, 7n).inputs[0]!;
    const flooder = new TransactionFlooder(world, 1, junk, [payer.name], { coin: coin!, witness });
    world.run(3);
    flooder.announce(100);
    world.run(5);
    assert.equal(flooder.puppet.isConnected, false);
    assert.ok(flooder.delivered > 0 && flooder.delivered <= 16, `${flooder.delivered} of 100 names were asked for`);
    assert.ok(payer.gone.some(({ code }) => code === 'transaction-invalid'));
    assert.equal(flooder.puppet.connections, 1, 'it is not let in again');
    // It would knock at closed doors for ten minutes.
    flooder.leave();
    const paid = payment(payer, coin!, other, FEE);
    submit(payer, paid);
    world.waitFor('the payment is in a block', () => world.nodes.every((node) => isConfirmed(node, paid)), 120);
    world.checkNobodyBlamed();
  }
});

test('p2p_orphan_handling: a flood of transactions without parents is nobody’s fault, is not kept, and holds up no payment', () => {
  const { world, payer } = funded(seeds(1, 40)[0]!);
  const [coin] = matureCoins(payer);
  const targets = [payer.name, world.nodes.find((node) => node !== payer)!.name];
  const flooders = [1, 2].map((number) => new TransactionFlooder(world, number, 'orphans', targets));
  world.run(3);
  const paid = payment(payer, coin!, payer, FEE);
  for (let second = 0; second < 6; second += 1) {
    for (const flooder of flooders) flooder.announce(100);
    if (second === 3) submit(payer, paid);
    world.run(1);
  }
  assert.ok(
    flooders.every(({ delivered }) => delivered > 200),
    'they were asked for much: the test shows something',
  );
  assert.ok(flooders.every(({ puppet }) => puppet.isConnected));
  const isKnown = (node: SimNode): boolean => node.pool.get(nameOf(paid)) !== null || isConfirmed(node, paid);
  world.waitFor('every node knows the payment', () => world.nodes.every(isKnown), 30);
  world.waitFor('it is in a block', () => world.nodes.every((node) => isConfirmed(node, paid)), 120);
  assert.ok(world.nodes.every((node) => node.pool.totals().count <= 1));
  world.checkNobodyBlamed();
});
