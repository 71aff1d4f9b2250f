// When new transactions may take the place of unconfirmed ones: Bitcoin Core's rules (doc/policy/mempool-replacements.md), full RBF.

import { compareFeeRates, feeAtRate, feeRateOf, type FeeRate, type PaidBytes } from './fee-rate.ts';
import type { MempoolLimits } from './mempool-limits.ts';
import type { PoolEntry } from './pool-entry.ts';
import { type PolicyRefusal, refuse } from './pool-refusal.ts';
import { sumOf } from './transaction-graph.ts';

export interface Replacement {
  /** What is added, all together. */
  readonly paid: PaidBytes;
  /** Unconfirmed transactions of the pool that it spends. */
  readonly parents: ReadonlySet<PoolEntry>;
  /** Their unconfirmed ancestors too, themselves included. */
  readonly ancestors: ReadonlySet<PoolEntry>;
  /** Who claims what the new ones claim. */
  readonly conflicts: ReadonlySet<PoolEntry>;
  /** These with all that descend from them. */
  readonly replaced: ReadonlySet<PoolEntry>;
}

/** Why nothing may be replaced, or null. */
export function replacementRefusal(
  { paid, parents, ancestors, conflicts, replaced }: Replacement,
  limits: Pick<MempoolLimits, 'maxReplaced'>,
  relayRate: FeeRate,
): PolicyRefusal | null {
  for (const entry of ancestors) if (replaced.has(entry)) return refuse('replacement-parent', { txid: entry.txid });
  if (replaced.size > limits.maxReplaced)
    return refuse('replacement-count', { count: replaced.size, limit: limits.maxReplaced });
  // Else it could bring in a low-fee ancestor, and be mined later than what it replaces.
  for (const parent of parents)
    if (![...conflicts].some((conflict) => conflict.parents.has(parent)))
      return refuse('replacement-inputs', { txid: parent.txid });
  for (const conflict of conflicts)
    if (compareFeeRates(paid, conflict) <= 0)
      return refuse('replacement-rate', {
        rate: feeRateOf(paid),
        replaced: feeRateOf(conflict),
        txid: conflict.txid,
      });
  // The network has relayed the replaced ones for their fees: these must be paid again, and the relay of the new one too.
  const required = sumOf(replaced).fee + feeAtRate(relayRate, paid.bytes);
  return paid.fee >= required ? null : refuse('replacement-fee', { fee: paid.fee, required, replaced: replaced.size });
}
