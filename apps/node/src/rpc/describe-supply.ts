// The sums of all money with what each of them means (LED-21 to LED-23).

import { halvingsAt, halvingsOf, subsidyOf } from '@resonancenet/ledger/emission';
import { effectiveSupply, type Totals } from '@resonancenet/ledger/totals';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { MAX_MONEY } from '@resonancenet/params/protocol-constants';
import { rnt } from './amounts.ts';

interface Explained {
  /** RNT in text; of `halvings` a number. */
  readonly value: string | number;
  readonly help: string;
}

export type Supply = Readonly<Record<string, number | Explained>>;

/** Gain of a loss in millionths as per cent, for people. */
const percent = (millionths: number): string => `${millionths / 10_000} %`;

/** Totals after the tip; amounts in RNT. */
export function describeSupply(totals: Totals, params: Pick<NetworkParams, 'subsidy' | 'emission'>): Supply {
  const { height, minted, unspent, bonds, returned, lapsed } = totals;
  const halvings = halvingsOf(totals);
  const subsidy = subsidyOf(totals, params);
  const left = MAX_MONEY - (minted - returned);
  const { fullGain, doubleGain } = params.emission;
  const nextHalving = MAX_MONEY - (MAX_MONEY >> BigInt(halvings + 1));
  const amount = (value: bigint, help: string): Explained => ({ value: rnt(value), help });
  return {
    height,
    minted: amount(
      minted,
      'All rewards so far. It never falls: minted = unspent + bonds + returned, to the resonance.',
    ),
    unspent: amount(unspent, 'All unspent outputs, lapsed ones included (gettxoutsetinfo counts them).'),
    bonds: amount(
      bonds,
      'Locked by announcements of recoveries and by proposals of validation sets. They come back, or go to returned.',
    ),
    returned: amount(
      returned,
      'Outputs that reached their emission return, and forfeited bonds: gone from circulation, and mintable again.',
    ),
    lapsed: amount(
      lapsed,
      'Unspent outputs of heartbeat policies without a sign of life in time. They can be spent, and count again once they are or a heartbeat comes.',
    ),
    effective: amount(
      effectiveSupply(totals),
      `minted - returned - lapsed = ${rnt(minted)} - ${rnt(returned)} - ${rnt(lapsed)}: what the subsidy follows.`,
    ),
    left: amount(left, `What can still be minted: ${rnt(MAX_MONEY)} - (minted - returned). No reward is above it.`),
    halvings: {
      value: halvings,
      help: `k: halvings that the effective supply has passed; the i-th comes at 21M - 21M / 2^i. Lapsed coins take back at most one: without them it would be ${halvingsAt(minted - returned)}.`,
    },
    nextHalving: amount(nextHalving, `Effective supply from which on k is ${halvings + 1}.`),
    subsidy: amount(
      subsidy,
      `Of the next block: ${rnt(params.subsidy)} halved k = ${halvings} times. A block earns all of it if its loss falls by ${percent(fullGain)} of its parent's, less in proportion below that.`,
    ),
    maximumReward: amount(
      lesser(2n * subsidy, left),
      `Subsidy and bonus of the next block at most: a fall of ${percent(doubleGain)} or more earns the subsidy twice. Fees come on top.`,
    ),
  };
}

function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}
