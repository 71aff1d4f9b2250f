// Peers that withhold and peers that flood: the honest chain goes on as if they were not there.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GreedyMiner } from './greedy.ts';
import { Withholder } from './hostile.ts';
import { runFlood } from './flood.ts';
import { seeds, World } from './world.ts';

test('withheld checkpoints delay nothing, whatever their headers claim', () => {
  for (const seed of seeds(1, 800)) {
    const calm = new World({ seed });
    calm.run(60);
    const world = new World({ seed });
    const withholders = [1, 2, 3].map(
      (number) => new Withholder(world, `w${number}`, number, ['a', 'b', 'c', 'd', 'e']),
    );
    world.run(60);
    world.waitForAgreement();
    const asked = withholders.reduce((sum, { withheld }) => sum + withheld, 0);
    assert.ok(asked > 0, 'nobody asked for what was withheld: the test shows nothing');
    const [quiet, busy] = [calm.nodes[0]!.height, world.nodes[0]!.height];
    assert.ok(
      busy >= 0.6 * quiet,
      `seed ${seed}: ${busy} blocks against ${quiet} without enemies\n${world.describe()}`,
    );
    assert.ok(withholders.every(({ made }) => made.size > 3));
    for (const { made } of withholders)
      for (const id of made.keys()) assert.ok(world.nodes.every((node) => !node.chain.isActive(id)));
    world.checkNobodyBlamed();
  }
});

test('a well-trained block that pays itself too much is evaluated by nobody, and only its miner is blamed', () => {
  for (const seed of seeds(1, 820)) {
    const evaluated: string[] = [];
    const refused: string[] = [];
    const world = new World({
      seed,
      watch: (node, action) => {
        if (action.type === 'evaluate') evaluated.push(action.root);
        if (action.type === 'refused' && action.code === 'body-coinbase-amount') refused.push(node.name);
      },
    });
    world.run(20);
    world.waitForAgreement();
    // It is connected to two of them: the others hear of its block from these, if at all.
    const greedy = new GreedyMiner(world, 'greedy', 7, ['a', 'b']);
    world.run(5);
    world.waitForAgreement();
    greedy.strike(world.nodes[0]!.chain.tip().header);
    world.run(30);
    world.waitForAgreement();
    const [block] = [...greedy.made.values()];
    assert.ok(refused.length > 0, `seed ${seed}: nobody looked at it: the test shows nothing`);
    assert.ok(!evaluated.includes(block!.root), `seed ${seed}: it was evaluated`);
    assert.ok(world.nodes.every((node) => !node.chain.isActive(block!.id)));
    for (const node of world.nodes) {
      const blamed = node.faults.filter(({ detail }) => detail.startsWith('body-coinbase-amount'));
      assert.ok(['a', 'b'].includes(node.name) || blamed.length === 0, `seed ${seed}: ${node.name} blamed somebody`);
      assert.equal(blamed.length, node.faults.length);
      const peers = node.machine.peers().filter(({ version }) => version !== null);
      assert.ok(peers.length >= 4, `seed ${seed}: ${node.name} lost an honest peer\n${world.describe()}`);
    }
  }
});

for (const kind of ['tree', 'orphans'] as const)
  test(`a flood of junk headers from four peers (${kind}) neither stops the chain nor is kept`, () => {
    const report = runFlood({ seed: seeds(1, 900)[0]!, kind, perSecond: 1000, seconds: 4, peers: 4 });
    assert.ok(report.sent >= 3500, JSON.stringify(report));
    assert.ok(report.honestBlocks >= 1, JSON.stringify(report));
    assert.ok(report.slowestBlockMs <= 5000, JSON.stringify(report));
    assert.ok(report.branchesHeld <= 1024, JSON.stringify(report));
  });

test('the first header with a wrong signature ends the connection', () => {
  const report = runFlood({ seed: seeds(1, 900)[0]!, kind: 'unsigned', perSecond: 1000, seconds: 3, peers: 4 });
  assert.ok(report.sent <= 400, JSON.stringify(report));
  assert.ok(report.closed >= 4, JSON.stringify(report));
  assert.equal(report.branchesHeld, 1);
});
