// What partition tests, quick and slow, do alike.

import assert from 'node:assert/strict';
import { World } from './world.ts';

export type Cut = 'reset' | 'silence';

/** Nodes that mine slowly enough for a few blocks to fit between cutting and healing. */
export function cutWorld(seed: number): World {
  return new World({ seed, miner: () => ({ meanMs: 40_000, gain: [2_000, 8_000] }) });
}

/** Cuts the network in two: connections break, or nothing comes through any more. */
export function cut(world: World, groups: readonly (readonly string[])[], how: Cut): void {
  world.network.partition(groups);
  if (how === 'reset') world.network.resetAcrossGroups();
}

/**
 * Cuts, lets both sides grow apart by a few blocks but not to finality, heals, and expects one tip. Whether both sides had blocks of their
 * own: a side of one node has not, for it must not mine.
 */
export function healBelowFinality(seed: number, groups: readonly (readonly string[])[], how: Cut): boolean {
  const world = cutWorld(seed);
  world.run(40);
  world.waitForAgreement();
  const fork = world.nodes[0]!.height;
  cut(world, groups, how);
  const sides = groups.map((names) => names.map((name) => world.node(name)));
  const grown = (): boolean => sides.every((side) => side.every((node) => node.height > fork)) && !world.agree();
  const tooFar = (): boolean => world.nodes.some((node) => node.height > fork + 4);
  world.network.runUntil(() => grown() || tooFar(), 200_000, 250);
  const wasDivided = grown();
  world.network.heal();
  world.waitForAgreement(120);
  world.run(20);
  world.waitForAgreement();
  world.checkSafety();
  world.checkNobodyBlamed();
  assert.ok(world.nodes.every((node) => node.height > fork));
  return wasDivided;
}

/** Cuts until both sides have final blocks that the other has not, and heals the lines. */
export function splitBeyondFinality(seed: number, groups: readonly (readonly string[])[]): World {
  const world = new World({ seed });
  world.run(40);
  world.waitForAgreement();
  const fork = world.nodes[0]!.height;
  cut(world, groups, 'reset');
  world.waitFor(
    'both sides have final blocks of their own',
    () => world.nodes.every((node) => node.chain.finalizedHeight() > fork),
    900,
  );
  world.network.heal();
  return world;
}
