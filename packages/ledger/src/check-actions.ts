// Whether the actions of a transaction may be done now (LED-13, LED-16, LED-17), and what they change.

import { toHex } from '@resonancenet/bytes/hex';
import { type ReadAction, readActions } from '@resonancenet/consensus/read-actions';
import { rejectTransaction } from '@resonancenet/consensus/reject-transaction';
import type { Rejection } from '@resonancenet/consensus/verdict';
import type { PolicyId } from '@resonancenet/primitives/ids';
import type { Transaction } from '@resonancenet/primitives/transaction';
import type { Destination } from '@resonancenet/primitives/destination';
import { renewAges } from './ages.ts';
import { isReturnDue } from './deadlines.ts';
import type { LedgerContext } from './ledger-context.ts';
import type { LedgerReader, LedgerView } from './ledger-view.ts';
import { lapses, returns } from './policy-id.ts';
import { readPolicy, writePolicy } from './policy-registry.ts';
import { announcementBond, dropAnnouncement } from './recovery.ts';
import { applyRotationAction, checkRotationAction } from './rotation/rotation-actions.ts';
import type { MutableTotals } from './totals.ts';

/** Actions of a transaction that may all be done. */
export interface CheckedActions {
  readonly ok: true;
  readonly actions: readonly ReadAction[];
  /** What they lock, resonances. */
  readonly bonds: bigint;
}

/** All actions, on the state that stands before the transaction: no two of them are about the same thing (LED-7). */
export function checkActions(
  transaction: Transaction,
  height: number,
  view: LedgerReader,
  context: LedgerContext,
): CheckedActions | Rejection {
  const read = readActions(transaction, context.params);
  if (!read.ok) return read;
  let bonds = 0n;
  for (let index = 0; index < read.actions.length; index++) {
    const check = checkAction(transaction, index, read.actions[index]!, height, view, context);
    if (!check.ok) return check;
    bonds += check.bond;
  }
  return { ok: true, actions: read.actions, bonds };
}

/** What an action that passed its check changes in a block at `height`. */
export function applyAction(
  action: ReadAction,
  height: number,
  view: LedgerView,
  totals: MutableTotals,
  context: LedgerContext,
): void {
  const { content, subject } = action;
  switch (content.kind) {
    case 'heartbeat':
      applyHeartbeat(subject, height, view, totals);
      break;
    case 'announce':
      applyAnnouncement(subject, content.destination, height, view, totals);
      break;
    case 'propose':
    case 'reveal':
      applyRotationAction(action, height, view, totals, context);
      break;
  }
}

function checkAction(
  transaction: Transaction,
  index: number,
  action: ReadAction,
  height: number,
  view: LedgerReader,
  context: LedgerContext,
): { readonly ok: true; readonly bond: bigint } | Rejection {
  const { content, subject } = action;
  switch (content.kind) {
    case 'heartbeat':
      return checkHeartbeat(transaction, index, subject, height, view) ?? { ok: true, bond: 0n };
    case 'announce':
      return { ok: true, bond: announcementBond(readPolicy(view, subject)) };
    case 'propose':
    case 'reveal':
      return checkRotationAction(transaction, index, action, height, view, context);
  }
}

/** What must return is not revived (LED-13). */
function checkHeartbeat(
  transaction: Transaction,
  action: number,
  id: PolicyId,
  height: number,
  view: LedgerReader,
): Rejection | null {
  if (!returns(id) || !isReturnDue(view, id, readPolicy(view, id).lastSign, height)) return null;
  return rejectTransaction(transaction, 'tx-heartbeat-due', { action, policy: toHex(id), height });
}

function applyHeartbeat(id: PolicyId, height: number, view: LedgerView, totals: MutableTotals): void {
  const policy = readPolicy(view, id);
  if (lapses(id)) renewAges(view, totals, id, height);
  dropAnnouncement(totals, policy);
  writePolicy(view, id, { ...policy, lastSign: height, announcement: null });
}

function applyAnnouncement(
  id: PolicyId,
  destination: Destination,
  height: number,
  view: LedgerView,
  totals: MutableTotals,
): void {
  const policy = readPolicy(view, id);
  dropAnnouncement(totals, policy);
  totals.bonds += announcementBond(policy);
  const announcement = { height, destination, bonded: policy.announcedBefore };
  writePolicy(view, id, { ...policy, announcedBefore: true, announcement });
}
