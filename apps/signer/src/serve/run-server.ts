// The process that stays when a wallet is unlocked. It gets its job and the passphrase through descriptor 3.

import { rmSync } from 'node:fs';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { blockId } from '@resonancenet/primitives/header';
import { WalletFolder } from '../files/wallet-folder.ts';
import { completeRecord } from '../jobs/add-account.ts';
import { openSecret } from '../jobs/open-wallet.ts';
import { type ServeJob, networkOf } from '../signer-job.ts';
import { coreDumps } from './core-dumps.ts';
import { OpenedWallet } from './opened-wallet.ts';
import { serve } from './signer-server.ts';
import { socketPath } from './socket-path.ts';

/** Resolves when the wallet answers. @throws SignerError */
export async function runServer(job: ServeJob, passphrase: Uint8Array): Promise<Record<string, unknown>> {
  const params = networkOf(job);
  const folder = new WalletFolder(job.folder, job.name);
  const content = openSecret(folder, params, passphrase);
  passphrase.fill(0);
  const lock = folder.lock();
  let completed: boolean;
  let wallet: OpenedWallet;
  try {
    completed = completeRecord(folder, content, params);
    wallet = new OpenedWallet(content, params, blockId(genesisHeader(params)));
  } catch (error) {
    lock.release();
    throw error;
  }
  const path = socketPath(folder.path);
  const end = (): void => {
    wallet.wipe();
    if (process.platform !== 'win32') rmSync(path, { force: true });
    lock.release();
    process.exit(0);
  };
  const locksAtUnixMs = job.seconds === null ? null : Date.now() + 1_000 * job.seconds;
  try {
    await serve({ wallet, path, locksAtUnixMs, end });
  } catch (error) {
    lock.release();
    throw error;
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
  return { name: job.name, pid: process.pid, socket: path, locksAtUnixMs, completed, coreDumps: coreDumps() };
}
