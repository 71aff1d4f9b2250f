// Nodes without enemies: one chain, whatever the lines do.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chunkySimParams } from './sim-params.ts';
import { seeds, World } from './world.ts';

test('five nodes mine one chain, agree about what is final, and blame nobody', () => {
  for (const seed of seeds(1)) {
    const world = new World({ seed });
    world.run(60);
    world.waitForAgreement();
    assert.ok(world.nodes[0]!.height >= 8, world.describe());
    assert.ok(world.nodes.every((node) => node.chain.finalizedHeight() >= 2));
    assert.ok(world.nodes.filter(({ blocksMade }) => blocksMade > 0).length >= 3);
    world.checkSafety();
    world.checkNobodyBlamed();
  }
});

test('the same seed gives the same run, another one another run', () => {
  const tip = (seed: number): string => {
    const world = new World({ seed, names: ['a', 'b', 'c'] });
    world.run(20);
    return world.describe();
  };
  assert.equal(tip(7), tip(7));
  assert.notEqual(tip(7), tip(8));
});

test('nodes stay on one chain while connections break all the time', () => {
  for (const seed of seeds(1, 20)) {
    const world = new World({ seed });
    for (let second = 0; second < 60; second += 1) {
      world.run(1);
      if (second % 3 === 0) world.network.resetOne();
    }
    world.run(5);
    world.waitForAgreement();
    world.checkSafety();
    world.checkNobodyBlamed();
  }
});

test('a node that starts late catches up: headers, bodies, the last checkpoints, and then mines along', () => {
  for (const seed of seeds(1, 30)) {
    const world = new World({ seed, names: ['a', 'b', 'late'] });
    world.node('late').crash();
    world.run(150);
    const before = world.node('a').height;
    assert.ok(before > 18, world.describe());
    world.node('late').restart();
    world.waitFor('the late node is on the tip', () => world.agree(), 30);
    assert.equal(world.node('late').machine.mayMine(world.network.now('late')).code, 'in-sync');
    const stages = Array.from({ length: 6 }, (_, depth) => {
      const id = world.node('late').chain.activeChainAt(world.node('late').height - depth);
      return id === null ? null : world.node('late').chain.status(id)?.status;
    });
    assert.deepEqual(new Set(stages), new Set(['verified']), 'the last six are verified in full');
    world.checkNobodyBlamed();
  }
});

test('a node that crashes and starts again on what it stored goes on', () => {
  for (const seed of seeds(1, 40)) {
    const world = new World({ seed, names: ['a', 'b', 'c'] });
    for (let round = 0; round < 4; round += 1) {
      world.run(10);
      const node = world.nodes[world.random.integer(0, 2)]!;
      const finalBefore = node.chain.finalizedHeight();
      node.crash();
      world.run(world.random.integer(1, 8));
      node.restart();
      assert.ok(node.chain.finalizedHeight() >= finalBefore);
    }
    world.run(10);
    world.waitForAgreement();
    world.checkSafety();
    world.checkNobodyBlamed();
  }
});

test('checkpoints of several chunks travel over slow lines', () => {
  for (const seed of seeds(1, 50)) {
    const world = new World({
      seed,
      names: ['a', 'b', 'c'],
      params: chunkySimParams,
      link: { latencyMs: [50, 200], bytesPerMs: 2000 },
    });
    world.run(60);
    world.waitForAgreement();
    assert.ok(world.nodes[0]!.height >= 2, world.describe());
    world.checkNobodyBlamed();
  }
});
