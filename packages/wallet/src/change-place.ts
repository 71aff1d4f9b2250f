// Where change goes, and what sending a transaction leaves behind in the wallet's tables.

import { assert } from '@resonancenet/bytes/assert';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { readAccountState } from './account-state.ts';
import { markHanded, nextIndex } from './next-address.ts';
import { addPending } from './pending-table.ts';
import { GAP_LIMIT } from './scan-block.ts';
import type { AddressPlace, WalletAccount } from './wallet-account.ts';
import type { WalletAccounts } from './wallet-accounts.ts';
import type { WalletReader, WalletView } from './wallet-view.ts';

/**
 * The next address of the change branch. Where the gap limit or the keys end it is the last one within them once more: a payment never fails for
 * want of an address, and all outputs of an account can be linked anyway.
 */
export function changePlace(view: WalletReader, account: WalletAccount): AddressPlace {
  const { used } = readAccountState(view, account.number);
  const index = Math.min(
    nextIndex(view, account, 'change'),
    used.change + GAP_LIMIT - 1,
    account.windowEnd('change') - 1,
  );
  const publicKey = account.keyAt('change', index);
  assert(publicKey !== null, `account ${account.number} has keys for change`);
  return { account, branch: 'change', index, publicKey };
}

/** Notes a signed transaction before it is sent: it waits, its coins are taken, its change address is not used again. */
export function recordSent(view: WalletView, accounts: WalletAccounts, transaction: Transaction, sentMs: bigint): void {
  const added = addPending(view, accounts, transaction, sentMs);
  assert(added, 'a transaction that is sent spends coins of the wallet');
  for (const output of transaction.outputs) {
    const place = accounts.placeOf(output);
    if (place !== null) markHanded(view, place.account, place.branch, place.index);
  }
}
