import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healBelowFinality, splitBeyondFinality } from './partition.ts';
import { seeds } from './world.ts';

const twoThree = [
  ['a', 'b'],
  ['c', 'd', 'e'],
];
const oneFour = [['a'], ['b', 'c', 'd', 'e']];

for (const how of ['reset', 'silence'] as const) {
  test(`a partition of two and three below finality heals to one tip (${how})`, () => {
    const divided = seeds(2, how === 'reset' ? 100 : 200).filter((seed) => healBelowFinality(seed, twoThree, how));
    assert.ok(divided.length > 0, 'in no run had both sides blocks of their own');
  });

  test(`a partition of one and four below finality heals to one tip (${how})`, () => {
    for (const seed of seeds(1, how === 'reset' ? 300 : 400)) healBelowFinality(seed, oneFour, how);
  });
}

test('a partition beyond finality alarms both sides and stays divided until the operators reconsider', () => {
  for (const seed of seeds(1, 500)) {
    const world = splitBeyondFinality(seed, twoThree);
    const before = world.nodes.map((node) => node.chain.finalizedHeight());
    world.run(40);
    assert.equal(world.agree(), false, `seed ${seed}: finality gave way\n${world.describe()}`);
    for (const node of world.nodes) {
      assert.ok(node.alarms.length > 0, `seed ${seed}: ${node.name} raised no alarm`);
      assert.match(node.alarms[0]!.reason, /below the final height/);
    }
    assert.ok(world.nodes.every((node, index) => node.chain.finalizedHeight() >= before[index]!));
    // Each operator lets the other branch in; from there the rules decide, the same for all.
    for (const node of world.nodes) node.give({ type: 'reconsider', blockId: node.alarms[0]!.blockId });
    world.waitForAgreement(120);
    world.run(20);
    world.waitForAgreement();
    world.checkNobodyBlamed();
  }
});
