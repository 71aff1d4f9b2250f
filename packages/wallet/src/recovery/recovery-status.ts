// How an account stands (WAL-70): since when it is idle, at which height its policy takes effect, how long that is away.

import { policyBlocks } from '@resonancenet/ledger/policy-id';
import type { Announcement, PolicyRecord } from '@resonancenet/ledger/policy-registry';
import { nextHeight } from '../account-coins.ts';
import { sumsBetween, walkHeights } from '../coin-sums.ts';
import type { WalletAccount } from '../wallet-account.ts';
import type { WalletReader } from '../wallet-view.ts';

/** Deadlines that are told: each height that has coins is one. */
export const MAX_DEADLINES = 100;

/** How much of the time that a policy gives is left at most: half, a quarter, a tenth, nothing. */
export type Reminder = 'none' | 'half' | 'quarter' | 'tenth' | 'passed';

/** Coins that lapse (heartbeat) or return (emission return) in one block unless a heartbeat comes. */
export interface Deadline {
  readonly height: number;
  /** Resonances. */
  readonly amount: bigint;
  readonly coins: number;
}

export interface RecoveryStatus {
  /** Of the last heartbeat; 0: there was none. */
  readonly lastSign: number;
  /** Of the policy: idle blocks, or blocks that an announcement waits. */
  readonly blocks: number;
  /** The height of the block that comes next: what is built now is judged by it. */
  readonly next: number;
  /** The first hundred deadlines, the next first; empty under social recovery and where there are no coins. */
  readonly deadlines: readonly Deadline[];
  /** Blocks from the next one to the first deadline; 0: it is due. null: there is none. */
  readonly blocksLeft: number | null;
  /** The same in seconds, by how long blocks have taken lately. */
  readonly secondsLeft: number | null;
  readonly reminder: Reminder;
  /** A social recovery that stands, and the first height at which the guardians can carry it out. */
  readonly announcement: (Announcement & { readonly opens: number }) | null;
}

/** `record`: what the ledger knows of the policy. `spacing`: seconds that a block takes. */
export function recoveryStatus(
  view: WalletReader,
  account: WalletAccount,
  record: PolicyRecord,
  spacing: number,
): RecoveryStatus {
  const next = nextHeight(view);
  const blocks = policyBlocks(account.policyId);
  const deadlines = account.terms.type === 'social' ? [] : deadlinesOf(view, account, record.lastSign);
  const [first] = deadlines;
  const blocksLeft = first === undefined ? null : Math.max(0, first.height - next);
  const { announcement } = record;
  return {
    lastSign: record.lastSign,
    blocks,
    next,
    deadlines,
    blocksLeft,
    secondsLeft: blocksLeft === null ? null : blocksLeft * spacing,
    reminder: blocksLeft === null ? 'none' : reminderFor(blocksLeft, blocks),
    announcement: announcement === null ? null : { ...announcement, opens: announcement.height + blocks },
  };
}

/** By what is left of a policy's blocks. */
export function reminderFor(blocksLeft: number, blocks: number): Reminder {
  if (blocksLeft === 0) return 'passed';
  if (10 * blocksLeft <= blocks) return 'tenth';
  if (4 * blocksLeft <= blocks) return 'quarter';
  return 2 * blocksLeft <= blocks ? 'half' : 'none';
}

function deadlinesOf(view: WalletReader, { number, policyId }: WalletAccount, lastSign: number): Deadline[] {
  const blocks = policyBlocks(policyId);
  const deadlines: Deadline[] = [];
  // A sign of life is the age of all that is older.
  const { amount, coins } = sumsBetween(view, number, 0, lastSign + 1);
  if (coins > 0) deadlines.push({ height: lastSign + blocks, amount, coins });
  for (const { height, ...sums } of walkHeights(view, number, lastSign + 1)) {
    if (deadlines.length >= MAX_DEADLINES) break;
    deadlines.push({ height: height + blocks, amount: sums.amount, coins: sums.coins });
  }
  return deadlines;
}
