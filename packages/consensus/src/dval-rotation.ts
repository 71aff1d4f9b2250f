// Which D_val a block must be evaluated on (CON-10).

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { requireGenesis } from '@resonancenet/params/genesis-constants';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { DVAL_STALL_INTERVALS } from '@resonancenet/params/protocol-constants';
import { type GrowthParent, shapeAt } from './growth.ts';
import { stallInterval } from './timing.ts';

export interface DvalParent extends GrowthParent {
  /** 32 bytes. */
  readonly dvalId: Uint8Array;
}

/** The first second at which a block with this parent must use the next D_val; null for block 1, which never must. */
export function dvalDeadline(parent: GrowthParent, params: NetworkParams): bigint | null {
  if (parent.height === 0) return null;
  const interval = stallInterval(shapeAt(parent.growth, params), params);
  return parent.timestamp + BigInt(DVAL_STALL_INTERVALS * interval);
}

/**
 * Id of the D_val of a block with this parent and timestamp: the parent's, or after 4 stall intervals the next of the network's list, which
 * is cyclic.
 * @throws AssertionFailure if the parent's D_val is not of the list: parents are validated headers.
 */
export function expectedDval(parent: DvalParent, timestamp: bigint, params: NetworkParams): Uint8Array {
  const deadline = dvalDeadline(parent, params);
  return deadline === null || timestamp < deadline ? parent.dvalId : nextDval(parent.dvalId, params);
}

function nextDval(current: Uint8Array, params: NetworkParams): Uint8Array {
  const { dvalIds } = requireGenesis(params);
  const index = dvalIds.indexOf(toHex(current));
  assert(index >= 0, `the parent's D_val ${toHex(current)} is not one of network '${params.name}'`);
  return fromHex(dvalIds[(index + 1) % dvalIds.length]!);
}

/** Whether a block is evaluated on another D_val than its parent, so that `parent_loss` needs an evaluation of its own (CON-23). */
export function dvalChanges(header: { readonly dvalId: Uint8Array }, parent: { readonly dvalId: Uint8Array }): boolean {
  return !equalBytes(header.dvalId, parent.dvalId);
}
