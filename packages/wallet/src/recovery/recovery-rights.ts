// Who can do what with an account's coins, and at which height (WAL-76).

import type { WalletAccount } from '../wallet-account.ts';
import type { RecoveryStatus } from './recovery-status.ts';

export type RecoveryParty = 'owner' | 'heir' | 'guardians' | 'network';

/**
 * spend: pay, or give a sign of life. announce, cancel, claim: of a social recovery, or a claim by the heir. return: the coins go back to the emission,
 * and nobody can spend them any more.
 */
export type RecoveryDeed = 'spend' | 'announce' | 'cancel' | 'claim' | 'return';

export interface RecoveryRight {
  readonly party: RecoveryParty;
  readonly deed: RecoveryDeed;
  /** First height of a block that may hold it, unless a sign of life comes before; the next block's at the least. */
  readonly from: number;
  /** Last such height for certain; null: as long as the coins are there. */
  readonly until: number | null;
  /** Resonances that it is about from then on; null: all that there is. */
  readonly amount: bigint | null;
}

/** Where the account has no coins, nothing is due. */
export function recoveryRights({ terms }: WalletAccount, status: RecoveryStatus): RecoveryRight[] {
  switch (terms.type) {
    case 'heartbeat':
      return [owner(status, null), ...firstDeadline(status, 'heir', 'claim')];
    case 'emissionReturn': {
      const [first] = firstDeadline(status, 'network', 'return');
      return first === undefined ? [owner(status, null)] : [owner(status, first.from - 1), first];
    }
    case 'social':
      return [owner(status, null), ...guardians(status)];
  }
}

function owner({ next }: RecoveryStatus, until: number | null): RecoveryRight {
  return { party: 'owner', deed: 'spend', from: next, until, amount: null };
}

function firstDeadline(
  { next, deadlines }: RecoveryStatus,
  party: RecoveryParty,
  deed: RecoveryDeed,
): readonly RecoveryRight[] {
  const [first] = deadlines;
  if (first === undefined) return [];
  // What was due before is due now.
  const due = deadlines.filter(({ height }) => height <= Math.max(next, first.height));
  const amount = due.reduce((sum, deadline) => sum + deadline.amount, 0n);
  return [{ party, deed, from: Math.max(next, first.height), until: null, amount }];
}

function guardians({ next, blocks, announcement }: RecoveryStatus): readonly RecoveryRight[] {
  const all = { until: null, amount: null } as const;
  if (announcement === null)
    return [
      { party: 'guardians', deed: 'announce', from: next, ...all },
      { party: 'guardians', deed: 'claim', from: next + blocks, ...all },
    ];
  const { opens } = announcement;
  const claim: RecoveryRight = { party: 'guardians', deed: 'claim', from: Math.max(next, opens), ...all };
  const isOpen = opens <= next;
  return [{ party: 'owner', deed: 'cancel', from: next, until: isOpen ? null : opens - 1, amount: null }, claim];
}
