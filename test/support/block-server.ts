// A mind for scripted peers that serves forged blocks as an honest node would: headers, bodies, chunks, offers. A liar's mind is this one
// with some answers replaced.

import { ANNOUNCEMENT } from '@resonancenet/p2p/messages/headers';
import type { PeerMessage } from '@resonancenet/p2p/messages/message';
import type { ForgedBlock } from './block-forge.ts';
import type { Mind, ScriptedPeer } from './scripted-peer.ts';

/** Replaces the answer to one message; `undefined` leaves it to the honest server, `null` is silence. */
export type Deception = (message: PeerMessage) => PeerMessage | null | undefined;

export class BlockServer {
  /** The chain it tells, lowest first, without genesis. */
  readonly #chain: ForgedBlock[] = [];
  readonly #blocks = new Map<string, ForgedBlock>();
  deceive: Deception = () => undefined;

  constructor(chain: readonly ForgedBlock[] = []) {
    this.add(...chain);
  }

  get tip(): ForgedBlock | undefined {
    return this.#chain.at(-1);
  }

  /** Puts blocks on top of its chain. */
  add(...blocks: readonly ForgedBlock[]): void {
    for (const block of blocks) {
      this.#chain.push(block);
      this.#blocks.set(block.id, block);
    }
  }

  /** Announces its tip, and offers its checkpoint. */
  announce(peer: ScriptedPeer): void {
    const { tip } = this;
    if (tip === undefined) return;
    peer.send(
      { command: 'headers', body: { request: ANNOUNCEMENT, headers: [tip.header] } },
      { command: 'offer', body: { root: tip.file.root, blockId: tip.id } },
    );
  }

  readonly mind: Mind = (message, peer) => {
    const lie = this.deceive(message);
    const answer = lie === undefined ? this.#answer(message) : lie;
    if (answer !== null) peer.send(answer);
    // What it has it offers to whoever asks for its headers, as a node does on a new connection.
    if (message.command === 'getheaders')
      for (const block of this.#chain.slice(-12))
        peer.send({ command: 'offer', body: { root: block.file.root, blockId: block.id } });
  };

  #answer(message: PeerMessage): PeerMessage | null {
    switch (message.command) {
      case 'getheaders': {
        const { request, locator, stop } = message.body;
        const common = locator
          .map((id) => this.#chain.findIndex((block) => block.id === id))
          .find((place) => place >= 0);
        const end = this.#chain.findIndex((block) => block.id === stop);
        const headers = this.#chain
          .slice((common ?? -1) + 1, end < 0 ? undefined : end + 1)
          .map((block) => block.header);
        return { command: 'headers', body: { request, headers } };
      }
      case 'getbody': {
        const { blockId } = message.body;
        const block = this.#blocks.get(blockId);
        if (block === undefined) return { command: 'notfound', body: { what: 'body', id: blockId, index: 0 } };
        return { command: 'body', body: { blockId, bytes: block.body } };
      }
      case 'getchunk': {
        const { root, index } = message.body;
        const block = this.#chain.find(({ file }) => file.root === root);
        const chunk = block?.file.chunks[index];
        if (chunk === undefined) return { command: 'notfound', body: { what: 'chunk', id: root, index } };
        return { command: 'chunk', body: { root, index, branch: chunk.branch, bytes: chunk.bytes } };
      }
      default:
        return null;
    }
  }
}
