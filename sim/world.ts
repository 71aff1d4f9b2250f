// Nodes on a simulated network, and what a test asks of them.

import assert from 'node:assert/strict';
import type { ChainOptions } from '@resonancenet/chain/machine-context';
import type { LinkModel } from '@resonancenet/p2p/testing/network';
import { Network, quickLink } from '@resonancenet/p2p/testing/network';
import { SeededRandom } from '@resonancenet/p2p/testing/seeded-random';
import type { NodeOptions } from '@resonancenet/p2p/node-machine';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { type MinerModel, SimNode, type SimNodeOptions } from './sim-node.ts';
import { simParams } from './sim-params.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly names?: readonly string[];
  readonly params?: NetworkParams;
  readonly link?: LinkModel;
  /** Miner of a node; null for none. */
  readonly miner?: (name: string) => MinerModel | null;
  /** Whom a node connects to; all others unless told. */
  readonly addresses?: (name: string) => readonly string[];
  readonly machine?: Partial<NodeOptions>;
  readonly chain?: (name: string) => Partial<ChainOptions>;
  readonly vote?: SimNodeOptions['vote'];
  readonly watch?: SimNodeOptions['watch'];
}

/** Blocks a few seconds apart, improvements that differ by a factor of four. */
export const steadyMiner: MinerModel = { meanMs: 15_000, gain: [2_000, 8_000] };

export class World {
  readonly seed: number;
  readonly random: SeededRandom;
  readonly network: Network;
  readonly params: NetworkParams;
  readonly nodes: SimNode[];

  constructor(options: WorldOptions) {
    const { seed, names = ['a', 'b', 'c', 'd', 'e'], params = simParams } = options;
    this.seed = seed;
    this.random = new SeededRandom(seed);
    this.network = new Network(new SeededRandom(this.random.u32()), options.link ?? quickLink);
    this.params = params;
    this.nodes = names.map(
      (name) =>
        new SimNode(
          {
            name,
            params,
            addresses: options.addresses?.(name) ?? names.filter((other) => other !== name),
            miner: options.miner === undefined ? steadyMiner : options.miner(name),
            skewMs: this.random.integer(-500, 500),
            evaluationMs: [20, 200],
            ...(options.machine === undefined ? {} : { machine: options.machine }),
            ...(options.chain === undefined ? {} : { chain: options.chain(name) }),
            ...(options.vote === undefined ? {} : { vote: options.vote }),
            ...(options.watch === undefined ? {} : { watch: options.watch }),
          },
          this.network,
          new SeededRandom(this.random.u32()),
        ),
    );
  }

  node(name: string): SimNode {
    const found = this.nodes.find((node) => node.name === name);
    assert.ok(found !== undefined, `there is no node ${name}`);
    return found;
  }

  run(seconds: number): void {
    this.network.run(seconds * 1000);
  }

  /** Runs until a condition holds; fails with the seed and the state if it does not in time. */
  waitFor(what: string, condition: () => boolean, maxSeconds: number): void {
    assert.ok(
      this.network.runUntil(condition, maxSeconds * 1000, 250),
      `seed ${this.seed}: not within ${maxSeconds} s: ${what}\n${this.describe()}`,
    );
  }

  /** Whether all these nodes (default: all) have one tip. */
  agree(nodes: readonly SimNode[] = this.nodes): boolean {
    return new Set(nodes.map(({ tip }) => tip)).size === 1;
  }

  /** All nodes on one tip at some moment: with miners at work that is between two blocks. */
  waitForAgreement(maxSeconds = 60, nodes: readonly SimNode[] = this.nodes): void {
    this.waitFor('all nodes on one tip', () => this.agree(nodes), maxSeconds);
  }

  /** Fails if two nodes have different final blocks at one height, or an honest node was taken for a bad one. */
  checkSafety(nodes: readonly SimNode[] = this.nodes): void {
    const finals = new Map<number, string>();
    for (const node of nodes)
      for (const [height, id] of node.finals) {
        const other = finals.get(height) ?? id;
        assert.equal(id, other, `seed ${this.seed}: two final blocks at height ${height}\n${this.describe()}`);
        finals.set(height, id);
      }
  }

  checkNobodyBlamed(nodes: readonly SimNode[] = this.nodes): void {
    for (const node of nodes) assert.deepEqual(node.faults, [], `seed ${this.seed}: ${node.name} blamed somebody`);
  }

  describe(): string {
    const lines = this.nodes.map((node) => {
      const { id, height, header } = node.chain.tip();
      const gate = node.machine.mayMine(this.network.now(node.name));
      const peers = node.machine.peers().filter(({ version }) => version !== null).length;
      return `${node.name}: ${height} ${id.slice(0, 8)} loss ${header.valLoss} final ${node.chain.finalizedHeight()} made ${node.blocksMade} peers ${peers} ${gate.code} alarms ${node.alarms.length}`;
    });
    return [`at ${Math.round(this.network.nowMs / 1000)} s`, ...lines].join('\n');
  }
}

/** Seeds for a test: from `SIM_SEED` on if it is set, else fixed ones. */
export function seeds(count: number, first = 1): number[] {
  const start = Number(process.env['SIM_SEED'] ?? first);
  return Array.from({ length: count }, (_, index) => start + index);
}
