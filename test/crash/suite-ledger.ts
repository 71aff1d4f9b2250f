// The network's rules with a place to die in the middle of a block: after some entry was changed in memory, before the block is whole.

import { toHex } from '@resonancenet/bytes/hex';
import { type Ledger, networkLedger } from '@resonancenet/chain/ledger';
import type { ChainStore } from '@resonancenet/chain/ports';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import type { LedgerView } from '@resonancenet/ledger/ledger-view';
import { blockId } from '@resonancenet/primitives/header';
import { type CrashPoint, crashPoint } from '@resonancenet/storage/crash-point';
import { crashParams } from './crash-script.ts';

/** Passes the point with every entry that a block puts or deletes. */
export function dyingLedger(point: CrashPoint): Ledger {
  const ledger = networkLedger(crashParams, toHex(blockId(genesisHeader(crashParams))));
  return { connect: (block, view, lossOf) => ledger.connect(block, dyingView(view, point), lossOf) };
}

function dyingView(view: LedgerView, point: CrashPoint): LedgerView {
  return {
    get: (table, key) => view.get(table, key),
    range: (table, from, to) => view.range(table, from, to),
    put: (table, key, value) => {
      view.put(table, key, value);
      crashPoint(point);
    },
    create: (table, key, value) => {
      view.create(table, key, value);
      crashPoint(point);
    },
    delete: (table, key) => {
      view.delete(table, key);
      crashPoint(point);
    },
    remove: (table, key, value) => {
      view.remove(table, key, value);
      crashPoint(point);
    },
  };
}

/** Passes `disconnect-inside` with every undo record that is read, which nothing but disconnecting asks for: blocks above may be undone already. */
export function dyingStore(store: ChainStore): ChainStore {
  return {
    get: (table, key) => {
      const value = store.get(table, key);
      if (table === 'undo') crashPoint('disconnect-inside');
      return value;
    },
    entries: (table) => store.entries(table),
    range: (table, from, to) => store.range(table, from, to),
    snapshot: () => store.snapshot(),
    write: (batch) => store.write(batch),
  };
}
