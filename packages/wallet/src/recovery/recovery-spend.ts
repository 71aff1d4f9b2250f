// A transaction that spends coins of an account by the second leaf of their locks, all to one destination.

import { feeAtRate } from '@resonancenet/mempool/fee-rate';
import { hashOfLeaf, ownerLeaf } from '@resonancenet/keys/account-policy';
import { amount } from '@resonancenet/primitives/amount';
import type { Leaf } from '@resonancenet/primitives/condition';
import type { Destination } from '@resonancenet/primitives/destination';
import { NO_LOCK, TRANSACTION_VERSION } from '@resonancenet/primitives/transaction';
import { sumOf } from '../balance.ts';
import type { WalletCoin } from '../coin-table.ts';
import { type KeyOrigin, type Rntp, type RntpInput, sortedByKey } from '../rntp.ts';
import { inputBytes, transactionBytes, witnessBytes } from '../transaction-size.ts';
import type { WalletAccount } from '../wallet-account.ts';
import type { RecoveryContext } from './recovery-context.ts';

/** What one such transaction takes. */
export interface RecoverySpend {
  readonly rntp: Rntp;
  readonly fee: bigint;
  readonly bytes: number;
  /** Of the output; zero or less: the coins are not worth their fee. */
  readonly amount: bigint;
  readonly held: bigint;
  /** Coins that did not fit. */
  readonly left: number;
}

/** `refund`: resonances that come in beside the coins (LED-19). Coins that are worth less than their input come last. */
export function recoverySpend(
  account: WalletAccount,
  coins: readonly WalletCoin[],
  leaf: Leaf,
  destination: Destination,
  refund: bigint,
  origins: readonly KeyOrigin[],
  { params, genesisId, rate, destinationKey }: RecoveryContext,
): RecoverySpend {
  const each = inputBytes(witnessBytes(leaf, 1));
  const fixed = transactionBytes({ count: 0, bytes: 0 }, 1, []) + 2;
  const sorted = [...coins].sort((a, b) => (a.amount === b.amount ? 0 : a.amount > b.amount ? -1 : 1));
  const worth = sorted.filter((coin) => coin.amount > feeAtRate(rate, each));
  const taken = (worth.length === 0 ? sorted.slice(0, 1) : worth).slice(
    0,
    Math.floor((params.maxTransactionBytes - fixed) / each),
  );
  const bytes = transactionBytes({ count: taken.length, bytes: taken.length * each }, 1, []);
  const fee = feeAtRate(rate, bytes);
  const held = sumOf(taken);
  const rest = held + refund - fee;
  const output = { amount: amount(rest > 0n ? rest : 0n), ...destination };
  const rntp: Rntp = {
    genesisId,
    transaction: {
      version: TRANSACTION_VERSION,
      inputs: taken.map(({ outpoint }) => ({ outpoint, sequence: NO_LOCK, witness: new Uint8Array(0) })),
      outputs: [output],
      actions: [],
      lockTime: NO_LOCK,
    },
    inputs: taken.map((coin) => inputOf(account, coin, leaf)),
    actions: [],
    outputs: [destinationKey?.publicKey ?? null],
    origins: sortedByKey([...origins, ...(destinationKey === undefined ? [] : [destinationKey])]),
  };
  return { rntp, fee, bytes, amount: rest, held, left: worth.length - taken.length };
}

function inputOf(account: WalletAccount, { branch, index, amount: held }: WalletCoin, leaf: Leaf): RntpInput {
  const owner = hashOfLeaf(ownerLeaf(account.keyAt(branch, index)!));
  const spent = { amount: held, ...account.destination(branch, index)! };
  return { spent, way: { kind: 'leaf', leaf, index: 1, count: 2, branch: [owner], preimages: [] }, signatures: [] };
}
