// Transactions in an order in which they can be applied: parents before those that spend their outputs.

import { toHex } from '@resonancenet/bytes/hex';
import type { CandidatePart } from './candidate.ts';

/** At most a few: every round takes those of which no other that is left is a parent. Nobody can be their own ancestor (BLK-11). */
export function orderPackage(parts: readonly CandidatePart[]): CandidatePart[] {
  const ordered: CandidatePart[] = [];
  let left = [...parts];
  while (left.length > 0) {
    const ids = new Set(left.map(({ parsed }) => parsed.txid));
    const free = left.filter(({ parsed }) =>
      parsed.transaction.inputs.every(({ outpoint }) => !ids.has(toHex(outpoint.txid))),
    );
    ordered.push(...free);
    left = left.filter((part) => !free.includes(part));
  }
  return ordered;
}
