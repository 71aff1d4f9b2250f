import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cut, healBelowFinality, splitBeyondFinality } from './partition.ts';
import { runs } from './runs.ts';
import { seeds } from './world.ts';
import { SeededRandom } from '@resonancenet/p2p/testing/seeded-random';

const names = ['a', 'b', 'c', 'd', 'e'];

/** A random division into two groups, neither empty. */
function division(random: SeededRandom): string[][] {
  const first = names.filter(() => random.fraction() < 0.5);
  if (first.length === 0 || first.length === names.length)
    return [
      ['a', 'b'],
      ['c', 'd', 'e'],
    ];
  return [first, names.filter((name) => !first.includes(name))];
}

test('random partitions below finality heal to one tip', () => {
  let divided = 0;
  for (const seed of seeds(runs(60), 20_000)) {
    const random = new SeededRandom(seed);
    const how: Cut = random.fraction() < 0.5 ? 'reset' : 'silence';
    if (healBelowFinality(seed, division(random), how)) divided += 1;
  }
  assert.ok(divided > 0);
});

test('random partitions beyond finality alarm both sides, and the operators settle them', () => {
  for (const seed of seeds(runs(20), 30_000)) {
    const random = new SeededRandom(seed);
    // A side of one does not mine, so it never has final blocks of its own.
    const pair = names.toSorted(() => random.fraction() - 0.5).slice(0, 2);
    const world = splitBeyondFinality(seed, [pair, names.filter((name) => !pair.includes(name))]);
    world.run(60);
    assert.equal(world.agree(), false, `seed ${seed}: finality gave way\n${world.describe()}`);
    for (const node of world.nodes) assert.ok(node.alarms.length > 0, `seed ${seed}: ${node.name} raised no alarm`);
    for (const node of world.nodes) node.give({ type: 'reconsider', blockId: node.alarms[0]!.blockId });
    world.waitForAgreement(300);
    world.checkNobodyBlamed();
  }
});
