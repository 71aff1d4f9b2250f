// Checks of a header against its parent, by rising cost, without its signature (CON-2 to CON-11).

import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { BLOCK_VERSION, MAX_VAL_LOSS } from '@resonancenet/params/protocol-constants';
import type { BlockHeader } from '@resonancenet/primitives/header';
import { verify } from '@resonancenet/crypto/ed25519';
import { dvalChanges, isReserve, isStalled, nextReserve, proposedLossBounds } from './dval-rotation.ts';
import { nextGrowth, shapeAt } from './growth.ts';
import { futureAllowance, minSpacing } from './timing.ts';
import { ACCEPTED, reject, type Verdict } from './verdict.ts';

/** What the checks need of the parent: a header that passed them itself, and its id. */
export interface ParentView extends Pick<BlockHeader, 'height' | 'timestamp' | 'growth' | 'valLoss' | 'dvalId'> {
  /** 32 bytes. */
  readonly id: Uint8Array;
}

/** What the checks ask about the branch that the header extends. */
export interface BranchFacts {
  /** Whether a checkpoint root is that of an ancestor of the header, genesis included. */
  hasCheckpoint(root: Uint8Array): boolean;
  /** Whether a proposed D_val can come into force with this very block, as far as it is known (CON-10). */
  mayActivate(dvalId: Uint8Array): boolean;
}

/**
 * Everything about a header that follows from its bytes and its ancestors: each failure condemns the id (but for `header-link`, which is a
 * caller's mix-up of parents).
 */
export function checkHeader(
  header: BlockHeader,
  parent: ParentView,
  branch: BranchFacts,
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
  const dval = checkDval(header, parent, branch, params);
  if (!dval.ok) return dval;
  const losses = checkLosses(header, parent, params);
  if (!losses.ok) return losses;
  if (params.lossStep > 0 && branch.hasCheckpoint(header.checkpointRoot)) {
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

/** Refuses a D_val that no state of this parent asks for: the ledger decides exactly when the block is connected (CON-10). */
function checkDval(header: BlockHeader, parent: ParentView, branch: BranchFacts, params: NetworkParams): Verdict {
  const stalled = isStalled(parent, header.timestamp, params);
  const onReserve = isReserve(parent.dvalId, params);
  const changes = dvalChanges(header, parent);
  if (!stalled && !changes) return ACCEPTED;
  const reserve = stalled && onReserve ? nextReserve(parent.dvalId, parent.dvalId, params) : null;
  const isDueReserve = reserve === null ? isReserve(header.dvalId, params) : equalBytes(header.dvalId, reserve);
  if (stalled && changes && isDueReserve) return ACCEPTED;
  if (!changes || !branch.mayActivate(header.dvalId)) {
    const expected = stalled ? (reserve === null ? 'a reserve of the network' : toHex(reserve)) : toHex(parent.dvalId);
    return reject('header-dval', { claimed: toHex(header.dvalId), expected });
  }
  const { least, most } = proposedLossBounds(parent.valLoss);
  const { parentLoss } = header;
  return parentLoss < least || parentLoss > most ? reject('header-dval-bounds', { parentLoss, least, most }) : ACCEPTED;
}

function checkLosses(header: BlockHeader, parent: ParentView, params: NetworkParams): Verdict {
  const largest = Math.max(header.valLoss, header.parentLoss);
  if (largest > MAX_VAL_LOSS) return reject('header-loss-range', { claimed: largest, limit: MAX_VAL_LOSS });
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
