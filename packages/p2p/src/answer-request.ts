// The answer to what a peer asked for (P2P-15 to P2P-17): what is here, or `notfound`.

import type { Hex32 } from '@resonancenet/chain/events';
import type { CheckpointStore } from '@resonancenet/chain/ports';
import { HEADER_LENGTH } from '@resonancenet/primitives/header';
import type { ChainView } from './chain-view.ts';
import { headerAnswer } from './header-answer.ts';
import type { PeerMessage } from './messages/message.ts';
import type { NotFoundMessage } from './messages/transfer.ts';
import type { UploadRequest } from './upload-queue.ts';

/** Bytes of an answer beside headers, body or chunk, about. */
const OVERHEAD = 128;

export interface Answer {
  readonly message: PeerMessage;
  /** About so many bytes: what an upload cap counts. */
  readonly bytes: number;
}

export function answerRequest(
  chain: ChainView,
  checkpoints: Pick<CheckpointStore, 'getChunk'>,
  request: Exclude<UploadRequest, { readonly what: 'transaction' }>,
): Answer {
  if (request.what === 'headers') {
    const headers = headerAnswer(chain, request.locator, request.stop);
    const message: PeerMessage = { command: 'headers', body: { request: request.request, headers } };
    return { message, bytes: OVERHEAD + headers.length * HEADER_LENGTH };
  }
  if (request.what === 'body') {
    const bytes = chain.bodyBytes(request.id);
    if (bytes === null) return notFound('body', request.id, 0);
    const message: PeerMessage = { command: 'body', body: { blockId: request.id, bytes } };
    return { message, bytes: OVERHEAD + bytes.length };
  }
  const { id: root, index } = request;
  const chunk = chain.canOffer(root) ? checkpoints.getChunk(root, index) : null;
  if (chunk === null) return notFound('chunk', root, index);
  const { branch, bytes } = chunk;
  return { message: { command: 'chunk', body: { root, index, branch, bytes } }, bytes: OVERHEAD + bytes.length };
}

/** "It is not here." */
export function notFound(what: NotFoundMessage['what'], id: Hex32, index: number): Answer {
  return { message: { command: 'notfound', body: { what, id, index } }, bytes: OVERHEAD };
}
