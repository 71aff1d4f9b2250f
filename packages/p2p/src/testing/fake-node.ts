// Node machines on fake chains, for tests of synchronisation.

import type { Now } from '@resonancenet/chain/events';
import type { CloseReason } from '../close-code.ts';
import { type NodeAction, type NodeEvent, NodeMachine, type NodeOptions } from '../node-machine.ts';
import type { FakeChain } from './fake-chain.ts';
import { type Network, START_UNIX_MS } from './network.ts';
import { testNetwork } from './session-pair.ts';

let nodes = 0;

export class FakeNode {
  readonly chain: FakeChain;
  readonly machine: NodeMachine;
  readonly actions: NodeAction[] = [];
  readonly name: string;
  readonly #network: Network;

  constructor(name: string, network: Network, chain: FakeChain, options: Partial<NodeOptions> = {}) {
    this.name = name;
    this.chain = chain;
    this.#network = network;
    nodes += 1;
    this.machine = new NodeMachine({
      chain,
      store: chain,
      checkpoints: chain,
      network: testNetwork,
      staticSecret: Uint8Array.from({ length: 32 }, (_, index) =>
        index >= 8 && index < 12 ? nodes >> (8 * (index - 8)) : 9,
      ),
      nonce: BigInt(nodes),
      salt: nodes,
      userAgent: '/fake:1/',
      services: 1n,
      listenPort: 1,
      addresses: [],
      now: { unixMs: START_UNIX_MS + network.nowMs, monotonicMs: network.nowMs },
      ...options,
    });
    network.add(name, this, (action) => this.actions.push(action));
  }

  step(event: NodeEvent, now: Now): NodeAction[] {
    return this.machine.step(event, now);
  }

  give(event: NodeEvent): void {
    this.#network.step(this.name, event);
  }

  get mayMine(): string {
    const { mayMine, code } = this.machine.mayMine(this.#network.now(this.name));
    return `${mayMine} ${code}`;
  }

  /** Reasons of connections that ended, oldest first. */
  get gone(): CloseReason[] {
    return this.actions.flatMap((action) => (action.type === 'peer-gone' ? [action.reason] : []));
  }
}
