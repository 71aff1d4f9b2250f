// What most cases of transactions are made of.

import type { Transaction } from '@resonancenet/primitives/transaction';
import type { BlockWishes, CaseChain } from './case-chain.ts';

export type Make = (chain: CaseChain) => BlockWishes;

/** A block with these transactions. */
export function of(...transactions: readonly Transaction[]): BlockWishes {
  return { transactions };
}

/** One coin to key 1, valid in every respect. */
export function payment(chain: CaseChain): BlockWishes {
  return of(chain.spend([chain.coin()]));
}

/** The id of no transaction. */
export const absent: Uint8Array = new Uint8Array(32).fill(0xab);
