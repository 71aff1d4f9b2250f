// What a block may mint (LED-22): the subsidy follows the effective supply, the reward the improvement of the loss.

import { assert } from '@resonancenet/bytes/assert';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { MAX_MONEY } from '@resonancenet/params/protocol-constants';
import { effectiveSupply, type Totals } from './totals.ts';

/** A reward and the numbers that lead to it, resonances. */
export interface Reward {
  /** k: how often the subsidy has been halved. */
  readonly halvings: number;
  /** P.subsidy halved so often. */
  readonly subsidy: bigint;
  /** Of the subsidy, what the improvement earned: all of it from P.emission.fullGain on. */
  readonly base: bigint;
  /** What an improvement of at least that earned beyond the subsidy. */
  readonly bonus: bigint;
  /** What may be minted at all. */
  readonly left: bigint;
  /** base + bonus, at most `left`. */
  readonly reward: bigint;
}

const MILLION = 1_000_000n;

/** k(s): how many halvings a supply has passed; the i-th comes when 21M / 2^i are left. */
export function halvingsAt(supply: bigint): number {
  let halvings = 0;
  while (halvings < 64 && supply >= MAX_MONEY - (MAX_MONEY >> BigInt(halvings + 1))) halvings++;
  return halvings;
}

/** Halvings for the totals of a parent: lapsed coins take back at most one. */
export function halvingsOf(totals: Totals): number {
  return Math.max(halvingsAt(effectiveSupply(totals)), halvingsAt(totals.minted - totals.returned) - 1);
}

/** Subsidy of the block after these totals. */
export function subsidyOf(totals: Totals, params: Pick<NetworkParams, 'subsidy'>): bigint {
  return params.subsidy >> BigInt(halvingsOf(totals));
}

/**
 * Reward of a block that improves its parent's loss like this (micro-nats, both on the same D_val), from the totals of its parent.
 * @throws AssertionFailure if the loss rises: no header is valid with that (CON-9).
 */
export function blockReward(
  parentLoss: number,
  valLoss: number,
  totals: Totals,
  params: Pick<NetworkParams, 'subsidy' | 'emission'>,
): Reward {
  assert(valLoss <= parentLoss, `a block whose loss rises from ${parentLoss} to ${valLoss}`);
  const halvings = halvingsOf(totals);
  const subsidy = subsidyOf(totals, params);
  const { base, bonus } = earned(subsidy, BigInt(parentLoss), BigInt(parentLoss - valLoss), params.emission);
  const left = MAX_MONEY - (totals.minted - totals.returned);
  return { halvings, subsidy, base, bonus, left, reward: lesser(base + bonus, left) };
}

function earned(
  subsidy: bigint,
  parentLoss: bigint,
  gain: bigint,
  emission: NetworkParams['emission'],
): Pick<Reward, 'base' | 'bonus'> {
  const full = parentLoss * BigInt(emission.fullGain);
  if (gain * MILLION < full) return { base: (subsidy * gain * MILLION) / full, bonus: 0n };
  if (parentLoss === 0n) return { base: subsidy, bonus: 0n };
  const bonus = (subsidy * gain * MILLION) / (parentLoss * BigInt(emission.doubleGain));
  return { base: subsidy, bonus: lesser(bonus, subsidy) };
}

function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}
