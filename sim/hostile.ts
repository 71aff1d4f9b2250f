// Peers that obey the transport and break what else there is: they withhold, they flood.

import type { BlockHeader } from '@resonancenet/primitives/header';
import { nextGrowth } from '@resonancenet/consensus/growth';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { networkId } from '@resonancenet/params/network-id';
import { toHex } from '@resonancenet/bytes/hex';
import { ANNOUNCEMENT } from '@resonancenet/p2p/messages/headers';
import type { PeerMessage } from '@resonancenet/p2p/messages/message';
import { START_UNIX_MS } from '@resonancenet/p2p/testing/network';
import { emptyMind, Puppet } from '@resonancenet/p2p/testing/puppet';
import { SeededRandom } from '@resonancenet/p2p/testing/seeded-random';
import { blockId, signHeader } from '@resonancenet/primitives/header';
import { BLOCK_VERSION } from '@resonancenet/params/protocol-constants';
import { NO_VOTE } from '@resonancenet/primitives/dval-vote';
import { type MadeBlock, makeBlock } from './make-block.ts';
import type { World } from './world.ts';

/** A peer on the world's network that connects to these nodes. */
export function addPuppet(world: World, name: string, number: number, targets: readonly string[]): Puppet {
  const { params } = world;
  const network = { ...params, id: toHex(networkId(params)) };
  const puppet = new Puppet({ network, number, targets, mind: emptyMind });
  world.network.add(name, puppet);
  return puppet;
}

export function say(world: World, name: string, puppet: Puppet, message: PeerMessage): void {
  world.network.perform(name, puppet.say(message, world.network.now(name)));
}

/** What withheld blocks claim, micro-nats: far more than honest ones. */
const WITHHELD_GAIN = 100_000;

/** Announces great improvements on every new tip, serves their bodies, offers their checkpoints, and never sends a chunk. */
export class Withholder {
  readonly puppet: Puppet;
  readonly made: Map<string, MadeBlock> = new Map();
  /** Requests for chunks that were left unanswered. */
  withheld = 0;
  readonly #world: World;
  readonly #name: string;
  readonly #key: Uint8Array;
  readonly #random: SeededRandom;
  #height = -1;

  constructor(world: World, name: string, number: number, targets: readonly string[]) {
    this.#world = world;
    this.#name = name;
    this.#random = new SeededRandom(number);
    this.#key = this.#random.bytes(32);
    this.puppet = addPuppet(world, name, number, targets);
    this.puppet.mind = (message, reply) => {
      emptyMind(message, reply);
      if (message.command === 'getbody') {
        const block = this.made.get(message.body.blockId);
        if (block !== undefined) reply({ command: 'body', body: { blockId: block.id, bytes: block.body } });
        else reply({ command: 'notfound', body: { what: 'body', id: message.body.blockId, index: 0 } });
      }
      if (message.command === 'getchunk') this.withheld += 1;
      if (message.command === 'headers' && message.body.request === ANNOUNCEMENT) {
        const tip = message.body.headers.at(-1);
        // Once per height, on honest blocks: they do not build on each other's.
        if (tip !== undefined && tip.height > this.#height && !Withholder.isHostile(tip))
          world.network.queue.after(1, () => this.#announce(tip));
      }
    };
  }

  /** Whether a withholder made it. */
  static isHostile(header: BlockHeader): boolean {
    return header.parentLoss - header.valLoss === WITHHELD_GAIN;
  }

  #announce(parent: BlockHeader): void {
    this.#height = Math.max(this.#height, parent.height);
    const timestamp = parent.timestamp + BigInt(this.#world.params.spacingBase);
    if (Number(timestamp) * 1000 > START_UNIX_MS + this.#world.network.nowMs + 1500) {
      this.#world.network.queue.after(1000, () => this.#announce(parent));
      return;
    }
    const block = makeBlock(
      { parent, timestamp, gain: WITHHELD_GAIN, key: this.#key, seed: this.#random.u32() },
      this.#world.params,
    );
    this.made.set(block.id, block);
    const body = { request: ANNOUNCEMENT, headers: [block.header] };
    say(this.#world, this.#name, this.puppet, { command: 'headers', body });
    say(this.#world, this.#name, this.puppet, { command: 'offer', body: { root: block.root, blockId: block.id } });
  }
}

export type Junk = 'tree' | 'unsigned' | 'orphans';

/** Headers without end: `tree` valid and signed, siblings and rows on the tip; `unsigned` with a wrong signature; `orphans` without a parent. */
export class JunkMaker {
  readonly #params: World['params'];
  readonly #key: Uint8Array;
  readonly #publicKey: Uint8Array;
  readonly #random: SeededRandom;
  #recent: BlockHeader[] = [];

  constructor(params: World['params'], seed: number) {
    this.#params = params;
    this.#random = new SeededRandom(seed);
    this.#key = this.#random.bytes(32);
    this.#publicKey = publicKey(this.#key);
  }

  /** Headers to announce, on this tip or on earlier junk. */
  make(count: number, tip: BlockHeader, kind: Junk): BlockHeader[] {
    if (this.#recent.length === 0 || this.#recent.length > 64) this.#recent = [tip];
    return Array.from({ length: count }, () => {
      const parent = this.#recent[this.#random.integer(0, this.#recent.length - 1)] ?? tip;
      const header = this.#child(parent, kind);
      if (kind === 'tree') this.#recent.push(header);
      return header;
    });
  }

  #child(parent: BlockHeader, kind: Junk): BlockHeader {
    const timestamp = parent.timestamp + BigInt(this.#params.spacingBase);
    const { growth, stagnation, shape } = nextGrowth(parent, timestamp, this.#params);
    const header = signHeader(
      {
        version: BLOCK_VERSION,
        height: parent.height + 1,
        prevHash: kind === 'orphans' ? this.#random.bytes(32) : blockId(parent),
        txRoot: this.#random.bytes(32),
        checkpointRoot: this.#random.bytes(32),
        valLoss: parent.valLoss - this.#params.lossStep,
        parentLoss: parent.valLoss,
        lossRoot: this.#random.bytes(32),
        dvalId: parent.dvalId,
        dModel: shape.width,
        nLayers: shape.layers,
        growth,
        stagnation,
        timestamp,
        dvalVote: NO_VOTE,
        minerKey: this.#publicKey,
      },
      this.#key,
    );
    return kind === 'unsigned' ? { ...header, signature: this.#random.bytes(64) } : header;
  }
}
