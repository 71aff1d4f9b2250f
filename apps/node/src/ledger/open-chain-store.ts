// Before the chain starts: the state of the ledger is taken from a snapshot or rebuilt if the operator wants that, and a rebuild that was
// interrupted is finished.

import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { toHex } from '@resonancenet/bytes/hex';
import { isRebuildPending, LedgerRebuild } from '@resonancenet/chain/ledger-rebuild';
import type { ChainStore } from '@resonancenet/chain/ports';
import { LmdbChainStore } from '@resonancenet/storage/lmdb-chain-store';
import type { Logger } from 'pino';
import type { NodeConfig } from '../config/node-config.ts';
import { loadSnapshot } from './ledger-files.ts';

const logEveryMs = 5_000;

type LedgerConfig = Pick<NodeConfig, 'folder' | 'params' | 'reindex' | 'transactionIndex' | 'snapshot'>;

/** @throws ChainError, StorageError, SnapshotError */
export async function openChainStore(config: LedgerConfig, log: Logger): Promise<LmdbChainStore> {
  const store = LmdbChainStore.open(join(config.folder, 'chain'));
  try {
    await prepareLedger(store, config, log);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function prepareLedger(store: ChainStore, config: LedgerConfig, log: Logger): Promise<void> {
  const { params, reindex, transactionIndex, snapshot } = config;
  if (snapshot !== null) {
    log.info({ file: snapshot.file }, 'taking the state of the ledger from a snapshot');
    const header = await loadSnapshot(store, params, snapshot.file, snapshot.stateHash);
    log.info({ block: toHex(header.blockId), height: header.height }, 'the snapshot is taken');
  }
  if (snapshot === null && !reindex && !isRebuildPending(store)) return;
  const work = new LedgerRebuild({ params, store, transactionIndex });
  for (let loggedAt = Number.NEGATIVE_INFINITY; ; ) {
    if (performance.now() - loggedAt > logEveryMs) {
      log.info({ ...work.progress }, 'rebuilding the state of the ledger; it goes on after a restart');
      loggedAt = performance.now();
    }
    if (work.step()) break;
    await nextTurn();
  }
  log.info({ height: work.progress.tipHeight }, 'the state of the ledger is rebuilt');
}
