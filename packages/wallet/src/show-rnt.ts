// Amounts as people read them (NET-2): RNT with ten decimals at most.

import { RESONANCES_PER_RNT } from '@resonancenet/params/protocol-constants';

const DECIMALS = 10;

/** `1.5 RNT` for 15,000,000,000 resonances; zeros at the end are left out. */
export function showRnt(resonances: bigint): string {
  const sign = resonances < 0n ? '-' : '';
  const absolute = resonances < 0n ? -resonances : resonances;
  const fraction = (absolute % RESONANCES_PER_RNT).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
  return `${sign}${absolute / RESONANCES_PER_RNT}${fraction === '' ? '' : `.${fraction}`} RNT`;
}
