// A world with one thief in it.

import { steal } from './thief.ts';
import { World } from './world.ts';

export interface Robbery {
  readonly world: World;
  readonly shown: number;
}

/** Honest miners and one thief that strikes after every second block of theirs. */
export function withThief(seed: number, depth: number, factor: number, seconds: number): Robbery {
  let shown = 0;
  let tips = 0;
  const world: World = new World({
    seed,
    miner: (name) => (name === 'thief' ? null : { meanMs: 20_000, gain: [2_000, 8_000] }),
    names: ['a', 'b', 'c', 'd', 'thief'],
    watch: (node, action) => {
      if (node.name !== 'thief' || action.type !== 'tip') return;
      tips += 1;
      // Of two siblings that nodes still choose between, a copy is just a third: theft is to displace what all have taken.
      if (tips % 2 === 0)
        world.network.queue.after(400, () => {
          if (world.agree()) shown += steal(node, { depth, factor });
        });
    },
  });
  world.run(seconds);
  world.waitForAgreement(60, honest(world));
  return { world, shown };
}

/** All but the thief. */
export function honest(world: World): World['nodes'] {
  return world.nodes.filter(({ name }) => name !== 'thief');
}
