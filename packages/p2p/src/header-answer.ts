// The answer to `getheaders` (P2P-15), along the active chain or along the branch that the asker named.

import { toHex } from '@resonancenet/bytes/hex';
import type { Hex32 } from '@resonancenet/chain/events';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { ChainView } from './chain-view.ts';
import { MAX_HEADERS } from './messages/headers.ts';
import { NO_ID } from './messages/ids.ts';

/** Longest branch that is walked down for one answer; finality keeps honest branches far shorter. */
const MAX_BRANCH_WALK = 4 * MAX_HEADERS;

/** Headers to send, lowest first, at most 2,000. */
export function headerAnswer(chain: ChainView, locator: readonly Hex32[], stop: Hex32): readonly BlockHeader[] {
  const stopHeight = stop === NO_ID ? null : chain.heightOf(stop);
  if (stopHeight === null) return chain.headersAfter(locator, MAX_HEADERS);
  if (chain.isActive(stop)) return upTo(chain.headersAfter(locator, MAX_HEADERS), stopHeight);
  const known = new Set(locator);
  const startHeight = Math.max(0, ...locator.filter((id) => chain.isActive(id)).map((id) => chain.heightOf(id) ?? 0));
  const branch: BlockHeader[] = [];
  let id = stop;
  while (!chain.isActive(id) && !known.has(id)) {
    const header = chain.header(id);
    if (header === null || branch.length >= MAX_BRANCH_WALK) return chain.headersAfter(locator, MAX_HEADERS);
    branch.push(header);
    id = toHex(header.prevHash);
  }
  branch.reverse();
  const forkHeight = chain.heightOf(id) ?? 0;
  if (known.has(id) || forkHeight <= startHeight) return branch.slice(0, MAX_HEADERS);
  return [...upTo(chain.headersAfter(locator, MAX_HEADERS), forkHeight), ...branch].slice(0, MAX_HEADERS);
}

function upTo(headers: readonly BlockHeader[], height: number): readonly BlockHeader[] {
  return headers.filter((header) => header.height <= height);
}
