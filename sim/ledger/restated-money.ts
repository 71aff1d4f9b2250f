// All money counted anew from the tables, and held against the sums that the ledger keeps (LED-23).

import { assert } from '@resonancenet/bytes/assert';
import { decodeCoin } from '@resonancenet/ledger/coin';
import type { LedgerReader } from '@resonancenet/ledger/ledger-view';
import { readPolicy } from '@resonancenet/ledger/policy-registry';
import { announcementRefund } from '@resonancenet/ledger/recovery';
import { allProposals } from '@resonancenet/ledger/rotation/rotation-records';
import { readTotals } from '@resonancenet/ledger/totals';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { PolicyId } from '@resonancenet/primitives/ids';

const nothing = new Uint8Array(0);

/** minted = unspent outputs + bonds that announcements and proposals hold + returned, at the tip of this state. */
export function checkMoney(ledger: LedgerReader, params: NetworkParams): void {
  const totals = readTotals(ledger);
  let unspent = 0n;
  for (const [, value] of ledger.range('coins', nothing, null)) unspent += decodeCoin(value).amount;
  let bonds = 0n;
  for (const [id] of ledger.range('policies', nothing, null))
    bonds += announcementRefund(readPolicy(ledger, id as PolicyId));
  for (const { record } of allProposals(ledger))
    if (record.status === 'open' || record.status === 'lockedIn') bonds += params.rotation.bond;
  const { height, minted, returned } = totals;
  const restated = `height ${height}: minted ${minted}, unspent ${unspent}, bonds ${bonds}, returned ${returned}`;
  assert(totals.unspent === unspent && totals.bonds === bonds, restated);
  assert(minted === unspent + bonds + returned, restated);
}
