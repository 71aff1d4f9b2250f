// The node's own rules for what the ledger's rules allow: fees, dust, how long chains of unconfirmed transactions may become.

import { toHex } from '@resonancenet/bytes/hex';
import type { Addition } from './admission.ts';
import { outputClaim } from './claims.ts';
import { dustLimit } from './dust.ts';
import { feeAtRate, type FeeRate, greaterRate } from './fee-rate.ts';
import type { PoolEntry } from './pool-entry.ts';
import { type PolicyRefusal, refuse } from './pool-refusal.ts';
import type { PoolState } from './pool-state.ts';
import { sumOf } from './transaction-graph.ts';

/** Worthless outputs, which only a child in the same package may take along (ephemeral dust). */
export function dustRefusal(additions: readonly Addition[], { graph, relayRate }: PoolState): PolicyRefusal | null {
  for (const [index, { parsed, dust, fee, claims }] of additions.entries()) {
    const later = new Set(additions.slice(index + 1).flatMap((addition) => addition.claims));
    for (const output of dust) {
      const { amount, policyId } = parsed.transaction.outputs[output]!;
      if (!later.has(outputClaim(parsed.txid, output)))
        return refuse('dust', { output, amount, least: dustLimit({ policyId }, relayRate) });
      // If it paid by itself a miner could take it without the child.
      if (fee > 0n) return refuse('dust-fee', { output, fee });
    }
    const own = new Set(claims);
    for (const { outpoint } of parsed.transaction.inputs) {
      const parent = graph.get(toHex(outpoint.txid));
      const left = parent?.dust.find((output) => !own.has(outputClaim(parent.txid, output)));
      if (parent !== null && left !== undefined) return refuse('dust-unspent', { parent: parent.txid, output: left });
    }
  }
  return null;
}

/**
 * Fees: who pays less than asked for by itself must be paid for by the child. Parents that pay enough are left out of the sum: they may be mined
 * without it.
 */
export function feeRefusal(
  additions: readonly Addition[],
  { relayRate }: Pick<PoolState, 'relayRate'>,
  poolRate: FeeRate,
): PolicyRefusal | null {
  const least = greaterRate(poolRate, relayRate);
  const child = additions.at(-1)!;
  const sharing = additions.filter((addition) => addition === child || addition.fee < feeAtRate(least, addition.bytes));
  const { fee, bytes } = sumOf(sharing);
  const required = feeAtRate(least, bytes);
  if (fee >= required) return null;
  const code = fee < feeAtRate(relayRate, bytes) ? 'fee-too-low' : 'fee-below-pool';
  return refuse(code, { fee, required, bytes });
}

/** How many descendants an unconfirmed transaction may have. `ancestors`: all that the new ones have in the pool. */
export function familyRefusal(
  additions: readonly Addition[],
  ancestors: ReadonlySet<PoolEntry>,
  replaced: ReadonlySet<PoolEntry>,
  { graph, limits }: PoolState,
): PolicyRefusal | null {
  const gained = new Map<PoolEntry, number>();
  for (const { parsed } of additions) {
    const parents = parsed.transaction.inputs.flatMap(({ outpoint }) => graph.get(toHex(outpoint.txid)) ?? []);
    const isChild = parsed === additions.at(-1)!.parsed;
    const above = isChild ? ancestors : new Set([...parents, ...graph.ancestorsOf(parents)]);
    for (const entry of above) gained.set(entry, (gained.get(entry) ?? 0) + 1);
  }
  for (const [entry, more] of gained) {
    const going = [...graph.descendantsOf([entry])].filter((descendant) => replaced.has(descendant)).length;
    const descendants = entry.descendants.count - going + more;
    if (descendants > limits.maxDescendants)
      return refuse('too-many-descendants', { txid: entry.txid, count: descendants, limit: limits.maxDescendants });
  }
  return null;
}
