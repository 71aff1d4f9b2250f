// A wallet keeps its accounts alive (WAL-71): it looks at their deadlines as blocks come, reminds of them, and sends signs of life by its signer. Where the
// keys are elsewhere it only reminds: an owner whose keys are on another machine, an heir or a guardian.

import { toHex } from '@resonancenet/bytes/hex';
import { readAccountState } from '@resonancenet/wallet/account-state';
import { bumpFee } from '@resonancenet/wallet/bump-fee';
import { pendingHeartbeat } from '@resonancenet/wallet/own-heartbeat';
import { type BuiltPayment, DEFAULT_MAX_FEE } from '@resonancenet/wallet/payment-wish';
import { readPending } from '@resonancenet/wallet/pending-table';
import { giveSignOfLife } from '@resonancenet/wallet/recovery/announce-recovery';
import { type HeartbeatAttempts, NO_ATTEMPTS, planHeartbeat } from '@resonancenet/wallet/recovery/heartbeat-plan';
import { type RecoveryStatus, recoveryStatus, type Reminder } from '@resonancenet/wallet/recovery/recovery-status';
import type { WalletAccount } from '@resonancenet/wallet/wallet-account';
import { explainWalletProblem, type WalletProblem } from '@resonancenet/wallet/wallet-problem';
import type { LoadedWallet } from './loaded-wallet.ts';
import { sendPayment } from './send-payment.ts';
import { SignerClientError } from '@resonancenet/signer/signer-client';
import type { WalletPool } from './wallet-chain.ts';
import type { WalletNetwork } from './wallet-network.ts';

export interface KeeperPorts {
  readonly network: WalletNetwork;
  readonly pool: WalletPool;
  unixMs(): number;
  /** For people. */
  tell(line: string): void;
}

/** Looking takes a walk over all coins: it happens this often in the time that a policy gives. */
const LOOKS_PER_POLICY = 200;

const REMINDERS: Readonly<Record<Exclude<Reminder, 'none'>, string>> = {
  half: 'half of the time is left',
  quarter: 'a quarter of the time is left',
  tenth: 'a tenth of the time is left',
  passed: 'the time is over',
};

/** What is remembered of an account while the node runs. */
interface Kept {
  lookAgain: number;
  reminder: Reminder;
  attempts: HeartbeatAttempts;
  lastSign: number;
  /** Height of the announcement that was told of. */
  announcement: number | null;
  trouble: string | null;
}

/** How an account stands, by the ledger and by the wallet's own blocks. */
export function statusOf(wallet: LoadedWallet, account: WalletAccount, network: WalletNetwork): RecoveryStatus {
  const record = network.policy(account.policyId);
  const { lastSign } = readAccountState(wallet.store, account.number);
  const known = { ...record, lastSign: Math.max(record.lastSign, lastSign) };
  return recoveryStatus(wallet.store, account, known, network.spacing());
}

/** Builds a sign of life for an account, paid by itself or by another account of the wallet. */
export function buildHeartbeat(
  wallet: LoadedWallet,
  account: WalletAccount,
  rate: bigint,
  network: WalletNetwork,
): BuiltPayment | WalletProblem {
  const context = network.context(wallet.store);
  const own = giveSignOfLife(account, account, rate, context);
  if (own.ok || own.code !== 'insufficient-funds') return own;
  for (const payer of wallet.accounts.all) {
    const built = payer === account ? own : giveSignOfLife(account, payer, rate, context);
    if (built.ok) return built;
  }
  return own;
}

export class AccountKeeper {
  readonly #wallet: LoadedWallet;
  readonly #ports: KeeperPorts;
  readonly #kept = new Map<number, Kept>();
  #isLooking = false;

  constructor(wallet: LoadedWallet, ports: KeeperPorts) {
    this.#wallet = wallet;
    this.#ports = ports;
  }

  /** The wallet has read the chain up to its tip. @throws StorageError */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (const account of this.#wallet.accounts.all) await this.#lookAt(account);
    } finally {
      this.#isLooking = false;
    }
  }

  /** Why a sign of life is due and is not sent; null: none is, or it is. */
  troubleOf(account: number): string | null {
    return this.#kept.get(account)?.trouble ?? null;
  }

  async #lookAt(account: WalletAccount): Promise<void> {
    const kept = this.#keptOf(account);
    const height = this.#wallet.sync.tip?.height ?? 0;
    this.#tellOfAnnouncement(account, kept);
    if (height < kept.lookAgain) return;
    const status = statusOf(this.#wallet, account, this.#ports.network);
    kept.lookAgain = height + Math.max(1, Math.floor(status.blocks / LOOKS_PER_POLICY));
    if (status.lastSign !== kept.lastSign) {
      kept.lastSign = status.lastSign;
      kept.attempts = NO_ATTEMPTS;
      kept.trouble = null;
    }
    this.#remind(account, kept, status);
    if (this.#wallet.signer.isWatchOnly) return;
    const plan = planHeartbeat(status, kept.attempts);
    if (plan.kind === 'send') await this.#send(account, kept, BigInt(plan.rateFactor), height);
    else kept.trouble = null;
  }

  #keptOf({ number }: WalletAccount): Kept {
    const kept: Kept = this.#kept.get(number) ?? {
      lookAgain: 0,
      reminder: 'none',
      attempts: NO_ATTEMPTS,
      lastSign: 0,
      announcement: null,
      trouble: null,
    };
    this.#kept.set(number, kept);
    return kept;
  }

  /** Guardians have begun: the owner may say no as long as they wait. */
  #tellOfAnnouncement(account: WalletAccount, kept: Kept): void {
    if (account.terms.type !== 'social') return;
    const { announcement } = this.#ports.network.policy(account.policyId);
    const height = announcement?.height ?? null;
    if (height === kept.announcement) return;
    kept.announcement = height;
    if (height === null) return;
    const opens = height + account.terms.wait;
    const stop = this.#wallet.signer.isWatchOnly
      ? ''
      : '. If it is not in your name, stop it: rnt wallet recovery cancel';
    this.#tell(
      account,
      `the guardians have announced a recovery in block ${height}: from block ${opens} on they can take the coins${stop}`,
    );
  }

  #remind(account: WalletAccount, kept: Kept, { reminder, deadlines, blocksLeft }: RecoveryStatus): void {
    if (reminder === kept.reminder) return;
    kept.reminder = reminder;
    if (reminder === 'none') return;
    const what =
      account.terms.type === 'heartbeat' ? 'the heir can take the coins' : 'the coins return to the emission';
    this.#tell(
      account,
      `${REMINDERS[reminder]}: ${blocksLeft} blocks until ${what} (from block ${deadlines[0]?.height} on)`,
    );
  }

  async #send(account: WalletAccount, kept: Kept, factor: bigint, height: number): Promise<void> {
    const wallet = this.#wallet;
    const { network, pool, unixMs } = this.#ports;
    try {
      const rate = factor * network.rateFor();
      const sent = await sendPayment(wallet, pool, unixMs(), () => this.#build(account, rate));
      if (sent.ok) {
        kept.attempts = { count: kept.attempts.count + 1, lastHeight: height };
        kept.trouble = null;
        this.#tell(account, `a sign of life is sent: ${sent.txid}`);
      } else if (sent.kind === 'problem') this.#trouble(account, kept, explainWalletProblem(sent.problem));
      else this.#trouble(account, kept, sent.detail);
    } catch (error) {
      if (!(error instanceof SignerClientError)) throw error;
      this.#trouble(account, kept, error.message);
    }
    // Until a block has one, every block is looked at.
    kept.lookAgain = height + 1;
  }

  /** A new one, or a better one in the place of that which waits. */
  #build(account: WalletAccount, rate: bigint): BuiltPayment | WalletProblem {
    const wallet = this.#wallet;
    const { network } = this.#ports;
    const waiting = pendingHeartbeat(wallet.store, account);
    const payer = waiting === null ? null : wallet.payerOf(waiting);
    if (waiting === null || payer === null || readPending(wallet.store, waiting) === null)
      return buildHeartbeat(wallet, account, rate, network);
    const descendantFees = network.descendantFees(toHex(waiting));
    const wish = { txid: waiting, rate, cancel: false, descendantFees, maxFee: DEFAULT_MAX_FEE };
    return bumpFee(payer, wish, network.context(wallet.store));
  }

  /** Said once. */
  #trouble(account: WalletAccount, kept: Kept, detail: string): void {
    if (detail === kept.trouble) return;
    kept.trouble = detail;
    this.#tell(account, `a sign of life is due and is not sent: ${detail}`);
  }

  #tell({ number }: WalletAccount, line: string): void {
    this.#ports.tell(`account ${number}: ${line}`);
  }
}
