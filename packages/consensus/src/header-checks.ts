// Checks of a header against its parent, by rising cost, without its signature (CON-2 to CON-11).

import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { BLOCK_VERSION, MAX_VAL_LOSS } from '@resonancenet/params/protocol-constants';
import type { BlockHeader } from '@resonancenet/primitives/header';
import { verify } from '@resonancenet/crypto/ed25519';
import { dvalChanges, expectedDval } from './dval-rotation.ts';
import { nextGrowth, shapeAt } from './growth.ts';
import { futureAllowance, minSpacing } from './timing.ts';
import { ACCEPTED, reject, type Verdict } from './verdict.ts';

/** What the checks need of the parent: a header that passed them itself, and its id. */
export interface ParentView extends Pick<BlockHeader, 'height' | 'timestamp' | 'growth' | 'valLoss' | 'dvalId'> {
  /** 32 bytes. */
  readonly id: Uint8Array;
}

/** Whether a checkpoint root is that of an ancestor of the header on its own branch, genesis included. */
export type IsAncestorCheckpoint = (root: Uint8Array) => boolean;

/**
 * Everything about a header that follows from its bytes and its ancestors: each failure condemns the id (but for `header-link`, which is a
 * caller's mix-up of parents).
 */
export function checkHeader(
  header: BlockHeader,
  parent: ParentView,
  isAncestorCheckpoint: IsAncestorCheckpoint,
  params: NetworkParams,
): Verdict {
  if (header.version !== BLOCK_VERSION) {
    return reject('header-version', { claimed: header.version, expected: BLOCK_VERSION });
  }
  if (header.height !== parent.height + 1) {
    return reject('header-height', { claimed: header.height, expected: parent.height + 1 });
  }
  if (!equalBytes(header.prevHash, parent.id)) {
    return reject('header-link', { claimed: toHex(header.prevHash), expected: toHex(parent.id) });
  }
  const growth = checkGrowth(header, parent, params);
  if (!growth.ok) return growth;
  const earliest = parent.timestamp + BigInt(minSpacing(shapeAt(parent.growth, params), params));
  if (header.timestamp < earliest) return reject('header-too-early', { timestamp: header.timestamp, earliest });
  const losses = checkLosses(header, parent, params);
  if (!losses.ok) return losses;
  if (params.lossStep > 0 && isAncestorCheckpoint(header.checkpointRoot)) {
    return reject('header-repeated-checkpoint', { root: toHex(header.checkpointRoot) });
  }
  return ACCEPTED;
}

function checkGrowth(header: BlockHeader, parent: ParentView, params: NetworkParams): Verdict {
  const expected = nextGrowth(parent, header.timestamp, params);
  if (header.stagnation !== expected.stagnation) {
    return reject('header-stagnation', { claimed: header.stagnation, expected: expected.stagnation });
  }
  if (header.growth !== expected.growth) {
    return reject('header-growth', { claimed: header.growth, expected: expected.growth });
  }
  if (header.dModel !== expected.shape.width) {
    return reject('header-width', { claimed: header.dModel, expected: expected.shape.width });
  }
  if (header.nLayers !== expected.shape.layers) {
    return reject('header-layers', { claimed: header.nLayers, expected: expected.shape.layers });
  }
  return ACCEPTED;
}

function checkLosses(header: BlockHeader, parent: ParentView, params: NetworkParams): Verdict {
  const largest = Math.max(header.valLoss, header.parentLoss);
  if (largest > MAX_VAL_LOSS) return reject('header-loss-range', { claimed: largest, limit: MAX_VAL_LOSS });
  const dval = expectedDval(parent, header.timestamp, params);
  if (!equalBytes(header.dvalId, dval)) {
    return reject('header-dval', { claimed: toHex(header.dvalId), expected: toHex(dval) });
  }
  if (!dvalChanges(header, parent) && header.parentLoss !== parent.valLoss) {
    return reject('header-parent-loss', { claimed: header.parentLoss, expected: parent.valLoss });
  }
  if (header.valLoss + params.lossStep > header.parentLoss) {
    const { valLoss, parentLoss } = header;
    return reject('header-loss-step', { valLoss, parentLoss, lossStep: params.lossStep });
  }
  return ACCEPTED;
}

/**
 * Whether the header's time has come, by local Unix time in seconds (CON-7). Run it last among the cheap checks: waiting for an invalid
 * header is pointless.
 */
export function checkFuture(
  header: Pick<BlockHeader, 'timestamp'>,
  parent: Pick<ParentView, 'growth'>,
  now: bigint,
  params: NetworkParams,
): Verdict {
  const spacing = minSpacing(shapeAt(parent.growth, params), params);
  const latest = now + BigInt(futureAllowance(spacing));
  return header.timestamp > latest ? reject('header-future', { timestamp: header.timestamp, latest }) : ACCEPTED;
}

/**
 * The signature over the id (CON-13). A failure condemns only the message: the same id may come with a good signature.
 * `id` is the header's block id, which the caller has computed anyway.
 */
export function checkHeaderSignature(header: Pick<BlockHeader, 'minerKey' | 'signature'>, id: Uint8Array): Verdict {
  return verify(header.signature, id, header.minerKey)
    ? ACCEPTED
    : reject('header-signature', { minerKey: toHex(header.minerKey) });
}
