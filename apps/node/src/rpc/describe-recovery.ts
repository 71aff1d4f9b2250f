// How an account stands, as RPC tells it.

import { toHex } from '@resonancenet/bytes/hex';
import { pendingHeartbeat } from '@resonancenet/wallet/own-heartbeat';
import { NO_ATTEMPTS, planHeartbeat } from '@resonancenet/wallet/recovery/heartbeat-plan';
import { recoveryRights } from '@resonancenet/wallet/recovery/recovery-rights';
import type { RecoveryStatus } from '@resonancenet/wallet/recovery/recovery-status';
import type { WalletAccount } from '@resonancenet/wallet/wallet-account';
import { statusOf } from '../wallet/account-keeper.ts';
import type { LoadedWallet } from '../wallet/loaded-wallet.ts';
import type { WalletService } from '../wallet/wallet-service.ts';
import { rnt } from './amounts.ts';
import { addressOf } from './describe-transaction.ts';
import { policyTextOf } from './describe-wallet.ts';

type Json = Readonly<Record<string, unknown>>;

/** Deadlines that are told, the next first. */
const MAX_DEADLINES = 100;

const MEANINGS: Readonly<Record<WalletAccount['terms']['type'], string>> = {
  heartbeat:
    'without a sign of life until the deadline the heir can take the coins; the owner can too, as long as they are there',
  emissionReturn: 'without a sign of life until the deadline the coins return to the emission, for good',
  social: 'the guardians can announce a recovery at any time, wait, and then take the coins; a sign of life stops it',
};

export const statusText =
  'list of account, policy (its line; null: the heir is not known), policyType, policyBlocks, watched (true: its keys are elsewhere), unlocked, lastSign, next (height of the next block), blocksLeft, secondsLeft, reminder (none, half, quarter, tenth, passed), deadlines (height, amount, coins, secondsLeft), rights (party: owner, heir, guardians, network; deed: spend, announce, cancel, claim, return; from, until, amount, secondsLeft), heartbeat (due: when the wallet sends a sign of life by itself), waiting (txid of a sign of life that waits for a block), trouble (why none is sent that is due), announcement (of guardians: height, destination, opens, secondsLeft), meaning';

/** `isUnlocked`: whether a signer answers. */
export function describeStatus(
  wallet: LoadedWallet,
  account: WalletAccount,
  isUnlocked: boolean,
  wallets: WalletService,
): Json {
  const { network } = wallets;
  const { params } = network;
  const status = statusOf(wallet, account, network);
  const { lastSign, blocks, next, deadlines, blocksLeft, secondsLeft, reminder, announcement } = status;
  const isWatched = wallet.signer.isWatchOnly === true;
  const waiting = pendingHeartbeat(wallet.store, account);
  const spacing = network.spacing();
  const secondsTo = (height: number): number => Math.round(Math.max(0, height - next) * spacing);
  return {
    account: account.number,
    policy: policyTextOf(wallet, account, params.addressPrefix),
    policyType: account.terms.type,
    policyBlocks: blocks,
    watched: isWatched,
    unlocked: isUnlocked,
    lastSign: lastSign === 0 ? null : lastSign,
    next,
    blocksLeft,
    secondsLeft: secondsLeft === null ? null : Math.round(secondsLeft),
    reminder,
    deadlines: deadlines
      .slice(0, MAX_DEADLINES)
      .map(({ height, amount, coins }) => ({ height, amount: rnt(amount), coins, secondsLeft: secondsTo(height) })),
    rights: recoveryRights(account, status).map(({ party, deed, from, until, amount }) => ({
      party,
      deed,
      from,
      until,
      amount: amount === null ? null : rnt(amount),
      secondsLeft: secondsTo(from),
    })),
    heartbeat: isWatched ? null : describePlan(status),
    waiting: waiting === null ? null : toHex(waiting),
    trouble: wallets.troubleOfAccount(wallet.name, account.number),
    announcement:
      announcement === null
        ? null
        : {
            height: announcement.height,
            destination: addressOf(announcement.destination, params),
            bonded: announcement.bonded,
            opens: announcement.opens,
            secondsLeft: secondsTo(announcement.opens),
          },
    meaning: MEANINGS[account.terms.type],
  };
}

function describePlan(status: RecoveryStatus): Json | null {
  const plan = planHeartbeat(status, NO_ATTEMPTS);
  return plan.kind === 'none' ? null : { due: plan.kind === 'send' ? status.next : plan.until };
}
