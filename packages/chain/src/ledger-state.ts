// The state of the ledger as one consistent whole, of the tip or of the last final block, for whoever walks all of it. Walking takes a while:
// the generators give way after some thousand entries.

import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { LEDGER_TABLES, type LedgerReader } from '@resonancenet/ledger/ledger-view';
import { StateHash } from '@resonancenet/ledger/state-hash';
import { ChainError } from './chain-error.ts';
import type { Hex32 } from './events.ts';
import type { ChainReader } from './ports.ts';
import { decodeBlockRecord, decodeStateRecord, encodeHeight, type StateRecord, STATE_KEY } from './records.ts';
import { StoreView } from './store-view.ts';
import { decodeUndo } from './undo-record.ts';

export interface LedgerState {
  readonly blockId: Hex32;
  readonly height: number;
  readonly reader: LedgerReader;
}

export interface StateSummary {
  /** LED-30. */
  readonly stateHash: Uint8Array;
  /** Entries of each table, in the order of LEDGER_TABLES. */
  readonly counts: readonly bigint[];
}

/** Entries between two pauses. */
const ENTRIES_PER_TURN = 1_000;

const nothing = new Uint8Array(0);

/** After the tip. `reader`: a snapshot of the store. */
export function stateAtTip(reader: ChainReader): LedgerState {
  const { tip } = stateRecord(reader);
  return { blockId: tip, height: heightOf(reader, tip), reader: new StoreView(reader) };
}

/** After the last final block: what the blocks above it changed is taken back in memory. */
export function stateAtFinal(reader: ChainReader): LedgerState {
  const { tip, finalHeight, finalId } = stateRecord(reader);
  const view = new StoreView(reader);
  for (let height = heightOf(reader, tip); height > finalHeight; height--) {
    const id = view.get('heights', encodeHeight(height));
    const undo = id === null ? null : view.get('undo', id);
    if (id === null || undo === null) throw missing(`what undoes the block of height ${height}`);
    for (const { table, key, before } of decodeUndo(undo, toHex(id)))
      if (before === null) view.delete(table, key);
      else view.put(table, key, before);
  }
  return { blockId: finalId, height: finalHeight, reader: view };
}

/** Walks all tables: yields the number of entries so far, returns hash and counts. About 15 us for each entry. */
export function* summarize(reader: LedgerReader): Generator<number, StateSummary> {
  const sum = new StateHash();
  const counts = LEDGER_TABLES.map(() => 0n);
  let entries = 0;
  for (const [place, table] of LEDGER_TABLES.entries()) {
    for (const [key, value] of reader.range(table, nothing, null)) {
      sum.add(table, key, value);
      counts[place]! += 1n;
      entries += 1;
      if (entries % ENTRIES_PER_TURN === 0) yield entries;
    }
  }
  return { stateHash: sum.digest(), counts };
}

function stateRecord(reader: ChainReader): StateRecord {
  const bytes = reader.get('meta', STATE_KEY);
  if (bytes === null) throw missing('the record of its state');
  return decodeStateRecord(bytes);
}

function heightOf(reader: ChainReader, id: Hex32): number {
  const bytes = reader.get('headers', fromHex(id));
  if (bytes === null) throw missing(`block ${id}`);
  return decodeBlockRecord(bytes).header.height;
}

function missing(what: string): ChainError {
  return new ChainError('chain-corrupt', `The store lacks ${what}. Start once with --reindex.`);
}
