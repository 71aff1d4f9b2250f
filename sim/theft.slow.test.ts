import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runs } from './runs.ts';
import { honest, withThief } from './theft.ts';
import { blocksOf } from './thief.ts';
import { seeds } from './world.ts';

test('thieves of every depth and of every gain below a quarter win nothing in long runs', () => {
  for (const seed of seeds(runs(20), 40_000)) {
    const depth = 1 + (seed % 4);
    const factor = [1.01, 1.05, 1.1, 1.2][seed % 4] ?? 1.1;
    const { world, shown } = withThief(seed, depth, factor, 200);
    assert.ok(shown >= 5, `seed ${seed}: only ${shown} blocks shown`);
    for (const node of honest(world))
      assert.equal(
        blocksOf(world.node('thief'), node),
        0,
        `seed ${seed}, depth ${depth}, factor ${factor}\n${world.describe()}`,
      );
    world.checkSafety(honest(world));
    world.checkNobodyBlamed(honest(world));
  }
});
