// Where the rules of the ledger hang in. What they change goes through the view into the block's batch; undoing is not theirs: the chain journals
// what a block changed.

import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { connectBlock } from '@resonancenet/ledger/connect-block';
import type { ConnectResult } from '@resonancenet/ledger/connect-result';
import type { LedgerBlock, LedgerContext } from '@resonancenet/ledger/ledger-context';
import type { LedgerView } from '@resonancenet/ledger/ledger-view';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { Hex32 } from './events.ts';

/** Loss of a checkpoint on a D_val in micro-nats; null if nobody has computed it yet. */
export type LossLookup = LedgerContext['lossOf'];

export interface Ledger {
  /** A function of the state and the block alone. On refusal the view may be half changed: the caller takes that back. */
  connect(block: LedgerBlock, view: LedgerView, lossOf: LossLookup): ConnectResult;
}

/** The rules of this network. */
export function networkLedger(params: NetworkParams, genesisId: Hex32): Ledger {
  const id = fromHex(genesisId);
  return { connect: (block, view, lossOf) => connectBlock(block, view, { params, genesisId: id, lossOf }) };
}

/** A loss that makes a proposal void (LED-27): more than twice any other. */
const VOID_LOSS = 0xffff_ffff;

/** Losses as the chain itself took them: a header says what it took, and a D_val that it did not use was void. */
export function trustedLosses(header: { readonly dvalId: Hex32; readonly parentLoss: number }): LossLookup {
  return (_, dvalId) => (toHex(dvalId) === header.dvalId ? header.parentLoss : VOID_LOSS);
}
