// A miner that trains as well as others and pays itself too much: its block is right in everything but its coinbase, and it serves all of it.

import { assert } from '@resonancenet/bytes/assert';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import type { Now } from '@resonancenet/chain/events';
import { ChunkTree } from '@resonancenet/chain/chunk-tree';
import { decodeBody } from '@resonancenet/consensus/admission-checks';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { CHUNK_BYTES, chunkLeaves } from '@resonancenet/model/checkpoint';
import { ANNOUNCEMENT } from '@resonancenet/p2p/messages/headers';
import type { PeerMessage } from '@resonancenet/p2p/messages/message';
import type { NodeAction, NodeEvent } from '@resonancenet/p2p/node-machine';
import { emptyMind, Puppet } from '@resonancenet/p2p/testing/puppet';
import { SeededRandom } from '@resonancenet/p2p/testing/seeded-random';
import { networkId } from '@resonancenet/params/network-id';
import { amount } from '@resonancenet/primitives/amount';
import { bodyCodec } from '@resonancenet/primitives/block';
import { type BlockHeader, blockId, signHeader } from '@resonancenet/primitives/header';
import { txRoot } from '@resonancenet/primitives/transaction';
import { say } from './hostile.ts';
import { type MadeBlock, makeBlock } from './make-block.ts';
import type { World } from './world.ts';

/** Improvement of its blocks, micro-nats: more than an honest one's. */
const GREEDY_GAIN = 20_000;

export class GreedyMiner {
  readonly puppet: Puppet;
  readonly made: Map<string, MadeBlock> = new Map();
  readonly #world: World;
  readonly #name: string;
  readonly #random: SeededRandom;
  readonly #key: Uint8Array;

  constructor(world: World, name: string, number: number, targets: readonly string[]) {
    this.#world = world;
    this.#name = name;
    this.#random = new SeededRandom(number);
    this.#key = this.#random.bytes(32);
    const network = { ...world.params, id: toHex(networkId(world.params)) };
    this.puppet = new Puppet({ network, number, targets });
    world.network.add(name, { step: (event, now) => this.#step(event, now) });
    this.puppet.mind = (message, reply) => {
      emptyMind(message, reply);
      const answer = this.#answer(message);
      if (answer !== null) reply(answer);
    };
  }

  /** Shows a block on this tip to whoever it is connected to. */
  strike(parent: BlockHeader): void {
    const timestamp = parent.timestamp + BigInt(this.#world.params.spacingBase);
    const wish = { parent, timestamp, gain: GREEDY_GAIN, key: this.#key, seed: this.#random.u32() };
    const block = this.#greedy(makeBlock(wish, this.#world.params));
    this.made.set(block.id, block);
    const body = { request: ANNOUNCEMENT, headers: [block.header] };
    say(this.#world, this.#name, this.puppet, { command: 'headers', body });
    say(this.#world, this.#name, this.puppet, { command: 'offer', body: { root: block.root, blockId: block.id } });
  }

  /** Who was thrown out does not come back. */
  #step(event: NodeEvent, now: Now): NodeAction[] {
    const actions = this.puppet.step(event, now);
    return event.type === 'peer-closed' ? [] : actions;
  }

  /** The same block with one resonance more for its miner. */
  #greedy(block: MadeBlock): MadeBlock {
    const { params } = this.#world;
    const decoded = decodeBody(block.body, params);
    assert(decoded.ok, 'a body that was just made decodes');
    const [coinbase] = decoded.body.transactions;
    const [paid] = coinbase!.outputs;
    const transactions = [{ ...coinbase!, outputs: [{ ...paid!, amount: amount(paid!.amount + 1n) }] }];
    const { signature: _, ...header } = block.header;
    const signed = signHeader({ ...header, txRoot: txRoot(transactions), minerKey: publicKey(this.#key) }, this.#key);
    const body = encode(bodyCodec(params), { ...decoded.body, transactions });
    return { ...block, header: signed, id: toHex(blockId(signed)), body };
  }

  #answer(message: PeerMessage): PeerMessage | null {
    if (message.command === 'getbody') {
      const block = this.made.get(message.body.blockId);
      return block === undefined ? null : { command: 'body', body: { blockId: block.id, bytes: block.body } };
    }
    if (message.command !== 'getchunk') return null;
    const { root, index } = message.body;
    const block = [...this.made.values()].find((each) => each.root === root);
    if (block === undefined) return null;
    const branch = new ChunkTree(chunkLeaves(block.file)).branch(index);
    const bytes = block.file.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    return { command: 'chunk', body: { root, index, branch, bytes } };
  }
}
