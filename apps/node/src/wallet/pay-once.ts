// Payments with a reference (WAL-47): however often one is asked for, it is paid once. The reference is on the disk with the payment, before anybody
// else has seen it.

import type { TxId } from '@resonancenet/primitives/ids';
import { moveReference, paidBefore, removeReference, writeReference } from '@resonancenet/wallet/payment-references';
import type { PaymentWish } from '@resonancenet/wallet/payment-wish';
import type { LoadedWallet } from './loaded-wallet.ts';
import { type BuildPayment, type Sent, sendNow, type SentNote } from './send-payment.ts';
import { hexId, type WalletPool } from './wallet-chain.ts';

/** An earlier call has paid it; nothing more was paid. */
export interface PaidBefore {
  readonly ok: true;
  readonly kind: 'paid-before';
  readonly txid: string;
}

/** @throws as `sendPayment` */
export function payOnce(
  wallet: LoadedWallet,
  pool: WalletPool,
  unixMs: number,
  reference: string,
  asked: PaymentWish,
  build: BuildPayment,
): Promise<Sent | PaidBefore> {
  return wallet.exclusively(async () => {
    const before = paidBefore(wallet.store, reference, asked);
    if (before === null) return sendNow(wallet, pool, unixMs, build, noteOf(reference));
    if ('ok' in before) return { ok: false, kind: 'problem', problem: before };
    return { ok: true, kind: 'paid-before', txid: hexId(before) };
  });
}

function noteOf(reference: string): SentNote {
  return {
    write: (view, txid) => writeReference(view, reference, txid),
    takeBack: (view, txid) => removeReference(view, reference, txid),
  };
}

/** The reference of a payment goes with what replaces it. */
export function noteOfReplacement(replaced: TxId, takenBack: boolean): SentNote {
  return {
    write: (view, txid) => moveReference(view, replaced, txid, takenBack),
    takeBack: (view, txid) => moveReference(view, txid, replaced, false),
  };
}
