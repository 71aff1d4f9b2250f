// Connecting a block to the state of its parent (LED-29): all rules that need the state, in their order. Undoing is the journal's.

import { assert } from '@resonancenet/bytes/assert';
import { type Rejection, reject } from '@resonancenet/consensus/verdict';
import { type Transaction, txid } from '@resonancenet/primitives/transaction';
import { lapse } from './ages.ts';
import { applyTransaction, checkOnState } from './check-transaction.ts';
import type { ConnectResult, SignatureCheck } from './connect-result.ts';
import { RETURNS_PER_BLOCK, settleReturns } from './deadlines.ts';
import { blockReward } from './emission.ts';
import type { LedgerBlock, LedgerContext } from './ledger-context.ts';
import type { LedgerView } from './ledger-view.ts';
import { createOutput } from './outputs.ts';
import { endOfBlock } from './rotation/end-of-block.ts';
import { requiredDval } from './rotation/required-dval.ts';
import { type MutableTotals, readTotals, writeTotals } from './totals.ts';

/**
 * Changes the state of the parent into that of the block. On a refusal, and when a loss is needed first, the view may be half changed: the caller
 * throws its changes away. `returnsPerBlock` is smaller in tests only.
 */
export function connectBlock(
  block: LedgerBlock,
  view: LedgerView,
  context: LedgerContext,
  returnsPerBlock: number = RETURNS_PER_BLOCK,
): ConnectResult {
  const { header } = block;
  const totals = readTotals(view);
  assert(totals.height + 1 === header.height, `a block of height ${header.height} on the state of ${totals.height}`);
  totals.height = header.height;
  const dval = requiredDval(block, view, context);
  if (!dval.ok) return dval;
  // From the totals of the parent, before anything lapses or returns at this height (LED-22).
  const { reward } = blockReward(header.parentLoss, header.valLoss, totals, context.params);
  lapse(view, totals, header.height);
  settleReturns(view, totals, header.height, returnsPerBlock);
  const [coinbase] = block.transactions;
  assert(coinbase !== undefined, 'a block has a coinbase');
  payCoinbase(coinbase, header.height, view, totals);
  const spends = connectTransactions(block, view, totals, context);
  if (!spends.ok) return spends;
  const refusal = checkCoinbaseAmount(coinbase, reward, spends.fees);
  if (refusal !== null) return refusal;
  totals.minted += reward;
  endOfBlock(block, dval.decision, view, totals, context);
  writeTotals(view, totals);
  return { ok: true, signatures: spends.signatures, reward, fees: spends.fees };
}

interface Spends {
  readonly ok: true;
  readonly signatures: readonly SignatureCheck[];
  readonly fees: bigint;
}

function connectTransactions(
  { header, transactions }: LedgerBlock,
  view: LedgerView,
  totals: MutableTotals,
  context: LedgerContext,
): Spends | Rejection {
  const limit = context.params.maxBlockSignatures;
  const signatures: SignatureCheck[] = [];
  let fees = 0n;
  let isCoinbase = true;
  for (const transaction of transactions) {
    if (isCoinbase) {
      isCoinbase = false;
      continue;
    }
    const checked = checkOnState(transaction, header.height, view, context);
    if (!checked.ok) return checked;
    for (const signature of checked.signatures) signatures.push(signature);
    if (signatures.length > limit) return reject('body-signature-count', { signatures: signatures.length, limit });
    applyTransaction(checked, header.height, view, totals, context);
    fees += checked.fee;
  }
  return { ok: true, signatures, fees };
}

/** The outputs of the coinbase; nothing in the block can spend them, they must mature (LED-9). */
function payCoinbase(coinbase: Transaction, height: number, view: LedgerView, totals: MutableTotals): void {
  const id = txid(coinbase);
  for (const [index, output] of coinbase.outputs.entries()) {
    createOutput(view, totals, id, index, output, height, true);
  }
}

/** The coinbase pays exactly what the block earns (LED-23). */
function checkCoinbaseAmount({ outputs }: Transaction, reward: bigint, fees: bigint): Rejection | null {
  const claimed = outputs.reduce((sum, output) => sum + output.amount, 0n);
  const expected = reward + fees;
  return claimed === expected ? null : reject('body-coinbase-amount', { claimed, expected, reward, fees });
}
