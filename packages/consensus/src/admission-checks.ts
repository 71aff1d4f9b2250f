// Checks of messages before the rules proper: their bytes, and whether their place on the chain is one to look at (CON-4, CON-24, CON-29, CON-31).

import { equalBytes } from '@resonancenet/bytes/compare';
import { decode, decodeLent } from '@resonancenet/bytes/decode';
import { toHex } from '@resonancenet/bytes/hex';
import { rootFromBranch } from '@resonancenet/crypto/merkle';
import { TAG } from '@resonancenet/crypto/tags';
import { CHUNK_BYTES, chunkLeaf } from '@resonancenet/model/checkpoint';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { type BlockBody, bodyCodec } from '@resonancenet/primitives/block';
import { type BlockHeader, headerCodec } from '@resonancenet/primitives/header';
import { checkBodySize } from './body-checks.ts';
import { ACCEPTED, type Rejection, type RejectionOf, reject, type Verdict } from './verdict.ts';

/** Headers with the same parent that a node keeps from one peer (CON-31). */
export const HEADERS_PER_PARENT_AND_PEER = 8;

/** A header's bytes. */
export function decodeHeader(
  bytes: Uint8Array,
): { readonly ok: true; readonly header: BlockHeader } | RejectionOf<'header-malformed'> {
  const decoded = decode(headerCodec, bytes);
  return decoded.ok
    ? { ok: true, header: decoded.value }
    : reject('header-malformed', { detail: decoded.error.message });
}

/** A body's bytes, their number first. What the body holds are parts of these bytes, which nobody changes afterwards: copies of all would cost as much as checking it. */
export function decodeBody(
  bytes: Uint8Array,
  params: NetworkParams,
): { readonly ok: true; readonly body: BlockBody } | Rejection {
  const size = checkBodySize(bytes.length, params);
  if (!size.ok) return size;
  const decoded = decodeLent(bodyCodec(params), bytes);
  return decoded.ok ? { ok: true, body: decoded.value } : reject('body-malformed', { detail: decoded.error.message });
}

/** Whether a header's parent can have children: what the node knows of it, by id. */
export function checkParentStatus(parent: Uint8Array, status: 'valid' | 'invalid' | 'unknown'): Verdict {
  if (status === 'unknown') return reject('header-unknown-parent', { parent: toHex(parent) });
  if (status === 'invalid') return reject('header-invalid-parent', { parent: toHex(parent) });
  return ACCEPTED;
}

/** Whether a header leaves the active chain at or above the last final block: `forkHeight` is the height of the last common block. */
export function checkAboveFinality(height: number, forkHeight: number, finalHeight: number): Verdict {
  return forkHeight < finalHeight ? reject('header-below-finality', { height, finalHeight }) : ACCEPTED;
}

/** Whether one more header with this parent is kept from a peer that has sent so many already. */
export function checkHeaderQuota(alreadyKept: number): Verdict {
  const limit = HEADERS_PER_PARENT_AND_PEER;
  return alreadyKept >= limit ? reject('header-quota', { limit }) : ACCEPTED;
}

/** A checkpoint's chunk against its root (CKPT-6): its length, and its branch among `count` chunks of a file of `fileLength` bytes. */
export function checkChunk(
  root: Uint8Array,
  index: number,
  fileLength: number,
  chunk: Uint8Array,
  branch: readonly Uint8Array[],
): Verdict {
  const count = Math.ceil(fileLength / CHUNK_BYTES);
  const expected = index === count - 1 ? fileLength - index * CHUNK_BYTES : CHUNK_BYTES;
  const isWhole = index >= 0 && index < count && chunk.length === expected;
  const found = isWhole ? rootFromBranch(chunkLeaf(chunk), index, count, branch, TAG.chunkNode) : null;
  return found !== null && equalBytes(found, root)
    ? ACCEPTED
    : reject('checkpoint-chunk', { chunk: index, root: toHex(root) });
}

/** Whether all chunks of a block's checkpoint are at hand, once no peer delivers any more (CON-24). */
export function checkChunksAtHand(missing: number, chunks: number): Verdict {
  return missing > 0 ? reject('checkpoint-withheld', { missing, chunks }) : ACCEPTED;
}
