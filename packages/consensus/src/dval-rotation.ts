// Which D_val a block may be evaluated on, as far as headers tell (CON-10). What a proposal changes about it, the ledger knows (LED-27).

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

/** The first second at which a block with this parent is stalled and must use another D_val; null for block 1, which never is. */
export function dvalDeadline(parent: GrowthParent, params: NetworkParams): bigint | null {
  if (parent.height === 0) return null;
  const interval = stallInterval(shapeAt(parent.growth, params), params);
  return parent.timestamp + BigInt(DVAL_STALL_INTERVALS * interval);
}

/** Whether a block with this parent and timestamp must use another D_val than its parent. */
export function isStalled(parent: GrowthParent, timestamp: bigint, params: NetworkParams): boolean {
  const deadline = dvalDeadline(parent, params);
  return deadline !== null && timestamp >= deadline;
}

/** Whether a D_val is of the network's list, which holds the first one and the reserve. */
export function isReserve(dvalId: Uint8Array, params: NetworkParams): boolean {
  return requireGenesis(params).dvalIds.includes(toHex(dvalId));
}

/**
 * The set of the network's cyclic list after `last`, the one of it that was last in force; one further if that is the set in force.
 * @throws AssertionFailure if `last` is not of the list.
 */
export function nextReserve(last: Uint8Array, inForce: Uint8Array, params: NetworkParams): Uint8Array {
  const { dvalIds } = requireGenesis(params);
  const index = dvalIds.indexOf(toHex(last));
  assert(index >= 0, `the D_val ${toHex(last)} is not one of network '${params.name}'`);
  const next = fromHex(dvalIds[(index + 1) % dvalIds.length]!);
  return equalBytes(next, inForce) ? fromHex(dvalIds[(index + 2) % dvalIds.length]!) : next;
}

/**
 * Id of the D_val of a block with this parent and timestamp as long as no proposal intervenes: the parent's, or after 4 stall intervals the
 * next of the network's list, which is cyclic.
 * @throws AssertionFailure if the block is stalled and the parent's D_val is not of the list.
 */
export function expectedDval(parent: DvalParent, timestamp: bigint, params: NetworkParams): Uint8Array {
  return isStalled(parent, timestamp, params) ? nextReserve(parent.dvalId, parent.dvalId, params) : parent.dvalId;
}

/** Losses of the parent's checkpoint, micro-nats, with which a proposed set may come into force: half to twice the parent's val_loss (LED-27). */
export interface LossBounds {
  readonly least: number;
  readonly most: number;
}

export function proposedLossBounds(parentValLoss: number): LossBounds {
  return { least: Math.ceil(parentValLoss / 2), most: 2 * parentValLoss };
}

/** Whether a block is evaluated on another D_val than its parent, so that `parent_loss` needs an evaluation of its own (CON-23). */
export function dvalChanges(header: { readonly dvalId: Uint8Array }, parent: { readonly dvalId: Uint8Array }): boolean {
  return !equalBytes(header.dvalId, parent.dvalId);
}
