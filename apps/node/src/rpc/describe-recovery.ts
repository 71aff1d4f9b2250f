// How an account stands, as RPC tells it.

import type { NetworkParams } from '@resonancenet/params/network-params';
import { NO_ATTEMPTS, planHeartbeat } from '@resonancenet/wallet/recovery/heartbeat-plan';
import type { RecoveryStatus } from '@resonancenet/wallet/recovery/recovery-status';
import type { WalletAccount } from '@resonancenet/wallet/wallet-account';
import { rnt } from './amounts.ts';
import { addressOf } from './describe-transaction.ts';

type Json = Readonly<Record<string, unknown>>;

/** Deadlines that are told, the next first. */
const MAX_DEADLINES = 100;

const MEANINGS: Readonly<Record<WalletAccount['terms']['type'], string>> = {
  heartbeat:
    'without a sign of life until then the heir can take the coins; the owner can too, as long as they are there',
  emissionReturn: 'without a sign of life until then the coins return to the emission, for good',
  social: 'the guardians can announce a recovery at any time, wait, and then take the coins; a sign of life stops it',
};

export function describeStatus(account: WalletAccount, status: RecoveryStatus, params: NetworkParams): Json {
  const { lastSign, blocks, next, deadlines, blocksLeft, secondsLeft, reminder, announcement } = status;
  const plan = planHeartbeat(status, NO_ATTEMPTS);
  return {
    account: account.number,
    policyType: account.terms.type,
    policyBlocks: blocks,
    lastSign: lastSign === 0 ? null : lastSign,
    next,
    blocksLeft,
    secondsLeft: secondsLeft === null ? null : Math.round(secondsLeft),
    reminder,
    deadlines: deadlines
      .slice(0, MAX_DEADLINES)
      .map(({ height, amount, coins }) => ({ height, amount: rnt(amount), coins })),
    heartbeat: plan.kind === 'none' ? null : { due: plan.kind === 'send' ? next : plan.until },
    announcement:
      announcement === null
        ? null
        : {
            height: announcement.height,
            destination: addressOf(announcement.destination, params),
            bonded: announcement.bonded,
            opens: announcement.opens,
          },
    meaning: MEANINGS[account.terms.type],
  };
}
