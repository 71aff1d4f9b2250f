// Checks of a block's body against its header (CON-14 to CON-20). The body's bytes have been decoded within their bounds (BLK-6).

import { assert } from '@resonancenet/bytes/assert';
import type { Codec } from '@resonancenet/bytes/codec';
import { equalBytes } from '@resonancenet/bytes/compare';
import { decodeLent } from '@resonancenet/bytes/decode';
import { withEncoded } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { type BlockBody, bodyCodecOf } from '@resonancenet/primitives/block';
import { checkCoinbase, isCoinbase } from '@resonancenet/primitives/coinbase';
import { type BlockHeader, HEADER_LENGTH } from '@resonancenet/primitives/header';
import { type Transaction, transactionCodec, txRootOf, wtxLeafOf } from '@resonancenet/primitives/transaction';
import { aggregateLoss, maxWindowSum } from './loss.ts';
import { lossRoot } from './loss-root.ts';
import { checkTransactionForm, checkTransactionSize } from './transaction-checks.ts';
import { ACCEPTED, type Rejection, reject, type Verdict } from './verdict.ts';

/** Size of a block from the length of its encoded body, before anything is decoded (CON-16). */
export function checkBodySize(bodyBytes: number, params: NetworkParams): Verdict {
  const bytes = HEADER_LENGTH + bodyBytes;
  return bytes > params.maxBlockBytes ? reject('body-size', { bytes, limit: params.maxBlockBytes }) : ACCEPTED;
}

/** The whole body, window sums first. */
export function checkBody(header: BlockHeader, body: BlockBody, params: NetworkParams): Verdict {
  const sums = checkWindowSums(header, body.windowSums, params);
  if (!sums.ok) return sums;
  const check = new TransactionsCheck(params);
  for (const transaction of body.transactions) {
    withEncoded(transactionCodec, transaction, (bytes) => check.add(transaction, bytes));
  }
  return check.verdict(header);
}

/** A body that passed its checks. */
export interface CheckedBody {
  readonly ok: true;
  /** Its transactions with actions; they are parts of its bytes. */
  readonly acting: readonly Transaction[];
}

/**
 * The same of an encoded body, and its encoding first. Each transaction is let go before the next one is decoded: those of a full block at once would outlive what is made
 * to check each of them, and cost more than the checks.
 */
export function checkEncodedBody(
  header: BlockHeader,
  bytes: Uint8Array,
  params: NetworkParams,
): CheckedBody | Rejection {
  const size = checkBodySize(bytes.length, params);
  if (!size.ok) return size;
  const check = new TransactionsCheck(params);
  const decoded = decodeLent(bodyCodecOf(params, taken(transactionCodec, bytes, check)), bytes);
  if (!decoded.ok) return reject('body-malformed', { detail: decoded.error.message });
  const sums = checkWindowSums(header, decoded.value.windowSums, params);
  const verdict = sums.ok ? check.verdict(header) : sums;
  return verdict.ok ? { ok: true, acting: check.acting } : verdict;
}

/** Reads a transaction, and leaves nothing of it but what the check notes. */
function taken(codec: Codec<Transaction>, body: Uint8Array, check: TransactionsCheck): Codec<null> {
  return {
    minSize: codec.minSize,
    read: (reader) => {
      const start = reader.offset;
      const transaction = codec.read(reader);
      check.add(transaction, body.subarray(start, reader.offset));
      return null;
    },
    write: () => assert(false, 'what is left of a transaction cannot be written'),
  };
}

/**
 * Window sums against `loss_root` and `val_loss` (CON-14, CON-15). The root comes first: only sums that the header commits to can condemn it.
 */
export function checkWindowSums(
  header: Pick<BlockHeader, 'lossRoot' | 'valLoss'>,
  windowSums: readonly number[],
  params: NetworkParams,
): Verdict {
  // An empty list has no root; it is no list that a header can commit to.
  const computed = windowSums.length === 0 ? new Uint8Array(32) : lossRoot(windowSums).hash;
  if (windowSums.length === 0 || !equalBytes(computed, header.lossRoot)) {
    return reject('body-loss-root', { claimed: toHex(header.lossRoot), computed: toHex(computed) });
  }
  const { windows, windowSize } = params.dval;
  if (windowSums.length !== windows) {
    return reject('body-window-count', { claimed: windowSums.length, expected: windows });
  }
  const limit = maxWindowSum(windowSize);
  const outside = windowSums.findIndex((sum) => sum > limit);
  if (outside >= 0) return reject('body-window-range', { window: outside, claimed: windowSums[outside]!, limit });
  const { valLoss } = aggregateLoss(windowSums, windowSize);
  return valLoss === header.valLoss
    ? ACCEPTED
    : reject('body-val-loss', { claimed: header.valLoss, computed: valLoss });
}

/** What the checks of transactions need of them all, each looked at once with its bytes. */
class TransactionsCheck {
  /** Those with actions. */
  readonly acting: Transaction[] = [];
  readonly #params: NetworkParams;
  readonly #leaves: Uint8Array[] = [];
  readonly #coinbases: number[] = [];
  #first: Transaction | null = null;
  #size: Verdict = ACCEPTED;
  #form: Verdict = ACCEPTED;

  constructor(params: NetworkParams) {
    this.#params = params;
  }

  /** The next one, in block order. */
  add(transaction: Transaction, bytes: Uint8Array): void {
    this.#first ??= transaction;
    if (isCoinbase(transaction)) this.#coinbases.push(this.#leaves.length);
    else if (this.#form.ok) this.#form = checkTransactionForm(transaction, this.#params);
    this.#leaves.push(wtxLeafOf(bytes));
    if (this.#size.ok) this.#size = checkTransactionSize(transaction, bytes.length, this.#params);
    if (transaction.actions.length > 0) this.acting.push(transaction);
  }

  /** Against `tx_root`, limits, the coinbase's form and what else needs no state (CON-16, CON-18 to CON-20). */
  verdict(header: Pick<BlockHeader, 'txRoot' | 'height'>): Verdict {
    const first = this.#first;
    const computed = first === null ? new Uint8Array(32) : txRootOf(this.#leaves);
    if (first === null || !equalBytes(computed, header.txRoot)) {
      return reject('body-tx-root', { claimed: toHex(header.txRoot), computed: toHex(computed) });
    }
    if (!this.#size.ok) return this.#size;
    const [place] = this.#coinbases;
    if (place === undefined || this.#coinbases.length > 1) {
      return reject('body-coinbase-count', { claimed: this.#coinbases.length, expected: 1 });
    }
    if (place !== 0) return reject('body-coinbase-place', { transaction: place });
    const coinbase = checkCoinbaseOf(header.height, first, this.#params);
    return coinbase.ok ? this.#form : coinbase;
  }
}

function checkCoinbaseOf(height: number, coinbase: Transaction, params: NetworkParams): Verdict {
  const verdict = checkCoinbase(coinbase, height, params.recovery);
  if (verdict.ok) return ACCEPTED;
  switch (verdict.code) {
    case 'coinbase-form':
      return reject('body-coinbase-form', { detail: verdict.detail });
    case 'coinbase-height':
      return reject('body-coinbase-height', { claimed: verdict.actual, expected: verdict.expected });
    case 'coinbase-destination':
      return reject('body-coinbase-destination', { output: verdict.output, detail: verdict.detail });
  }
}
