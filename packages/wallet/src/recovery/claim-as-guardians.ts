// Guardians carry out the recovery that they announced (WAL-74, LED-18).

import { policyBlocks } from '@resonancenet/ledger/policy-id';
import { announcementRefund } from '@resonancenet/ledger/recovery';
import { socialLeaf } from '@resonancenet/keys/account-policy';
import { dustLimit } from '@resonancenet/mempool/dust';
import { feeRatePerByte } from '@resonancenet/mempool/fee-rate';
import { nextHeight } from '../account-coins.ts';
import { sumOf } from '../balance.ts';
import { type WalletCoin, walkCoins } from '../coin-table.ts';
import type { KeyOrigin } from '../rntp.ts';
import type { WalletAccount } from '../wallet-account.ts';
import { type WalletProblem, walletProblem } from '../wallet-problem.ts';
import type { BuiltRecovery, RecoveryContext } from './recovery-context.ts';
import { recoverySpend, type RecoverySpend } from './recovery-spend.ts';

/** All to the announced destination; `guardians`: where the keys of those who will sign are, as far as known. */
export function claimAsGuardians(
  account: WalletAccount,
  guardians: readonly KeyOrigin[],
  context: RecoveryContext,
): BuiltRecovery | WalletProblem {
  const { params, record, view } = context;
  const { terms } = account;
  if (terms.type !== 'social') return walletProblem('wrong-policy', { expected: 'social', found: terms.type });
  const { announcement } = record;
  if (announcement === null) return walletProblem('no-announcement', {});
  const next = nextHeight(view);
  const opens = announcement.height + policyBlocks(account.policyId);
  if (next < opens) return walletProblem('too-early', { opens, next });
  const coins = [...walkCoins(view, account.number)];
  const ripens = ({ coinbase, height }: WalletCoin): number => (coinbase ? height + params.coinbaseMaturity : height);
  const open = coins.filter((coin) => ripens(coin) <= next);
  const closed = coins.filter((coin) => ripens(coin) > next);
  const first = closed.reduce((least, coin) => Math.min(least, ripens(coin)), Number.MAX_SAFE_INTEGER);
  if (open.length === 0) {
    return closed.length === 0
      ? walletProblem('nothing-to-recover', {})
      : walletProblem('too-early', { opens: first, next });
  }
  const { destination } = announcement;
  const spend = recoverySpend(
    account,
    open,
    socialLeaf(terms),
    destination,
    announcementRefund(record),
    guardians,
    context,
  );
  if (spend.amount < dustLimit(destination, feeRatePerByte(params.minRelayFee)))
    return walletProblem('nothing-to-recover', {});
  const limit = feeLimit(spend, params.minRelayFee);
  if (spend.fee > limit) return walletProblem('fee-above-recovery-limit', { fee: spend.fee, limit });
  const later = closed.length === 0 ? null : { amount: sumOf(closed), opens: first };
  const { rntp, fee, bytes, amount, left } = spend;
  return { ok: true, rntp, fee, bytes, amount, left, later };
}

/** The most that guardians may pay (LED-18). */
function feeLimit({ held, bytes }: RecoverySpend, minRelayFee: number): bigint {
  const hundredth = held / 100n;
  const relayed = 100n * BigInt(minRelayFee) * BigInt(bytes);
  return hundredth > relayed ? hundredth : relayed;
}
