// The two thefts that public weights invite. A thief's copy comes late, and late copies must be better by a quarter.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { honest, withThief } from './theft.ts';
import { blocksOf } from './thief.ts';
import { seeds } from './world.ts';

for (const [title, depth] of [
  ['a late sibling', 1],
  ['a copied branch', 3],
] as const)
  test(`${title}, a tenth better than the original, does not displace it`, () => {
    for (const seed of seeds(1, 600 + depth)) {
      const { world, shown } = withThief(seed, depth, 1.1, 60);
      assert.ok(shown >= 3, `seed ${seed}: only ${shown} blocks shown\n${world.describe()}`);
      for (const node of honest(world))
        assert.equal(
          blocksOf(world.node('thief'), node),
          0,
          `seed ${seed}: ${node.name} was robbed\n${world.describe()}`,
        );
      world.checkSafety(honest(world));
      world.checkNobodyBlamed(honest(world));
    }
  });

test('a late sibling that is better by two fifths is no theft and wins: the thief of these tests can win', () => {
  let won = 0;
  for (const seed of seeds(1, 700)) {
    const { world } = withThief(seed, 1, 1.4, 60);
    won += Math.min(...honest(world).map((node) => blocksOf(world.node('thief'), node)));
  }
  assert.ok(won > 0);
});
