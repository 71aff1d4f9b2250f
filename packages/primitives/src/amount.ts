// Money (NET-2): an integer of resonances, 10^10 to the RNT, never above 21,000,000 RNT.

import { assert } from '@resonancenet/bytes/assert';
import { type Codec, mapped, refine, u64 } from '@resonancenet/bytes/codec';
import { MAX_MONEY } from '@resonancenet/params/protocol-constants';

declare const brand: unique symbol;

/** Resonances, 0 to 2.1 x 10^17. Made by `amount` only, so that no other bigint passes for money. */
export type Amount = bigint & { readonly [brand]: 'Amount' };

/** Whether a number of resonances can exist. */
export function isAmount(resonances: bigint): resonances is Amount {
  return resonances >= 0n && resonances <= MAX_MONEY;
}

/**
 * Resonances as an amount.
 * @throws AssertionFailure if there cannot be so many: sums of outside values are checked with `isAmount` first.
 */
export function amount(resonances: bigint): Amount {
  assert(isAmount(resonances), `${resonances} resonances are not between 0 and ${MAX_MONEY}`);
  return resonances;
}

/** u64 of at most 2.1 x 10^17 (BLK-9). */
export const amountCodec: Codec<Amount> = mapped(
  refine(u64, (value) =>
    isAmount(value) ? null : `an amount of ${value} resonances; there are at most ${MAX_MONEY}, lower it`,
  ),
  (value) => value as Amount,
  (value) => value,
);
