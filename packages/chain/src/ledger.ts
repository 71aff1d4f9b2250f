// Where the state of the ledger hangs in. What its rules change goes through the view into the block's batch; undoing is not theirs: the chain
// journals what a block changed.

import type { ConnectResult } from '@resonancenet/ledger/connect-result';
import type { LedgerView } from '@resonancenet/ledger/ledger-view';
import type { BlockHeader } from '@resonancenet/primitives/header';
import { type Transaction, txid } from '@resonancenet/primitives/transaction';
import { encodeHeight } from './records.ts';

/** A block on a parent whose state the view shows. Ids are 32 bytes. */
export interface LedgerBlock {
  readonly id: Uint8Array;
  readonly header: BlockHeader;
  readonly parent: Pick<BlockHeader, 'valLoss' | 'checkpointRoot' | 'dvalId' | 'growth' | 'timestamp'>;
  /** The coinbase first. */
  readonly transactions: readonly Transaction[];
}

/** Loss of a checkpoint on a D_val in micro-nats; null if nobody has computed it yet. */
export type LossLookup = (checkpointRoot: Uint8Array, dvalId: Uint8Array) => number | null;

export interface Ledger {
  /** A function of the state and the block alone. On refusal the view may be half changed: the caller takes that back. */
  connect(block: LedgerBlock, view: LedgerView, lossOf: LossLookup): ConnectResult;
}

/** Blocks that hold nothing but their coinbase: its id and what it paid, by height. */
export const coinbaseLedger: Ledger = {
  connect({ header, transactions }, view) {
    const coinbase = transactions[0]!;
    view.put('ledger', encodeHeight(header.height), txid(coinbase));
    const reward = coinbase.outputs.reduce((sum, output) => sum + output.amount, 0n);
    return { ok: true, signatures: [], reward, fees: 0n };
  },
};
