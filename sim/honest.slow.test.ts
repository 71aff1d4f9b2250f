import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runs } from './runs.ts';
import { seeds, World } from './world.ts';

test('long runs with crashes, lost connections and short silences: one chain, nothing final is lost, nobody is blamed', () => {
  for (const seed of seeds(runs(20), 10_000)) {
    const world = new World({ seed });
    const finals = new Map<string, number>();
    const down = new Map<string, number>();
    for (let second = 0; second < 300; second += 1) {
      world.run(1);
      const dice = world.random.fraction();
      if (dice < 0.1) world.network.resetOne();
      else if (dice < 0.12 && down.size === 0) {
        const node = world.nodes[world.random.integer(0, world.nodes.length - 1)]!;
        finals.set(node.name, node.chain.finalizedHeight());
        node.crash();
        down.set(node.name, second + world.random.integer(1, 10));
      }
      for (const [name, until] of [...down])
        if (second >= until) {
          down.delete(name);
          const node = world.node(name);
          node.restart();
          assert.ok(
            node.chain.finalizedHeight() >= (finals.get(name) ?? 0),
            `seed ${seed}: ${name} lost a final block`,
          );
        }
    }
    for (const name of down.keys()) world.node(name).restart();
    world.run(20);
    world.waitForAgreement(120);
    assert.ok(world.nodes[0]!.height > 30, `seed ${seed}\n${world.describe()}`);
    world.checkSafety();
    world.checkNobodyBlamed();
  }
});
