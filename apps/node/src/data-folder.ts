// What lies in the data directory, opened and made whole before the node starts.

import { join } from 'node:path';
import { CheckpointFiles } from '@resonancenet/storage/checkpoint-files';
import { type DataDirLock, lockDataDir } from '@resonancenet/storage/data-dir-lock';
import type { LmdbChainStore } from '@resonancenet/storage/lmdb-chain-store';
import type { NodeConfig } from './config/node-config.ts';
import { type OpeningPorts, openChainStore } from './ledger/open-chain-store.ts';
import { DvalFolder, prepareDvals, prepareGenesisCheckpoint } from './network/network-data.ts';

/** What is in use until the node ends. */
export interface DataFolder {
  readonly lock: DataDirLock;
  readonly dvals: DvalFolder;
  readonly checkpoints: CheckpointFiles;
  readonly store: LmdbChainStore;
}

/**
 * Opens the folder, checks or builds what is missing, and hands all of it to `use`; if that throws, another process may have the folder.
 * @throws errors with code and fix for every operational trouble (directory in use, disk, network data); the signal's reason if it aborts
 */
export async function withDataFolder<T>(
  config: NodeConfig,
  ports: OpeningPorts,
  use: (folder: DataFolder) => Promise<T>,
): Promise<T> {
  const lock = lockDataDir(config.folder);
  try {
    const dvals = new DvalFolder(config.params, config.suppliedDvals ?? join(config.folder, 'dvals'));
    await prepareDvals(config.params, dvals);
    const checkpoints = new CheckpointFiles(join(config.folder, 'checkpoints'), {
      onDamage: (root, detail) => ports.log.warn({ root, detail }, 'a checkpoint was damaged'),
    });
    prepareGenesisCheckpoint(config.params, checkpoints, join(config.folder, 'scratch'));
    return await use({ lock, dvals, checkpoints, store: await openChainStore(config, ports) });
  } catch (error) {
    lock.release();
    throw error;
  }
}
