// Names that callers give to their payments, so that asking twice pays once (WAL-47): table `references`, key 0 || name in UTF-8, value txid || taken
// back u8; and key 1 || txid, value the name, for transactions that are replaced.

import { concatBytes, equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { fromUtf8, utf8 } from '@resonancenet/bytes/utf8';
import { HASH_LENGTH, type TxId } from '@resonancenet/primitives/ids';
import type { Output, Transaction } from '@resonancenet/primitives/transaction';
import { readConfirmed } from './history-table.ts';
import type { PaymentWish } from './payment-wish.ts';
import { readPending } from './pending-table.ts';
import { type WalletProblem, walletProblem } from './wallet-problem.ts';
import type { WalletReader, WalletView } from './wallet-view.ts';

/** UTF-8 bytes of a name. */
export const MAX_REFERENCE_BYTES = 64;

/** The payment of a name. */
interface ReferredPayment {
  readonly txid: TxId;
  /** It was replaced by one that pays everything back. */
  readonly takenBack: boolean;
}

/**
 * The transaction that has paid what is asked under this name; null: none has yet. A problem where the name was used, and what is asked is not, or not
 * for certain, on its way: it is never paid a second time.
 */
export function paidBefore(
  view: WalletReader,
  reference: string,
  asked: Pick<PaymentWish, 'payments' | 'sendAll'>,
): TxId | WalletProblem | null {
  const referred = readReference(view, reference);
  if (referred === null) return null;
  const { txid, takenBack } = referred;
  const refuse = (detail: string): WalletProblem =>
    walletProblem('reference-used', { reference, txid: toHex(txid), detail });
  if (takenBack) return refuse('it was taken back');
  const transaction = readPending(view, txid)?.transaction ?? readConfirmed(view, txid)?.transaction;
  if (transaction === undefined)
    return refuse(
      'it is not among the transactions that the wallet has: it was given up, or blocks are still being read',
    );
  return paysAll(transaction, asked) ? txid : refuse('it pays something else');
}

/** Of the payment that is about to be sent, in the same write as the payment itself. */
export function writeReference(view: WalletView, reference: string, txid: TxId): void {
  view.put('references', nameKey(reference), concatBytes(txid, Uint8Array.of(0)));
  view.put('references', idKey(txid), utf8(reference));
}

/** The payment was not sent: its name is free. */
export function removeReference(view: WalletView, reference: string, txid: TxId): void {
  view.delete('references', nameKey(reference));
  view.delete('references', idKey(txid));
}

/** Another transaction stands for a payment, or takes it back. Without a name nothing happens. */
export function moveReference(view: WalletView, from: TxId, to: TxId, takenBack: boolean): void {
  const name = view.get('references', idKey(from));
  if (name === null) return;
  view.delete('references', idKey(from));
  view.put('references', nameKey(fromUtf8(name)), concatBytes(to, Uint8Array.of(takenBack ? 1 : 0)));
  view.put('references', idKey(to), name);
}

function readReference(view: WalletReader, reference: string): ReferredPayment | null {
  const bytes = view.get('references', nameKey(reference));
  return bytes === null ? null : { txid: bytes.slice(0, HASH_LENGTH), takenBack: bytes[HASH_LENGTH] === 1 };
}

/** Whether each payment is an output of its own. */
function paysAll({ outputs }: Transaction, { payments, sendAll }: Pick<PaymentWish, 'payments' | 'sendAll'>): boolean {
  const left = [...outputs];
  const take = ({ lockId, policyId }: Pick<Output, 'lockId' | 'policyId'>, amount: bigint | null): boolean => {
    const at = left.findIndex(
      (output) =>
        equalBytes(output.lockId, lockId) &&
        equalBytes(output.policyId, policyId) &&
        (amount === null || output.amount === amount),
    );
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  };
  return payments.every((payment) => take(payment, payment.amount)) && (sendAll === null || take(sendAll, null));
}

function nameKey(reference: string): Uint8Array {
  return concatBytes(Uint8Array.of(0), utf8(reference));
}

function idKey(txid: TxId): Uint8Array {
  return concatBytes(Uint8Array.of(1), txid);
}
