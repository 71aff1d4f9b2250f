// The sums of all money (LED-21, LED-23): one record of the table `ledger`.

import { assert } from '@resonancenet/bytes/assert';
import type { LedgerReader, LedgerView } from './ledger-view.ts';

/** Sums after a block, resonances. */
export interface Totals {
  /** Height of the block. */
  readonly height: number;
  /** All rewards so far. */
  readonly minted: bigint;
  /** What can be minted again: emission returns and forfeited bonds. */
  readonly returned: bigint;
  /** Unspent outputs of policies that gave no sign of life in time (LED-15). */
  readonly lapsed: bigint;
  /** All unspent outputs. */
  readonly unspent: bigint;
  /** Locked by announcements and proposals. */
  readonly bonds: bigint;
}

/** Totals while a block changes them. */
export type MutableTotals = { -readonly [K in keyof Totals]: Totals[K] };

/** ASCII `totals`. */
const KEY = Uint8Array.of(0x74, 0x6f, 0x74, 0x61, 0x6c, 0x73);
const LENGTH = 44;
/** The state of genesis, which has no entries. */
export const GENESIS_TOTALS: Totals = { height: 0, minted: 0n, returned: 0n, lapsed: 0n, unspent: 0n, bonds: 0n };

/** The totals of the state: a copy that the caller may change. Zeros for the state of genesis, which has no entries. */
export function readTotals(view: LedgerReader): MutableTotals {
  const bytes = view.get('ledger', KEY);
  if (bytes === null) return { ...GENESIS_TOTALS };
  assert(bytes.length === LENGTH, `totals of ${bytes.length} bytes`);
  const data = new DataView(bytes.buffer, bytes.byteOffset, LENGTH);
  return {
    height: data.getUint32(0, true),
    minted: data.getBigUint64(4, true),
    returned: data.getBigUint64(12, true),
    lapsed: data.getBigUint64(20, true),
    unspent: data.getBigUint64(28, true),
    bonds: data.getBigUint64(36, true),
  };
}

/**
 * height u32, then minted, returned, lapsed, unspent, bonds as u64.
 * @throws AssertionFailure if money came from nowhere or went nowhere (LED-23).
 */
export function writeTotals(view: LedgerView, totals: Totals): void {
  const { minted, returned, lapsed, unspent, bonds } = totals;
  assert(
    minted === unspent + bonds + returned && lapsed >= 0n && lapsed <= unspent && bonds >= 0n,
    `height ${totals.height}: minted ${minted}, unspent ${unspent} (lapsed ${lapsed}), bonds ${bonds}, returned ${returned}`,
  );
  const bytes = new Uint8Array(LENGTH);
  const data = new DataView(bytes.buffer);
  data.setUint32(0, totals.height, true);
  for (const [index, sum] of [minted, returned, lapsed, unspent, bonds].entries()) {
    data.setBigUint64(4 + 8 * index, sum, true);
  }
  view.put('ledger', KEY, bytes);
}

/** What exists and moves (LED-21). */
export function effectiveSupply({ minted, returned, lapsed }: Totals): bigint {
  return minted - returned - lapsed;
}

/** A bond goes to the pool: it can be minted again. */
export function forfeitBond(totals: MutableTotals, bond: bigint): void {
  totals.bonds -= bond;
  totals.returned += bond;
}
