// Who does what through which node of a run.

import type { SimNode } from '../sim-node.ts';
import type { World } from '../world.ts';
import { Actor, type Play } from './actor.ts';
import { paymentPlay } from './payment-play.ts';
import { type Ballot, campaignPlay, type Fate, neglectedPlay } from './proposal-plays.ts';
import { again, heartbeatPlay, returnPlay, socialPlay } from './recovery-plays.ts';

export interface Performance {
  readonly node: SimNode;
  readonly play: Play;
}

/** Plays for the first five nodes; all but payments go through the first four, which keep an index of transactions. */
export function castPlays(world: World, ballot: Ballot, fates: readonly Exclude<Fate, 'expired'>[]): Performance[] {
  const [a, b, c, d, e] = world.nodes as [SimNode, SimNode, SimNode, SimNode, SimNode];
  const five = [a, b, c, d, e];
  const plays: Performance[] = [];
  const add = (node: SimNode, make: (actor: Actor) => Play): void =>
    void plays.push({ node, play: make(new Actor(node, world.random)) });
  for (const node of five)
    add(node, (actor) =>
      paymentPlay(
        actor,
        five.filter((other) => other !== node),
      ),
    );
  for (const node of [a, b]) add(node, (actor) => again(actor, heartbeatPlay));
  for (const node of [c, d]) add(node, (actor) => again(actor, socialPlay));
  for (const node of [a, c]) add(node, (actor) => again(actor, returnPlay));
  add(b, (actor) => campaignPlay(actor, ballot, fates));
  add(d, (actor) => neglectedPlay(actor));
  return plays;
}
