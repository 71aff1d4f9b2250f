// What at most one unconfirmed transaction may use: the outputs that it spends, and the acts of which the ledger takes one at a time. Two
// transactions with a common claim conflict, and one can only take the place of the other (replacement.ts).

import { toHex } from '@resonancenet/bytes/hex';
import type { Hex32 } from '@resonancenet/chain/events';
import type { CheckedTransaction } from '@resonancenet/ledger/check-transaction';
import type { Outpoint } from '@resonancenet/primitives/transaction';

/** The claim on an output by the id of its transaction: the id comes first, so that it can be cut off. */
export function outputClaim(txid: Hex32, index: number): string {
  return `${txid}:${index}`;
}

export function outpointClaim({ txid, index }: Outpoint): string {
  return outputClaim(toHex(txid), index);
}

/** The transaction whose output a claim is on; null for other claims. */
export function claimedTxid(claim: string): Hex32 | null {
  return claim[64] === ':' ? claim.slice(0, 64) : null;
}

/**
 * All claims of a checked transaction, those on outputs first and in the order of its inputs. `recoveries`: policies, as hex, whose announced
 * recovery it carries out: the first that uses an announcement gets its bond back, so what a second one pays depends on their order.
 */
export function claimsOf(
  { transaction, actions }: Pick<CheckedTransaction, 'transaction' | 'actions'>,
  recoveries: readonly string[],
): string[] {
  return [
    ...transaction.inputs.map(({ outpoint }) => outpointClaim(outpoint)),
    // A sign of life and an announcement of one policy do not exclude each other: nobody's guardians can keep the owner's heartbeat out.
    ...actions.map(({ content, subject }) => `${content.kind} ${toHex(subject)}`),
    ...recoveries.map((policy) => `recovery ${policy}`),
  ];
}
