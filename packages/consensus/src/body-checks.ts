// Checks of a block's body against its header (CON-14 to CON-20). The body's bytes have been decoded within their bounds (BLK-6).

import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { BlockBody } from '@resonancenet/primitives/block';
import { checkCoinbase, isCoinbase } from '@resonancenet/primitives/coinbase';
import { type BlockHeader, HEADER_LENGTH } from '@resonancenet/primitives/header';
import { type Transaction, transactionLength, txRoot } from '@resonancenet/primitives/transaction';
import { aggregateLoss, maxWindowSum } from './loss.ts';
import { lossRoot } from './loss-root.ts';
import { checkTransactionForm, checkTransactionSize } from './transaction-checks.ts';
import { ACCEPTED, reject, type Verdict } from './verdict.ts';

/** Size of a block from the length of its encoded body, before anything is decoded (CON-16). */
export function checkBodySize(bodyBytes: number, params: NetworkParams): Verdict {
  const bytes = HEADER_LENGTH + bodyBytes;
  return bytes > params.maxBlockBytes ? reject('body-size', { bytes, limit: params.maxBlockBytes }) : ACCEPTED;
}

/** The whole body: window sums first, they are cheaper. */
export function checkBody(header: BlockHeader, body: BlockBody, params: NetworkParams): Verdict {
  const sums = checkWindowSums(header, body.windowSums, params);
  return sums.ok ? checkTransactions(header, body.transactions, params) : sums;
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

/** Transactions against `tx_root`, limits, the coinbase's form and what else needs no state (CON-16, CON-18 to CON-20). */
export function checkTransactions(
  header: Pick<BlockHeader, 'txRoot' | 'height'>,
  transactions: readonly Transaction[],
  params: NetworkParams,
): Verdict {
  const computed = transactions.length === 0 ? new Uint8Array(32) : txRoot(transactions);
  if (transactions.length === 0 || !equalBytes(computed, header.txRoot)) {
    return reject('body-tx-root', { claimed: toHex(header.txRoot), computed: toHex(computed) });
  }
  for (const transaction of transactions) {
    const size = checkTransactionSize(transaction, transactionLength(transaction), params);
    if (!size.ok) return size;
  }
  const coinbases = transactions.flatMap((transaction, index) => (isCoinbase(transaction) ? [index] : []));
  const [place] = coinbases;
  if (place === undefined || coinbases.length > 1) {
    return reject('body-coinbase-count', { claimed: coinbases.length, expected: 1 });
  }
  if (place !== 0) return reject('body-coinbase-place', { transaction: place });
  const coinbase = checkCoinbaseOf(header.height, transactions[0]!, params);
  if (!coinbase.ok) return coinbase;
  for (let index = 1; index < transactions.length; index++) {
    const form = checkTransactionForm(transactions[index]!, params);
    if (!form.ok) return form;
  }
  return ACCEPTED;
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
