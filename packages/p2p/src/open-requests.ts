// Which answers a peer owes us. An answer that nobody asked for ends the connection, before its payload is awaited: so a peer can
// make us hold no more bytes than we asked it for (P2P-11).

import type { PeerMessage } from './messages/message.ts';
import { ANNOUNCEMENT } from './messages/headers.ts';

/** Keys of the open requests; there are as many as the sync machine chose to ask. */
export class OpenRequests {
  readonly #bodies = new Set<string>();
  readonly #chunks = new Set<string>();
  readonly #headers = new Set<number>();

  /** Notes a request that is being sent. */
  open(message: PeerMessage): void {
    if (message.command === 'getbody') this.#bodies.add(message.body.blockId);
    else if (message.command === 'getchunk') this.#chunks.add(chunkKey(message.body.root, message.body.index));
    else if (message.command === 'getheaders') this.#headers.add(message.body.request);
  }

  /** Whether a frame of this command may come at all now. Announcements of headers always may. */
  mayAnswer(command: string): boolean {
    if (command === 'body') return this.#bodies.size > 0;
    if (command === 'chunk') return this.#chunks.size > 0;
    if (command === 'notfound') return this.#bodies.size + this.#chunks.size > 0;
    return true;
  }

  /** Closes the request that a message answers; a sentence if it answers none. Messages that answer nothing are let through. */
  settle(message: PeerMessage): string | null {
    switch (message.command) {
      case 'headers':
        if (message.body.request === ANNOUNCEMENT || this.#headers.delete(message.body.request)) return null;
        return `headers for request ${message.body.request}, which is not open`;
      case 'body':
        return this.#bodies.delete(message.body.blockId) ? null : `body ${message.body.blockId} was not asked for`;
      case 'chunk':
        return this.#settleChunk(message.body.root, message.body.index);
      case 'notfound':
        if (message.body.what === 'chunk') return this.#settleChunk(message.body.id, message.body.index);
        return this.#bodies.delete(message.body.id) ? null : `body ${message.body.id} was not asked for`;
      default:
        return null;
    }
  }

  #settleChunk(root: string, index: number): string | null {
    return this.#chunks.delete(chunkKey(root, index)) ? null : `chunk ${index} of ${root} was not asked for`;
  }
}

function chunkKey(root: string, index: number): string {
  return `${root} ${index}`;
}
