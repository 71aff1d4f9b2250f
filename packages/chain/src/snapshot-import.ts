// Takes a snapshot over as the state of the ledger. It is read twice: the first time nothing is changed, the second time it is stored. The blocks
// above it are connected by the rebuild that follows, so that the end is the state of the tip.

import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { assert } from '@resonancenet/bytes/assert';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { LEDGER_TABLES } from '@resonancenet/ledger/ledger-view';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { blockId } from '@resonancenet/primitives/header';
import { chainLimits } from './chain-limits.ts';
import { encodeLedgerRecord, LEDGER_KEY, type LedgerRecord } from './ledger-record.ts';
import { clearTables } from './ledger-rebuild.ts';
import type { ChainStore } from './ports.ts';
import { decodeBlockRecord, decodeStateRecord, encodeHeight, STATE_KEY } from './records.ts';
import type { SnapshotHeader } from './snapshot-format.ts';
import {
  readSnapshotEntries,
  readSnapshotHeader,
  type SnapshotRefusal,
  type SnapshotSource,
} from './snapshot-reader.ts';
import { StoreView } from './store-view.ts';
import { UNDO_TABLES } from './undo-record.ts';

export interface ImportOptions {
  readonly params: NetworkParams;
  readonly store: ChainStore;
  readonly source: SnapshotSource;
  /** The state hash that the operator trusts (LED-30): the file alone proves nothing. */
  readonly stateHash: Uint8Array;
  readonly changesPerStep?: number;
}

export interface ImportProgress {
  readonly phase: 'verify' | 'clear' | 'load';
  readonly bytes: number;
  readonly of: number;
}

export type ImportResult = { readonly ok: true; readonly header: SnapshotHeader } | SnapshotRefusal;

/**
 * Nothing runs on the store meanwhile. On success the store waits for a LedgerRebuild without an index of transactions, which connects the blocks
 * above the snapshot. A refusal leaves the store as it was; whoever is interrupted after that starts with a rebuild from the first block.
 */
export function* importSnapshot(options: ImportOptions): Generator<ImportProgress, ImportResult> {
  const { params, store, source, stateHash, changesPerStep = chainLimits.changesPerStep } = options;
  const start = readSnapshotHeader(source);
  if (!start.ok) return start;
  const { header } = start;
  const misplaced = checkPlace(header, store, params);
  if (misplaced !== null) return misplaced;
  const of = source.length;
  const verifying = readSnapshotEntries(source, header, stateHash, () => undefined);
  let turn = verifying.next();
  for (; turn.done !== true; turn = verifying.next()) yield { phase: 'verify', bytes: turn.value, of };
  if (turn.value !== null) return turn.value;

  const view = new StoreView(store);
  const write = (phase: LedgerRecord['phase'], height: number): void => {
    view.put('meta', LEDGER_KEY, encodeLedgerRecord({ phase, height, transactionIndex: false }));
    view.setPurpose('rebuild');
    store.write(view.take());
  };
  write('load', 0);
  for (let more = true; more; ) {
    more = clearTables(view, UNDO_TABLES, changesPerStep);
    write('load', 0);
    yield { phase: 'clear', bytes: 0, of };
  }
  const loading = readSnapshotEntries(source, header, stateHash, ({ table, key, value }) =>
    view.put(LEDGER_TABLES[table]!, key, value),
  );
  let loaded = loading.next();
  for (; loaded.done !== true; loaded = loading.next()) {
    if (view.size >= changesPerStep) write('load', 0);
    yield { phase: 'load', bytes: loaded.value, of };
  }
  assert(loaded.value === null, 'the file changed while it was read');
  write('connect', header.height);
  return { ok: true, header };
}

/** Whether the snapshot is of a final block of this node's chain. */
function checkPlace(header: SnapshotHeader, store: ChainStore, params: NetworkParams): SnapshotRefusal | null {
  const genesisId = blockId(genesisHeader(params));
  if (!equalBytes(header.genesisId, genesisId)) {
    const detail = `the snapshot is of the network with genesis ${toHex(header.genesisId)}, ${params.name} has ${toHex(genesisId)}`;
    return { ok: false, code: 'snapshot-network', detail };
  }
  const id = toHex(header.blockId);
  const record = store.get('headers', header.blockId);
  if (record === null || decodeBlockRecord(record).header.height !== header.height) {
    const detail = `block ${id} of height ${header.height} is not known here: wait until the node has its header`;
    return { ok: false, code: 'snapshot-unknown-block', detail };
  }
  const state = store.get('meta', STATE_KEY);
  const finalHeight = state === null ? 0 : decodeStateRecord(state).finalHeight;
  const active = store.get('heights', encodeHeight(header.height));
  if (header.height <= finalHeight && active !== null && equalBytes(active, header.blockId)) return null;
  const detail = `block ${id} of height ${header.height} is not final here: the last final height is ${finalHeight}`;
  return { ok: false, code: 'snapshot-not-final', detail };
}
