// Social recoveries: bonds of announcements (LED-17, LED-19) and the one form in which a recovery spends (LED-18).

import { equalBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { rejectTransaction } from '@resonancenet/consensus/reject-transaction';
import type { Rejection } from '@resonancenet/consensus/verdict';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { RESONANCES_PER_RNT } from '@resonancenet/params/protocol-constants';
import type { PolicyId } from '@resonancenet/primitives/ids';
import { type Transaction, transactionCodec } from '@resonancenet/primitives/transaction';
import type { SpentCoin } from './check-inputs.ts';
import type { LedgerView } from './ledger-view.ts';
import { type PolicyRecord, readPolicy, writePolicy } from './policy-registry.ts';
import { forfeitBond, type MutableTotals } from './totals.ts';

/** What every announcement of a policy but its first locks (LED-17). */
export const ANNOUNCEMENT_BOND: bigint = RESONANCES_PER_RNT;

/** Bond that an announcement of the policy takes. */
export function announcementBond(policy: PolicyRecord): bigint {
  return policy.announcedBefore ? ANNOUNCEMENT_BOND : 0n;
}

/** Bond that a recovery of the policy gets back (LED-19): its first use does. */
export function announcementRefund(policy: PolicyRecord): bigint {
  return policy.announcement?.bonded === true ? ANNOUNCEMENT_BOND : 0n;
}

/**
 * The whole of a transaction of which `recoveries` inputs were opened by leaves with `announced` (LED-18). The conditions of each input
 * hold already; `fee` includes a refund, `held` does not.
 */
export function checkRecovery(
  transaction: Transaction,
  spent: readonly SpentCoin[],
  recoveries: number,
  held: bigint,
  fee: bigint,
  params: NetworkParams,
): Rejection | null {
  const detail = formProblem(transaction, spent, recoveries);
  if (detail !== null) return rejectTransaction(transaction, 'tx-announced-form', { detail });
  const limit = feeLimit(held, encode(transactionCodec, transaction).length, params);
  return fee <= limit ? null : rejectTransaction(transaction, 'tx-announced-fee', { fee, limit });
}

/** The first use of an announcement sets its bond free. */
export function releaseAnnouncementBond(view: LedgerView, totals: MutableTotals, id: PolicyId): void {
  const policy = readPolicy(view, id);
  if (policy.announcement === null || !policy.announcement.bonded) return;
  totals.bonds -= ANNOUNCEMENT_BOND;
  writePolicy(view, id, { ...policy, announcement: { ...policy.announcement, bonded: false } });
}

/** An announcement is cancelled or replaced: a bond that it still holds goes to the pool (LED-17). */
export function dropAnnouncement(totals: MutableTotals, policy: PolicyRecord): void {
  if (policy.announcement?.bonded === true) forfeitBond(totals, ANNOUNCEMENT_BOND);
}

function formProblem(transaction: Transaction, spent: readonly SpentCoin[], recoveries: number): string | null {
  const { outputs, actions } = transaction;
  if (recoveries !== spent.length) return `${recoveries} of ${spent.length} inputs use the announcement, all must`;
  const { coin, policy } = spent[0]!;
  if (spent.some((one) => !equalBytes(one.coin.policyId, coin.policyId))) return 'its inputs have several policies';
  if (actions.length > 0) return `it has ${actions.length} actions, it may have none`;
  const [output] = outputs;
  if (output === undefined || outputs.length !== 1) return `it has ${outputs.length} outputs, it must have one`;
  const { lockId, policyId } = policy.announcement!.destination;
  const isPaid = equalBytes(output.lockId, lockId) && equalBytes(output.policyId, policyId);
  return isPaid ? null : 'it does not pay the announced destination';
}

function feeLimit(held: bigint, size: number, { minRelayFee }: NetworkParams): bigint {
  const hundredth = held / 100n;
  const relayed = 100n * BigInt(minRelayFee) * BigInt(size);
  return hundredth > relayed ? hundredth : relayed;
}
