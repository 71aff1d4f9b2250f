// Connecting a block so that it can be undone: what the ledger changed becomes the block's undo record.

import type { ConnectResult } from '@resonancenet/ledger/connect-result';
import type { LedgerBlock } from '@resonancenet/ledger/ledger-context';
import { txid } from '@resonancenet/primitives/transaction';
import type { Ledger, LossLookup } from './ledger.ts';
import { encodePlace } from './records.ts';
import type { EntryChange, StoreView } from './store-view.ts';
import { keyText } from './table-changes.ts';
import { encodeUndo, UNDO_TABLES } from './undo-record.ts';

const undoTables: ReadonlySet<string> = new Set(UNDO_TABLES);

export interface JournaledConnect {
  readonly result: ConnectResult;
  /** Everything that the block changes, its undo record included; nothing if it is not connected. */
  readonly changes: readonly EntryChange[];
}

/** The view shows the state after the block if the result is `ok`, else it is as it was. */
export function connectJournaled(
  block: LedgerBlock,
  view: StoreView,
  ledger: Ledger,
  lossOf: LossLookup,
  transactionIndex: boolean,
): JournaledConnect {
  const mark = view.mark();
  const result = ledger.connect(block, view, lossOf);
  if (!result.ok) {
    view.rollback(mark);
    return { result, changes: [] };
  }
  if (transactionIndex) {
    let place = 0;
    for (const transaction of block.transactions)
      view.put('transactions', txid(transaction), encodePlace(block.header.height, place++));
  }
  const changes = view.changesSince(mark).filter(({ table }) => undoTables.has(table));
  const undo = encodeUndo(changes);
  view.put('undo', block.id, undo);
  changes.push({ table: 'undo', text: keyText(block.id), key: block.id, before: null, after: undo });
  return { result, changes };
}
