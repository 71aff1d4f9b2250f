// The heir of a heartbeat account takes its coins once they have been idle for the policy's blocks (WAL-72, LED-15).

import { equalBytes } from '@resonancenet/bytes/compare';
import { policyBlocks } from '@resonancenet/ledger/policy-id';
import { hashOfLeaf, heartbeatLeaf } from '@resonancenet/keys/account-policy';
import { dustLimit } from '@resonancenet/mempool/dust';
import { feeRatePerByte } from '@resonancenet/mempool/fee-rate';
import { type Destination, destinationProblem } from '@resonancenet/primitives/destination';
import { nextHeight } from '../account-coins.ts';
import { sumOf } from '../balance.ts';
import { type WalletCoin, walkCoins } from '../coin-table.ts';
import type { KeyOrigin } from '../rntp.ts';
import type { WalletAccount } from '../wallet-account.ts';
import { type WalletProblem, walletProblem } from '../wallet-problem.ts';
import type { BuiltRecovery, RecoveryContext } from './recovery-context.ts';
import { recoverySpend } from './recovery-spend.ts';

/** To `destination`, by the heir's key. `origins`: where it is, if that is known (WAL-57). */
export function claimAsHeir(
  account: WalletAccount,
  heirKey: Uint8Array,
  origins: readonly KeyOrigin[],
  destination: Destination,
  context: RecoveryContext,
): BuiltRecovery | WalletProblem {
  const { params, record, view } = context;
  const { type } = account.terms;
  if (type !== 'heartbeat') return walletProblem('wrong-policy', { expected: 'heartbeat', found: type });
  const next = nextHeight(view);
  const opens = (coin: WalletCoin): number => opensAt(coin, account, record.lastSign, params.coinbaseMaturity);
  const coins = [...walkCoins(view, account.number)];
  const leaf = heartbeatLeaf(heirKey);
  if (!equalBytes(hashOfLeaf(leaf), account.siblingHash!)) {
    const first = coins.length === 0 ? null : coins.reduce((least, coin) => Math.min(least, opens(coin)), Infinity);
    return walletProblem('not-the-heir', { opens: first, next });
  }
  const problem = destinationProblem(destination, params.recovery);
  if (problem !== null) return walletProblem('output-not-payable', { output: 0, detail: problem });
  if (coins.length === 0) return walletProblem('nothing-to-recover', {});
  const closed = coins.filter((coin) => opens(coin) > next);
  const first = closed.reduce((least, coin) => Math.min(least, opens(coin)), Number.MAX_SAFE_INTEGER);
  if (closed.length === coins.length) return walletProblem('too-early', { opens: first, next });
  const open = coins.filter((coin) => opens(coin) <= next);
  const spend = recoverySpend(account, open, leaf, destination, 0n, origins, context);
  if (spend.amount < dustLimit(destination, feeRatePerByte(params.minRelayFee)))
    return walletProblem('nothing-to-recover', {});
  const later = closed.length === 0 ? null : { amount: sumOf(closed), opens: first };
  const { rntp, fee, bytes, amount, left } = spend;
  return { ok: true, rntp, fee, bytes, amount, left, later };
}

/** First height of a block in which the heir can spend a coin. */
function opensAt(coin: WalletCoin, account: WalletAccount, lastSign: number, maturity: number): number {
  const idle = Math.max(coin.height, lastSign) + policyBlocks(account.policyId);
  return coin.coinbase ? Math.max(idle, coin.height + maturity) : idle;
}
