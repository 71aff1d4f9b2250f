// Rotation of the validation set (LED-24 to LED-28), as the rules of transactions and blocks call it.

import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import type { ReadAction } from '@resonancenet/consensus/read-actions';
import { rejectTransaction } from '@resonancenet/consensus/reject-transaction';
import { type Rejection, reject } from '@resonancenet/consensus/verdict';
import { expectedDval } from '@resonancenet/consensus/dval-rotation';
import type { Transaction } from '@resonancenet/primitives/transaction';
import type { NeededLoss } from '../connect-result.ts';
import type { LedgerBlock, LedgerContext } from '../ledger-context.ts';
import type { LedgerReader, LedgerView } from '../ledger-view.ts';
import type { MutableTotals } from '../totals.ts';

/** What a proposal or a reveal takes from its transaction, resonances. */
export type RotationCheck = { readonly ok: true; readonly bond: bigint } | Rejection;

/** A proposal (LED-24) or a reveal (LED-25), action `index` of the transaction, in a block at `height`. */
export function checkRotationAction(
  transaction: Transaction,
  index: number,
  _action: ReadAction,
  _height: number,
  _view: LedgerReader,
  _context: LedgerContext,
): RotationCheck {
  const detail = 'proposals of validation sets are not known to this version';
  return rejectTransaction(transaction, 'tx-action-malformed', { action: index, detail });
}

/** What a proposal or a reveal that passed its check changes; a bond that it takes is entered in the totals here. */
export function applyRotationAction(
  _action: ReadAction,
  _height: number,
  _view: LedgerView,
  _totals: MutableTotals,
  _context: LedgerContext,
): void {}

/** Whether the block uses the D_val that the state of its parent demands (LED-27); null: it does. */
export function checkDval(
  block: LedgerBlock,
  _view: LedgerReader,
  { params }: LedgerContext,
): Rejection | { readonly ok: false; readonly code: null; readonly needs: NeededLoss } | null {
  const { header, parent } = block;
  const expected = expectedDval({ ...parent, height: header.height - 1 }, header.timestamp, params);
  return equalBytes(header.dvalId, expected)
    ? null
    : reject('header-dval', { claimed: toHex(header.dvalId), expected: toHex(expected) });
}

/** After the transactions of a block: votes, lock-in, expiry, activation, bonds back or to the pool (LED-26, LED-27). */
export function endOfBlock(
  _block: LedgerBlock,
  _view: LedgerView,
  _totals: MutableTotals,
  _context: LedgerContext,
): void {}
