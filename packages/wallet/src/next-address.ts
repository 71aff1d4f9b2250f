// Which address comes next (WAL-22): table `handed`, key account u32 big-endian || branch u8, value the number of addresses that were given out, u32.

import { bigEndian, readBigEndian } from '@resonancenet/bytes/big-endian';
import { concatBytes } from '@resonancenet/bytes/compare';
import type { Destination } from '@resonancenet/primitives/destination';
import { readAccountState } from './account-state.ts';
import { type AddressBranch, branchNumber } from './account-branch.ts';
import { GAP_LIMIT } from './scan-block.ts';
import { type WalletProblem, walletProblem } from './wallet-problem.ts';
import type { WalletAccount } from './wallet-account.ts';
import type { WalletReader, WalletView } from './wallet-view.ts';

export interface NextAddress {
  readonly ok: true;
  readonly index: number;
  readonly destination: Destination;
}

/** Addresses of a branch that were given out or paid: the next one's index. */
export function nextIndex(view: WalletReader, account: WalletAccount, branch: AddressBranch): number {
  const bytes = view.get('handed', handedKey(account, branch));
  const handed = bytes === null ? 0 : readBigEndian(bytes, 0);
  return Math.max(handed, readAccountState(view, account.number).used[branch]);
}

/** Gives out the next address of a branch: never one that was given out before. */
export function takeNextAddress(
  view: WalletView,
  account: WalletAccount,
  branch: AddressBranch,
): NextAddress | WalletProblem {
  const index = nextIndex(view, account, branch);
  const { used } = readAccountState(view, account.number);
  if (index - used[branch] >= GAP_LIMIT) {
    return walletProblem('gap-limit', { branch, given: index - used[branch], limit: GAP_LIMIT });
  }
  const destination = account.destination(branch, index);
  if (destination === null) return walletProblem('no-more-keys', { account: account.number, branch, first: index });
  markHanded(view, account, branch, index);
  return { ok: true, index, destination };
}

/** An address is in use: it is never given out again. */
export function markHanded(view: WalletView, account: WalletAccount, branch: AddressBranch, index: number): void {
  if (nextIndex(view, account, branch) <= index) view.put('handed', handedKey(account, branch), bigEndian(index + 1));
}

function handedKey({ number }: WalletAccount, branch: AddressBranch): Uint8Array {
  return concatBytes(bigEndian(number), Uint8Array.of(branchNumber(branch)));
}
