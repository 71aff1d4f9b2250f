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
import type { NodeNews } from '../node-events.ts';
import { loadSnapshot } from './ledger-files.ts';
import { RebuildPace } from './rebuild-pace.ts';

type LedgerConfig = Pick<NodeConfig, 'folder' | 'params' | 'reindex' | 'transactionIndex' | 'snapshot'>;

export interface OpeningPorts {
  readonly log: Logger;
  readonly onNews: (news: NodeNews) => void;
  /** Aborts when the node is to end before it is up. */
  readonly signal: AbortSignal;
}

/** @throws ChainError, StorageError, SnapshotError; the signal's reason if it aborts: the next start goes on */
export async function openChainStore(config: LedgerConfig, ports: OpeningPorts): Promise<LmdbChainStore> {
  const store = LmdbChainStore.open(join(config.folder, 'chain'));
  try {
    await prepareLedger(store, config, ports);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function prepareLedger(store: ChainStore, config: LedgerConfig, ports: OpeningPorts): Promise<void> {
  const { params, reindex, transactionIndex, snapshot } = config;
  const { log, signal } = ports;
  if (snapshot !== null) {
    log.info({ file: snapshot.file }, 'taking the state of the ledger from a snapshot');
    const header = await loadSnapshot(store, params, snapshot, signal);
    log.info({ block: toHex(header.blockId), height: header.height }, 'the snapshot is taken');
  }
  if (snapshot === null && !reindex && !isRebuildPending(store)) return;
  await rebuild(new LedgerRebuild({ params, store, transactionIndex }), ports);
}

async function rebuild(work: LedgerRebuild, { onNews, signal }: OpeningPorts): Promise<void> {
  const { tipHeight } = work.progress;
  const pace = new RebuildPace(work.progress, performance.now());
  do {
    const report = pace.report(work.progress, performance.now());
    if (report !== null) onNews({ type: 'rebuilding', ...report });
    await nextTurn();
    if (!signal.aborted) continue;
    work.save();
    onNews({ type: 'rebuild-stopped', height: work.progress.height, tipHeight });
    signal.throwIfAborted();
  } while (!work.step());
  onNews({ type: 'rebuilt', height: tipHeight });
}
