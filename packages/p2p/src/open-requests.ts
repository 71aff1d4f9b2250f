// Which answers a peer owes us. An answer that nobody asked for ends the connection, before its payload is awaited: so a peer can
// make us hold no more bytes than we asked it for (P2P-11).

import type { PeerMessage } from './messages/message.ts';
import { ANNOUNCEMENT } from './messages/headers.ts';
import type { TransactionName } from './messages/transactions.ts';
import type { NotFoundMessage } from './messages/transfer.ts';

/** Keys of the open requests; there are as many as the sync machine chose to ask. */
export class OpenRequests {
  readonly #bodies = new Set<string>();
  readonly #chunks = new Set<string>();
  readonly #headers = new Set<number>();
  readonly #transactions = new Set<string>();

  /** Notes a request that is being sent. */
  open(message: PeerMessage): void {
    if (message.command === 'getbody') this.#bodies.add(message.body.blockId);
    else if (message.command === 'getchunk') this.#chunks.add(chunkKey(message.body.root, message.body.index));
    else if (message.command === 'getheaders') this.#headers.add(message.body.request);
    else if (message.command === 'gettx') this.#transactions.add(transactionKey(message.body));
  }

  /** Whether a frame of this command may come at all now. Announcements of headers always may. */
  mayAnswer(command: string): boolean {
    if (command === 'body') return this.#bodies.size > 0;
    if (command === 'chunk') return this.#chunks.size > 0;
    if (command === 'tx') return this.#transactions.size > 0;
    if (command === 'notfound') return this.#bodies.size + this.#chunks.size + this.#transactions.size > 0;
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
        return this.#settleNotFound(message.body);
      case 'tx':
        return this.#settleTransaction(message.body);
      default:
        return null;
    }
  }

  #settleNotFound({ what, id, index }: NotFoundMessage): string | null {
    if (what === 'chunk') return this.#settleChunk(id, index);
    if (what !== 'body') return this.#settleTransaction({ by: what, id });
    return this.#bodies.delete(id) ? null : `body ${id} was not asked for`;
  }

  #settleTransaction(name: TransactionName): string | null {
    const { by, id } = name;
    return this.#transactions.delete(transactionKey(name)) ? null : `transaction ${id} (by ${by}) was not asked for`;
  }

  #settleChunk(root: string, index: number): string | null {
    return this.#chunks.delete(chunkKey(root, index)) ? null : `chunk ${index} of ${root} was not asked for`;
  }
}

function transactionKey({ by, id }: TransactionName): string {
  return `${by} ${id}`;
}

function chunkKey(root: string, index: number): string {
  return `${root} ${index}`;
}
