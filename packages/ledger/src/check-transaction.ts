// A transaction on a state (LED-7 to LED-19): what it may do, and doing it. Blocks and the pool of unconfirmed transactions use the same rules.

import type { ReadAction } from '@resonancenet/consensus/read-actions';
import { rejectTransaction } from '@resonancenet/consensus/reject-transaction';
import { checkTransactionForm, checkTransactionSize } from '@resonancenet/consensus/transaction-checks';
import type { Rejection } from '@resonancenet/consensus/verdict';
import { TAG } from '@resonancenet/crypto/tags';
import type { TxId } from '@resonancenet/primitives/ids';
import { TransactionSighash } from '@resonancenet/primitives/sighash';
import { type Transaction, transactionLength, txid } from '@resonancenet/primitives/transaction';
import { applyAction, checkActions } from './check-actions.ts';
import { checkInputs, checkLockTime, type SpentCoin } from './check-inputs.ts';
import type { SignatureCheck } from './connect-result.ts';
import type { LedgerContext } from './ledger-context.ts';
import type { LedgerReader, LedgerView } from './ledger-view.ts';
import { type InputSignature, openLocks } from './open-locks.ts';
import { createOutput, spendOutput } from './outputs.ts';
import { announcementRefund, checkRecovery, releaseAnnouncementBond } from './recovery.ts';
import type { MutableTotals } from './totals.ts';

/** A transaction of which everything holds, if the signatures do. Amounts in resonances. */
export interface CheckedTransaction {
  readonly ok: true;
  readonly transaction: Transaction;
  readonly txid: TxId;
  /** What its inputs spend, in order. */
  readonly spent: readonly SpentCoin[];
  readonly actions: readonly ReadAction[];
  readonly fee: bigint;
  /** What its actions lock (LED-17, LED-24). */
  readonly bonds: bigint;
  /** Bond of an announcement that it uses first (LED-19). */
  readonly refund: bigint;
  readonly signatures: readonly SignatureCheck[];
}

/**
 * A transaction that is no coinbase, as a part of a block at `height` on a state: that of the block's parent, changed by what stands before it in
 * the block; for the pool that of the tip with the effects of unconfirmed transactions, at the tip's height + 1.
 */
export function checkTransaction(
  transaction: Transaction,
  height: number,
  view: LedgerReader,
  context: LedgerContext,
): CheckedTransaction | Rejection {
  const size = checkTransactionSize(transaction, transactionLength(transaction), context.params);
  if (!size.ok) return size;
  const form = checkTransactionForm(transaction, context.params);
  return form.ok ? checkOnState(transaction, height, view, context) : form;
}

/** The same for one whose size and form were checked with its block's body. */
export function checkOnState(
  transaction: Transaction,
  height: number,
  view: LedgerReader,
  context: LedgerContext,
): CheckedTransaction | Rejection {
  const locked = checkLockTime(transaction, height);
  if (locked !== null) return locked;
  const inputs = checkInputs(transaction, height, view, context);
  if (!inputs.ok) return inputs;
  const actions = checkActions(transaction, height, view, context);
  if (!actions.ok) return actions;
  const opened = openLocks(transaction, height, inputs.spent);
  if (!opened.ok) return opened;
  const held = sumOf(inputs.spent);
  const refund = opened.recoveries > 0 ? announcementRefund(inputs.spent[0]!.policy) : 0n;
  const taken = outputSum(transaction) + actions.bonds;
  const fee = held + refund - taken;
  if (opened.recoveries > 0) {
    const refusal = checkRecovery(transaction, inputs.spent, opened.recoveries, held, fee, context.params);
    if (refusal !== null) return refusal;
  }
  if (fee < 0n) return rejectTransaction(transaction, 'tx-insufficient', { held: held + refund, spent: taken });
  const sighash = new TransactionSighash(
    context.genesisId,
    transaction,
    inputs.spent.map(({ coin }) => coin),
  );
  const signatures: SignatureCheck[] = [];
  const refusal = nameInputSignatures(transaction, sighash, opened.signatures, signatures);
  if (refusal !== null) return refusal;
  nameActionSignatures(sighash, actions.actions, signatures);
  return {
    ok: true,
    transaction,
    txid: txid(transaction),
    spent: inputs.spent,
    actions: actions.actions,
    fee,
    bonds: actions.bonds,
    refund,
    signatures,
  };
}

/** What a transaction changes, right after its check on the same state: inputs, actions, outputs, in this order. */
export function applyTransaction(
  checked: CheckedTransaction,
  height: number,
  view: LedgerView,
  totals: MutableTotals,
  context: LedgerContext,
): void {
  for (const { key, coin, policy } of checked.spent) spendOutput(view, totals, key, coin, policy.lastSign, height);
  if (checked.refund > 0n) releaseAnnouncementBond(view, totals, checked.spent[0]!.coin.policyId);
  for (const action of checked.actions) applyAction(action, height, view, totals, context);
  const { outputs } = checked.transaction;
  for (let index = 0; index < outputs.length; index++) {
    createOutput(view, totals, checked.txid, index, outputs[index]!, height);
  }
}

function sumOf(spent: readonly SpentCoin[]): bigint {
  let sum = 0n;
  for (const { coin } of spent) sum += coin.amount;
  return sum;
}

function outputSum({ outputs }: Transaction): bigint {
  let sum = 0n;
  for (const { amount } of outputs) sum += amount;
  return sum;
}

function nameInputSignatures(
  transaction: Transaction,
  sighash: TransactionSighash,
  named: readonly InputSignature[],
  into: SignatureCheck[],
): Rejection | null {
  for (const { input, publicKey, leafHash, flag, signature } of named) {
    const message = sighash.input(input, flag, leafHash);
    if (message === null) {
      return rejectTransaction(transaction, 'tx-sighash-single', { input, outputs: transaction.outputs.length });
    }
    into.push({ publicKey, message, signature });
  }
  return null;
}

function nameActionSignatures(
  sighash: TransactionSighash,
  actions: readonly ReadAction[],
  into: SignatureCheck[],
): void {
  for (const [index, { content }] of actions.entries()) {
    if (content.kind === 'heartbeat') {
      const message = sighash.action(index, TAG.heartbeat);
      into.push({ publicKey: content.terms.livenessKey, message, signature: content.signature });
    } else if (content.kind === 'announce') {
      const message = sighash.action(index, TAG.announce);
      for (const { guardian, signature } of content.signatures) {
        into.push({ publicKey: content.terms.guardians[guardian]!, message, signature });
      }
    }
  }
}
