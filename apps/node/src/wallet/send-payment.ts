// From a built payment to one that is in the pool: signed by the wallet's signer, noted in the wallet, then sent. What is noted and not taken by the
// pool is sent again with the next blocks, so that a crash loses no payment and makes none twice.

import { encode } from '@resonancenet/bytes/encode';
import type { TxId } from '@resonancenet/primitives/ids';
import { type Transaction, transactionCodec, txid } from '@resonancenet/primitives/transaction';
import { crashPoint } from '@resonancenet/storage/crash-point';
import { recordSent } from '@resonancenet/wallet/change-place';
import { readCoin } from '@resonancenet/wallet/coin-table';
import { finaliseRntp } from '@resonancenet/wallet/finalise-rntp';
import type { BuiltPayment } from '@resonancenet/wallet/payment-wish';
import { pendingSpender, readPending, removePending } from '@resonancenet/wallet/pending-table';
import { decodeRntp, encodeRntp, type Rntp } from '@resonancenet/wallet/rntp';
import { explainRntpProblem } from '@resonancenet/wallet/rntp-problem';
import type { WalletProblem } from '@resonancenet/wallet/wallet-problem';
import type { WalletView } from '@resonancenet/wallet/wallet-view';
import { atOnce, type Work } from '@resonancenet/wallet/work';
import { inTurns } from './in-turns.ts';
import type { LoadedWallet } from './loaded-wallet.ts';
import { SignerClientError } from '@resonancenet/signer/signer-client';
import type { Signer } from './signer.ts';
import { hexId, type WalletPool } from './wallet-chain.ts';

/** Times that a payment is built in turns; then it is built at once. */
const MAX_TRIES = 3;

/** What became of a payment. */
export type Sent =
  | { readonly ok: true; readonly txid: string; readonly built: BuiltPayment; readonly transaction: Transaction }
  /** It could not be built; nothing has changed. */
  | { readonly ok: false; readonly kind: 'problem'; readonly problem: WalletProblem }
  /** Others must sign it too; nothing has changed. */
  | { readonly ok: false; readonly kind: 'incomplete'; readonly rntp: Uint8Array; readonly detail: string }
  /** The pool does not take it; the wallet does not keep it. */
  | { readonly ok: false; readonly kind: 'refused'; readonly detail: string };

/** What is written with a payment that is sent, and taken back with one that is refused. */
export interface SentNote {
  write(view: WalletView, txid: TxId): void;
  takeBack(view: WalletView, txid: TxId): void;
}

type Built = BuiltPayment | WalletProblem;

/** A payment, built at once or in parts. */
export type BuildPayment = () => Built | Work<Built>;

/**
 * Builds and sends one payment; two of one wallet never choose the same coins.
 * @throws SignerClientError; StorageError: what could not be noted is not sent
 */
export function sendPayment(
  wallet: LoadedWallet,
  pool: WalletPool,
  unixMs: number,
  build: BuildPayment,
  note: SentNote | null = null,
): Promise<Sent> {
  return wallet.exclusively(() => sendNow(wallet, pool, unixMs, build, note));
}

/** The same within the wallet's turn. @throws as `sendPayment` */
export async function sendNow(
  wallet: LoadedWallet,
  pool: WalletPool,
  unixMs: number,
  build: BuildPayment,
  note: SentNote | null,
): Promise<Sent> {
  const built = await builtPayment(wallet, build);
  if (!built.ok) return { ok: false, kind: 'problem', problem: built };
  crashPoint('payment-built');
  const signed = await signedBySigner(wallet.signer, built.rntp);
  const finalised = finaliseRntp(signed);
  if (!finalised.ok)
    return { ok: false, kind: 'incomplete', rntp: encodeRntp(signed), detail: explainRntpProblem(finalised) };
  crashPoint('payment-signed');
  const { transaction } = finalised;
  const refusal = await broadcast(wallet, pool, unixMs, transaction, note);
  return refusal === null
    ? { ok: true, txid: hexId(txid(transaction)), built, transaction }
    : { ok: false, kind: 'refused', detail: refusal };
}

/** Blocks that come while it is built may spend what it has chosen: then it is built again. */
async function builtPayment(wallet: LoadedWallet, build: BuildPayment): Promise<Built> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const made = build();
    if ('ok' in made) return made;
    const built = await inTurns(made);
    if (!built.ok || hasItsCoins(wallet, built)) return built;
  }
  const made = build();
  return 'ok' in made ? made : atOnce(made);
}

function hasItsCoins({ store }: LoadedWallet, { rntp }: BuiltPayment): boolean {
  return rntp.transaction.inputs.every(
    ({ outpoint }) =>
      pendingSpender(store, outpoint) === null &&
      (readCoin(store, outpoint) !== null || readPending(store, outpoint.txid) !== null),
  );
}

/** Notes a signed transaction and hands it in; why the pool refuses it, or null. No answer is no refusal: it is sent again. */
export async function broadcast(
  wallet: LoadedWallet,
  pool: WalletPool,
  unixMs: number,
  transaction: Transaction,
  note: SentNote | null = null,
): Promise<string | null> {
  const id = txid(transaction);
  wallet.sync.change((view) => {
    recordSent(view, wallet.accounts, transaction, BigInt(unixMs));
    note?.write(view, id);
  });
  crashPoint('payment-recorded');
  const said = await pool.submit(transaction);
  crashPoint('payment-submitted');
  if (said.kind !== 'refused') return null;
  wallet.sync.change((view) => {
    removePending(view, id);
    note?.takeBack(view, id);
  });
  // What it would have replaced is in the pool still.
  wallet.sync.comparePool();
  return said.reason;
}

/** A copy with the signatures of the signer's keys. @throws SignerClientError */
export async function signedBySigner(signer: Pick<Signer, 'sign'>, rntp: Rntp): Promise<Rntp> {
  const signed = decodeRntp(await signer.sign(encodeRntp(rntp)));
  if (!signed.ok)
    throw new SignerClientError('unreachable', `The signer's answer cannot be read: ${explainRntpProblem(signed)}`);
  const isSame = hexOf(signed.rntp) === hexOf(rntp);
  if (!isSame)
    throw new SignerClientError('unreachable', 'The signer gave back another transaction than it was given.');
  return signed.rntp;
}

function hexOf({ transaction }: Rntp): string {
  return Buffer.from(encode(transactionCodec, transaction)).toString('hex');
}
