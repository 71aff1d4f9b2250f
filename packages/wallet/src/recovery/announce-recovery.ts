// Guardians say where a lost account's money shall go (WAL-73, LED-16), and the owner says no (WAL-75). Who pays the fee may be anybody.

import { equalBytes } from '@resonancenet/bytes/compare';
import type { PolicyRecord } from '@resonancenet/ledger/policy-registry';
import { announcementBond } from '@resonancenet/ledger/recovery';
import type { FeeRate } from '@resonancenet/mempool/fee-rate';
import { type Destination, destinationProblem } from '@resonancenet/primitives/destination';
import { type SocialTerms, termsPolicyId } from '@resonancenet/primitives/policy-terms';
import { buildPayment } from '../build-payment.ts';
import { heartbeatWish, waitingHeartbeat } from '../own-heartbeat.ts';
import { type BuiltPayment, type PaymentContext, plainPayment } from '../payment-wish.ts';
import type { KeyOrigin } from '../rntp.ts';
import type { WalletAccount } from '../wallet-account.ts';
import { type WalletProblem, walletProblem } from '../wallet-problem.ts';

/** `payer`: an account of one of the guardians, or of anybody, that pays the fee and the bond. `record`: of the lost account's policy. */
export function announceRecovery(
  payer: WalletAccount,
  terms: SocialTerms,
  destination: Destination,
  guardians: readonly KeyOrigin[],
  record: PolicyRecord,
  rate: FeeRate,
  context: PaymentContext,
): BuiltPayment | WalletProblem {
  const detail = destinationProblem(destination, context.params.recovery);
  if (detail !== null) return walletProblem('output-not-payable', { output: 0, detail });
  const content = { kind: 'announce', terms, destination, signatures: [] } as const;
  const action = { content, bond: announcementBond(record), origins: guardians };
  // The lost account's own sign of life would cancel the announcement at once.
  const heartbeat = !equalBytes(payer.policyId, termsPolicyId(terms));
  return buildPayment(payer, { ...plainPayment([], rate), actions: [action], heartbeat }, context);
}

/**
 * A heartbeat for `account`: it cancels an announcement, and everything counts as idle from its block on. `payer` may be another account of the wallet:
 * a sign of life needs no coins of its own account.
 */
export function giveSignOfLife(
  account: WalletAccount,
  payer: WalletAccount,
  rate: FeeRate,
  context: PaymentContext,
): BuiltPayment | WalletProblem {
  if (waitingHeartbeat(context.view, account)) {
    return walletProblem('nothing-to-do', {
      detail: 'a sign of life for this account waits for a block already: raise its fee instead',
    });
  }
  const action = heartbeatWish(account, context.params.coinType);
  return buildPayment(payer, { ...plainPayment([], rate), actions: [action] }, context);
}
