// The flood of the bar: so many junk headers a second from a few peers, while an honest network goes on. It measures what the victim keeps and
// how long honest blocks take.

import { ANNOUNCEMENT } from '@resonancenet/p2p/messages/headers';
import { addPuppet, type Junk, JunkMaker, say } from './hostile.ts';
import { World } from './world.ts';

export interface FloodOptions {
  readonly seed: number;
  readonly kind: Junk;
  /** All peers together. */
  readonly perSecond: number;
  readonly seconds: number;
  readonly peers: number;
  /** Hostile hosts are trusted: disconnected, but never discouraged, so that they come back at once. */
  readonly trusted?: boolean;
  /** Called at every simulated second. */
  readonly onSecond?: (second: number) => void;
}

export interface FloodReport {
  readonly sent: number;
  readonly honestBlocks: number;
  /** Longest time from an honest block's making to the moment at which the victim had it as its tip or had refused it for a better one. */
  readonly slowestBlockMs: number;
  /** Branch ends that the victim holds beside the active one: what junk it kept. */
  readonly branchesHeld: number;
  /** Connections of hostile peers that were closed. */
  readonly closed: number;
  /** Real milliseconds that the victim worked per simulated second. */
  readonly busyMsPerSecond: number;
}

const VICTIM = 'a';

export function runFlood(options: FloodOptions): FloodReport {
  const world = new World({
    seed: options.seed,
    names: [VICTIM, 'b'],
    miner: (name) => (name === 'b' ? { meanMs: 2000, gain: [4000, 8000] } : null),
  });
  const victim = world.node(VICTIM);
  const maker = world.node('b');
  world.run(3);
  const isTrusted = options.trusted ?? false;
  world.network.isTrusted = (host) => isTrusted && host.startsWith('hostile');
  const puppets = Array.from({ length: options.peers }, (_, index) => ({
    name: `hostile-${index}`,
    puppet: addPuppet(world, `hostile-${index}`, 50 + index, [VICTIM]),
    junk: new JunkMaker(world.params, options.seed + index),
  }));
  world.run(1);
  let busyMs = 0;
  const step = victim.machine.step.bind(victim.machine);
  victim.machine.step = (event, now) => {
    const started = performance.now();
    const actions = step(event, now);
    busyMs += performance.now() - started;
    return actions;
  };
  let sent = 0;
  let slowestBlockMs = 0;
  let waiting = null as { readonly id: string; readonly sinceMs: number } | null;
  const startHeight = maker.height;
  const batch = options.perSecond / options.peers / 10;
  for (let tenth = 0; tenth < options.seconds * 10; tenth += 1) {
    for (const { name, puppet, junk } of puppets) {
      if (!puppet.isConnected) continue;
      const headers = junk.make(batch, victim.chain.tip().header, options.kind);
      for (const header of headers)
        say(world, name, puppet, { command: 'headers', body: { request: ANNOUNCEMENT, headers: [header] } });
      sent += headers.length;
    }
    world.network.run(100);
    if (maker.tip !== victim.tip && waiting?.id !== maker.tip)
      waiting ??= { id: maker.tip, sinceMs: world.network.nowMs };
    if (waiting !== null) slowestBlockMs = Math.max(slowestBlockMs, world.network.nowMs - waiting.sinceMs);
    if (waiting !== null && victim.chain.statusOf(waiting.id) === 'verified') waiting = null;
    if (tenth % 10 === 9) options.onSecond?.((tenth + 1) / 10);
  }
  return {
    sent,
    honestBlocks: maker.height - startHeight,
    slowestBlockMs,
    branchesHeld: victim.chain.tips().length,
    closed: puppets.reduce((sum, { puppet }) => sum + puppet.connections, 0) - victim.machine.peers().length + 1,
    busyMsPerSecond: Math.round(busyMs / options.seconds),
  };
}
